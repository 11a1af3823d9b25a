use std::sync::Arc;

use tracing::info;
use trainer_collate::Batch;
use trainer_data::{
    BatchRebalanceSampler, Collate, DataLoader, Dataset, IterableDataLoader, IterableDataset,
    RandomSampler, Sampler, SequentialSampler, warning,
};
use trainer_models::Model;

use crate::arguments::SamplingStrategy;
use crate::batch_source::{BatchSource, OfUsedColumns};
use crate::grouped_by_length::{GroupedByLength, length_column};
use crate::{Error, Result, TrainerDataset, TrainingArguments};

/// What is read: data sets, and how their rows become batches and in which order.
pub(crate) struct Inputs {
    pub(crate) train_dataset: Option<TrainerDataset>,
    pub(crate) eval_datasets: Vec<EvalDataset>,
    pub(crate) data_collator: Arc<dyn Collate<Batch = Batch>>,
    /// The user's own, in the place of the one that the arguments choose.
    pub(crate) train_sampler: Option<Arc<dyn Sampler>>,
}

/// A set to evaluate on, and the name in its metrics' prefix where there are several.
pub(crate) struct EvalDataset {
    pub(crate) name: Option<String>,
    pub(crate) dataset: TrainerDataset,
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
        let dataset = match &self.train_dataset {
            None => return Err(Error::NoTrainDataset),
            Some(TrainerDataset::Stream(_)) => return Err(Error::TrainsOnStream),
            Some(TrainerDataset::Rows(dataset)) => dataset,
        };
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

    /// What gives the batches that are trained on.
    pub(crate) fn train_source(
        &self,
        args: &TrainingArguments,
        model: &dyn Model,
    ) -> Result<BatchSource> {
        let Some(TrainerDataset::Stream(stream)) = &self.train_dataset else {
            return self.train_loader(args, model).map(BatchSource::Rows);
        };
        let by_length = matches!(
            args.train_sampling_strategy,
            SamplingStrategy::GroupByLength | SamplingStrategy::BatchRebalance
        );
        if by_length || self.train_sampler.is_some() {
            warning!(
                "no sampler can order the rows of a stream: they are read in the stream's own order"
            );
        }
        let loader = self.stream_loader(stream, "training", args, model, args.train_batch_size());
        loader.map(|loader| BatchSource::Stream(Box::new(loader)))
    }

    /// What gives the batches of an evaluation.
    pub(crate) fn eval_source(
        &self,
        dataset: &TrainerDataset,
        args: &TrainingArguments,
        model: &dyn Model,
    ) -> Result<BatchSource> {
        match dataset {
            TrainerDataset::Rows(dataset) => self
                .eval_loader(dataset, args, model)
                .map(BatchSource::Rows),
            TrainerDataset::Stream(stream) => {
                let size = args.eval_batch_size();
                let loader = self.stream_loader(stream, "evaluation", args, model, size)?;
                Ok(BatchSource::Stream(Box::new(loader)))
            }
        }
    }

    fn stream_loader(
        &self,
        stream: &IterableDataset,
        description: &str,
        args: &TrainingArguments,
        model: &dyn Model,
        batch_size: usize,
    ) -> Result<IterableDataLoader<Batch>> {
        if let Some(known) = TrainerDataset::from(stream).known()? {
            self.used_columns(&known, description, args, model)?;
        }
        let names = self.used_names(args, model);
        let description = description.to_owned();
        let used = move |rows: &Dataset| match &names {
            None => Ok(rows.clone()),
            Some(names) => names.of(rows, &description).map_err(Into::into),
        };
        let collator = OfUsedColumns {
            collator: Arc::clone(&self.data_collator),
            used: Box::new(used),
        };
        let loader = IterableDataLoader::new(stream, collator, batch_size);
        Ok(loader.drop_last(args.dataloader_drop_last))
    }

    /// Whether the order of rows is drawn from libtorch's generator.
    pub(crate) fn draws_order(&self, args: &TrainingArguments) -> bool {
        let is_stream = self
            .train_dataset
            .as_ref()
            .is_some_and(TrainerDataset::is_stream);
        !is_stream
            && self.train_sampler.is_none()
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
        let Some(names) = self.used_names(args, model) else {
            return Ok(dataset.clone());
        };
        let used = names.of(dataset, description)?;
        let ignored = dataset.column_names().filter(|name| !used.has_column(name));
        let ignored: Vec<&str> = ignored.collect();
        if !ignored.is_empty() {
            info!(
                "columns of the {description} set that the model's forward pass does not take are ignored: {}",
                ignored.join(", ")
            );
        }
        Ok(used)
    }

    /// The columns that are used; nothing for all.
    fn used_names(&self, args: &TrainingArguments, model: &dyn Model) -> Option<UsedNames> {
        let owned = |name: &str| name.to_owned();
        let labels = args.label_names.iter().flatten();
        let labels = labels
            .map(String::as_str)
            .chain(["label", "label_ids"])
            .chain(self.data_collator.input_columns().iter().copied());
        args.remove_unused_columns.then(|| UsedNames {
            signature: model
                .forward_signature()
                .iter()
                .copied()
                .map(owned)
                .collect(),
            labels: labels.map(owned).collect(),
        })
    }
}

/// Names of columns that are used, if they are there.
struct UsedNames {
    signature: Vec<String>,
    labels: Vec<String>,
}

impl UsedNames {
    /// `dataset` with those columns alone.
    fn of(&self, dataset: &Dataset, description: &str) -> Result<Dataset> {
        let is_in = |names: &[String], name: &&str| names.iter().any(|have| have == name);
        let (used, ignored): (Vec<&str>, Vec<&str>) = dataset
            .column_names()
            .partition(|name| is_in(&self.signature, name) || is_in(&self.labels, name));
        if ignored.is_empty() {
            return Ok(dataset.clone());
        }
        if !used.iter().any(|name| is_in(&self.signature, name)) {
            return Err(Error::NoColumns {
                dataset: description.to_owned(),
                signature: self.signature.join(", "),
                columns: ignored.join(", "),
            });
        }
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
