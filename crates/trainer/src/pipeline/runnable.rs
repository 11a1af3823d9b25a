use std::fmt::Debug;

use trainer_collate::Batch;
use trainer_models::{
    BaseModel, Compute, Mode, Model, ModelOutput, Parameters, Prepared, PretrainedModel, Result,
};

/// What pipelines do with a model, with a head or without.
pub(super) trait Runnable: Debug + Send + Sized {
    /// The same weights once more, for another thread.
    fn shallow_clone(&self) -> Result<Self>;

    /// The most tokens of a row.
    fn max_length(&self) -> Option<usize>;

    fn parameters(&self) -> &Parameters;

    fn prepare(&self, batch: Batch, compute: Compute) -> Result<Prepared>;

    /// Outputs that lie as in the batch, padding included.
    fn run(&self, prepared: &Prepared) -> Result<ModelOutput>;
}

impl Runnable for PretrainedModel {
    fn shallow_clone(&self) -> Result<Self> {
        self.shallow_clone()
    }

    fn max_length(&self) -> Option<usize> {
        self.max_length()
    }

    fn parameters(&self) -> &Parameters {
        Model::parameters(self)
    }

    fn prepare(&self, batch: Batch, compute: Compute) -> Result<Prepared> {
        Model::prepare(self, batch, compute)
    }

    fn run(&self, prepared: &Prepared) -> Result<ModelOutput> {
        self.forward(prepared, Mode::Eval)
    }
}

impl Runnable for BaseModel {
    fn shallow_clone(&self) -> Result<Self> {
        self.shallow_clone()
    }

    fn max_length(&self) -> Option<usize> {
        self.max_length()
    }

    fn parameters(&self) -> &Parameters {
        self.parameters()
    }

    fn prepare(&self, batch: Batch, compute: Compute) -> Result<Prepared> {
        self.prepare(batch, compute)
    }

    fn run(&self, prepared: &Prepared) -> Result<ModelOutput> {
        let states = self.forward(prepared, Mode::Eval)?.last_hidden_state;
        let states = prepared.pass(Mode::Eval).layout.unpack(states)?;
        let outputs = [("last_hidden_state", states)].into_iter().collect();
        Ok(ModelOutput::new(outputs))
    }
}
