use std::sync::Arc;

use tracing::info;
use trainer_collate::Batch;
use trainer_data::{
    BatchRebalanceSampler, Collate, DataLoader, Dataset, RandomSampler, Sampler, SequentialSampler,
};
use trainer_models::Model;

use crate::arguments::SamplingStrategy;
use crate::grouped_by_length::{GroupedByLength, length_column};
use crate::{Error, Result, TrainingArguments};

/// What is read: data sets, and how their rows become batches and in which order.
pub(crate) struct Inputs {
    pub(crate) train_dataset: Option<Dataset>,
    pub(crate) eval_datasets: Vec<EvalDataset>,
    pub(crate) data_collator: Arc<dyn Collate<Batch = Batch>>,
    /// The user's own, in the place of the one that the arguments choose.
    pub(crate) train_sampler: Option<Arc<dyn Sampler>>,
}

/// A set to evaluate on, and the name in its metrics' prefix where there are several.
pub(crate) struct EvalDataset {
    pub(crate) name: Option<String>,
    pub(crate) dataset: Dataset,
}

impl EvalDataset {
    /// What its metrics' names begin with.
    pub(crate) fn prefix(&self) -> String {
        match &self.name {
            Some(name) => format!("eval_{name}"),
            None => "eval".to_owned(),
        }
    }
}

impl Inputs {
    pub(crate) fn train_loader(
        &self,
        args: &TrainingArguments,
        model: &dyn Model,
    ) -> Result<DataLoader<Batch>> {
        let dataset = self.train_dataset.as_ref().ok_or(Error::NoTrainDataset)?;
        let rows = dataset.num_rows();
        if rows == 0 {
            return Err(Error::EmptyDataset("training set"));
        }
        let sampler: Arc<dyn Sampler> = match (&self.train_sampler, args.train_sampling_strategy) {
            (Some(sampler), _) => Arc::clone(sampler),
            (None, SamplingStrategy::Sequential) => Arc::new(SequentialSampler::new(rows)),
            (None, SamplingStrategy::GroupByLength) => {
                Arc::new(GroupedByLength::new(dataset, args)?)
            }
            (None, SamplingStrategy::BatchRebalance) => {
                let batches = args.gradient_accumulation_steps;
                let step = args.train_batch_size().saturating_mul(batches);
                let column = length_column(dataset, args);
                let sampler = BatchRebalanceSampler::of_column(dataset, column, step, batches)?;
                Arc::new(sampler.drop_last(args.dataloader_drop_last))
            }
            (None, SamplingStrategy::Random) => {
                Arc::new(RandomSampler::new(rows, data_seed(args)?))
            }
        };
        let dataset = self.used_columns(dataset, "training", args, model)?;
        self.loader(dataset, args, sampler, args.train_batch_size())
    }

    /// Whether the order of rows is drawn from libtorch's generator.
    pub(crate) fn draws_order(&self, args: &TrainingArguments) -> bool {
        self.train_sampler.is_none()
            && args.train_sampling_strategy == SamplingStrategy::GroupByLength
    }

    pub(crate) fn eval_loader(
        &self,
        dataset: &Dataset,
        args: &TrainingArguments,
        model: &dyn Model,
    ) -> Result<DataLoader<Batch>> {
        let rows = dataset.num_rows();
        if rows == 0 {
            return Err(Error::EmptyDataset("evaluation set"));
        }
        let batch_size = args.eval_batch_size();
        let dataset = self.used_columns(dataset, "evaluation", args, model)?;
        let sampler = Arc::new(SequentialSampler::new(rows));
        let loader = self.loader(dataset, args, sampler, batch_size)?;
        if loader.is_empty() {
            return Err(Error::NothingToEvaluate { rows, batch_size });
        }
        Ok(loader)
    }

    fn loader(
        &self,
        dataset: Dataset,
        args: &TrainingArguments,
        sampler: Arc<dyn Sampler>,
        batch_size: usize,
    ) -> Result<DataLoader<Batch>> {
        let loader = DataLoader::builder(dataset, Arc::clone(&self.data_collator))
            .sampler(sampler)
            .batch_size(batch_size)
            .drop_last(args.dataloader_drop_last)
            .num_workers(args.dataloader_num_workers)
            .prefetch_factor(args.dataloader_prefetch_factor.unwrap_or(2))
            .build()?;
        Ok(loader)
    }

    /// With `remove_unused_columns` only the columns that the model's forward pass takes, labels, and what the collator asks for.
    pub(crate) fn used_columns(
        &self,
        dataset: &Dataset,
        description: &str,
        args: &TrainingArguments,
        model: &dyn Model,
    ) -> Result<Dataset> {
        if !args.remove_unused_columns {
            return Ok(dataset.clone());
        }
        let signature = model.forward_signature();
        let labels = args.label_names.iter().flatten();
        let labels: Vec<&str> = labels
            .map(String::as_str)
            .chain(["label", "label_ids"])
            .chain(self.data_collator.input_columns().iter().copied())
            .collect();
        let (used, ignored): (Vec<&str>, Vec<&str>) = dataset
            .column_names()
            .partition(|name| signature.contains(name) || labels.contains(name));
        if ignored.is_empty() {
            return Ok(dataset.clone());
        }
        if !used.iter().any(|name| signature.contains(name)) {
            return Err(Error::NoColumns {
                dataset: description.to_owned(),
                signature: signature.join(", "),
                columns: ignored.join(", "),
            });
        }
        info!(
            "columns of the {description} set that the model's forward pass does not take are ignored: {}",
            ignored.join(", ")
        );
        Ok(dataset.remove_columns(&ignored)?)
    }
}

/// `data_seed`, else the seed that libtorch's generator was last given.
fn data_seed(args: &TrainingArguments) -> Result<u64> {
    match args.data_seed {
        Some(seed) => Ok(seed),
        None => Ok(trainer_torch::rng::initial_seed()?),
    }
}
