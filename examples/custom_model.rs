//! A model, an optimizer and a schedule of one's own, trained, saved and loaded like those of the library: a classifier on the
//! mean of word embeddings, steps by the gradient's sign, and a rate that falls with the root of the steps.
//!
//! ```text
//! cargo run --release --example custom_model
//! ```

use tch::{Kind, Tensor};
use trainer::core::optimizer::{OptimizerError, ParamGroup, RuleOptimizer, decay_parameter_groups};
use trainer::core::optimizer::{SavedGroup, SavedState, UpdateRule};
use trainer::core::schedule::LambdaLr;
use trainer::models::{Result as Made, check_inputs, heads, layers::Embedding, register_family};
use trainer::prelude::*;

/// The mean of a row's embeddings.
#[derive(Debug)]
struct Bag(Embedding);

impl Backbone for Bag {
    fn input_names(&self) -> &'static [&'static str] {
        &["input_ids"]
    }
    fn prepare(&self, inputs: &mut Batch) -> Made<[i64; 2]> {
        check_inputs(inputs, i64::MAX, &[("input_ids", 50)])
    }
    fn forward(&self, inputs: &Batch, _: Pass<'_>) -> Made<BackboneOutput> {
        let states = self.0.forward(inputs.require("input_ids")?)?;
        let mean = states.f_mean_dim([1].as_slice(), false, Kind::Float)?;
        Ok(BackboneOutput::new(states, Some(mean)))
    }
}

/// Fifty words, sixteen numbers each.
#[derive(Debug)]
struct BagOfWords;

impl Family for BagOfWords {
    fn model_type(&self) -> &'static str {
        "bag_of_words"
    }
    fn class_name(&self) -> &'static str {
        "BagOfWords"
    }
    fn read_config(&self, _: &PretrainedConfig) -> Made<FamilyConfig> {
        Ok(FamilyConfig::new(16))
    }
    fn backbone(
        &self,
        scope: &Scope<'_>,
        _: &PretrainedConfig,
        _: bool,
    ) -> Made<Box<dyn Backbone>> {
        Ok(Box::new(Bag(Embedding::new(
            &(scope / "words"),
            50,
            16,
            None,
        )?)))
    }
    fn sequence_head(&self) -> heads::HeadKind {
        heads::PooledHead::KIND
    }
}

/// Steps by the sign of the gradient, and keeps nothing.
#[derive(Clone, Debug)]
struct SignSgd;

impl UpdateRule for SignSgd {
    const NAME: &'static str = "SignSGD";
    type State = ();

    fn new_state(&self, _: &Tensor) -> Result<(), OptimizerError> {
        Ok(())
    }
    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        _: &mut (),
    ) -> Result<(), OptimizerError> {
        let _ = param.f_sub_(&grad.f_sign()?.f_mul_scalar(group.lr)?)?;
        Ok(())
    }
    fn from_options(_: &SavedGroup<'_>) -> Result<Self, OptimizerError> {
        Ok(Self)
    }
    fn unpack(&self, _: &SavedState<'_>) -> Result<(), OptimizerError> {
        Ok(())
    }
}

/// Rows of 8 words; the label says whether their numbers are large.
fn rows(count: i64) -> trainer::Result<Dataset> {
    let words = |row: i64| (0..8).map(move |at| (row * 31 + at * at * 7 + row * at) % 50);
    let labels = (0..count).map(|row| i64::from(words(row).sum::<i64>() > 196));
    let words = (0..count).map(|row| words(row).collect::<Vec<_>>());
    let columns = Columns::new()
        .with("input_ids", Column::int_lists(words))
        .with("label", Column::ints(labels));
    Ok(Dataset::from_columns(columns)?)
}

fn main() -> trainer::Result<()> {
    register_family(&BagOfWords)?;
    let config = PretrainedConfig::from_json(r#"{"model_type": "bag_of_words"}"#, "main")?;
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(2))?;
    let (train, validation) = (rows(1000)?, rows(200)?);
    let mut trainer = Trainer::builder(model, TrainingArguments::new("out/custom_model"))
        .train_dataset(&train)
        .eval_dataset(&validation)
        .compute_metrics(glue_metric("mrpc")?)
        .optimizer(|weights| {
            Ok(Box::new(RuleOptimizer::new(
                decay_parameter_groups(weights, 0.0, 0.01),
                SignSgd,
            )?))
        })
        .schedule(|groups, _| {
            Ok(Box::new(LambdaLr::new(
                |step| (1.0 + step / 50.0).powf(-0.5),
                groups,
            )))
        })
        .build()?;
    trainer.train()?;
    trainer.save_model()?;
    println!(
        "accuracy {:?}",
        trainer.evaluate()?.get_f64("eval_accuracy")
    );
    AutoModelForSequenceClassification::from_pretrained("out/custom_model", num_labels(2))?;
    Ok(())
}
