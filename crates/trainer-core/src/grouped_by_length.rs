use tch::{Device, Kind, Tensor};
use trainer_data::{Dataset, LengthGroupedSampler, Sampler, warning};

use crate::{Result, TrainingArguments};

/// Training rows of similar length together, in an order that follows from where libtorch's generator stands when it is asked for:
/// Python draws it from there too.
pub(crate) struct GroupedByLength(LengthGroupedSampler);

impl GroupedByLength {
    /// Of rows whose lengths are in `length_column_name`, or else those of `input_ids`.
    pub(crate) fn new(dataset: &Dataset, args: &TrainingArguments) -> Result<Self> {
        let column = length_column(dataset, args);
        let step = args
            .train_batch_size()
            .saturating_mul(args.gradient_accumulation_steps);
        Ok(Self(LengthGroupedSampler::of_column(
            dataset, column, step, 0,
        )?))
    }
}

impl Sampler for GroupedByLength {
    fn num_samples(&self) -> usize {
        self.0.num_samples()
    }

    fn order(&self, _epoch: u64) -> Vec<usize> {
        match drawn(self.num_samples()) {
            Ok(order) => self.0.group(&order),
            // The loader says how many rows are missing.
            Err(error) => {
                warning!("the order of rows could not be drawn: {error}");
                Vec::new()
            }
        }
    }
}

/// Where the lengths of rows are: in `length_column_name`, or else in the lists of `input_ids`.
pub(crate) fn length_column<'a>(dataset: &Dataset, args: &'a TrainingArguments) -> &'a str {
    match args.length_column_name.as_str() {
        name if dataset.has_column(name) => name,
        _ => "input_ids",
    }
}

/// `torch.randperm(rows)`, from libtorch's own generator.
fn drawn(rows: usize) -> Result<Vec<usize>> {
    let order = Tensor::f_randperm(rows as i64, (Kind::Int64, Device::Cpu))?;
    let order = Vec::<i64>::try_from(&order)?;
    Ok(order.into_iter().map(|row| row as usize).collect())
}
