use std::sync::Arc;

use tracing::info;
use trainer_collate::{Batch, DefaultDataCollator};
use trainer_data::{
    Collate, DataLoader, Dataset, Feature, RandomSampler, Sampler, SequentialSampler,
};

use super::{EvalDataset, Trainer};
use crate::arguments::SamplingStrategy;
use crate::{Error, Result};

impl Trainer {
    /// The loader that `train` reads: random or sequential, with the arguments' batch size and workers.
    ///
    /// # Errors
    /// When there is no training set, or no column of it is one that the model takes.
    pub fn get_train_dataloader(&self) -> Result<DataLoader<Batch>> {
        let dataset = self.train_dataset.as_ref().ok_or_else(|| {
            Error::Setup(
                "training needs a train_dataset, and the trainer was built without one".to_owned(),
            )
        })?;
        let rows = dataset.num_rows();
        if rows == 0 {
            return Err(Error::Setup("the training set is empty".to_owned()));
        }
        let sampler: Arc<dyn Sampler> = match self.args.train_sampling_strategy {
            SamplingStrategy::Sequential => Arc::new(SequentialSampler::new(rows)),
            _ => Arc::new(RandomSampler::new(rows, self.data_seed()?)),
        };
        self.loader(dataset, "training", sampler, self.args.train_batch_size())
    }

    /// The loader that evaluations of `dataset` read: in the order of its rows.
    ///
    /// # Errors
    /// When the data set is empty, or no column of it is one that the model takes.
    pub fn get_eval_dataloader(&self, dataset: &Dataset) -> Result<DataLoader<Batch>> {
        let rows = dataset.num_rows();
        if rows == 0 {
            return Err(Error::Setup("the evaluation set is empty".to_owned()));
        }
        let sampler = Arc::new(SequentialSampler::new(rows));
        let batch_size = self.args.eval_batch_size();
        let loader = self.loader(dataset, "evaluation", sampler, batch_size)?;
        if loader.is_empty() {
            return Err(Error::Setup(format!(
                "there is nothing to evaluate: the evaluation set has {rows} rows, batches have {batch_size} and \
                 dataloader_drop_last drops the last"
            )));
        }
        Ok(loader)
    }

    /// Looks for what would end the run in the middle: sets that cannot be evaluated, rows without a label, labels that
    /// are no class.
    pub(super) fn check_datasets(&self) -> Result<()> {
        if let Some(dataset) = &self.train_dataset {
            self.check_labels(dataset, "the training set")?;
        }
        for EvalDataset { name, dataset } in &self.eval_datasets {
            drop(self.get_eval_dataloader(dataset)?);
            let description = match name {
                Some(name) => format!("the evaluation set {name:?}"),
                None => "the evaluation set".to_owned(),
            };
            self.check_labels(dataset, &description)?;
        }
        Ok(())
    }

    /// Labels that are lists, and those for a loss of the user's own, are looked at for missing ones only.
    fn check_labels(&self, dataset: &Dataset, description: &str) -> Result<()> {
        let features = dataset.features();
        let mut columns = self.label_columns.iter().copied();
        let Some(column) = columns.find(|name| features.get(name).is_some()) else {
            return Ok(());
        };
        let in_set =
            |error: &dyn std::fmt::Display| Error::Setup(format!("{description}: {error}"));
        let mut labels = dataset.select_columns(&[column])?;
        if let Some(row) = first_null(&labels, column)? {
            let column = column.to_owned();
            return Err(in_set(&trainer_collate::Error::Null { column, row }));
        }
        if self.compute_loss_func.is_some()
            || matches!(features.get(column), Some(Feature::List(_)))
        {
            return Ok(());
        }
        if column != "label" {
            labels = labels.rename_column(column, "label")?;
        }
        let batch = DefaultDataCollator
            .collate(&labels.all_rows())
            .map_err(|error| in_set(&error))?;
        match batch.get("labels") {
            Some(labels) => self
                .model
                .validate_labels(labels)
                .map_err(|error| in_set(&error)),
            None => Ok(()),
        }
    }

    /// `data_seed`, else the seed that libtorch's generator was last given.
    fn data_seed(&self) -> Result<u64> {
        match self.args.data_seed {
            Some(seed) => Ok(seed),
            None => Ok(trainer_torch::rng::initial_seed()?),
        }
    }

    fn loader(
        &self,
        dataset: &Dataset,
        description: &str,
        sampler: Arc<dyn Sampler>,
        batch_size: usize,
    ) -> Result<DataLoader<Batch>> {
        let args = &self.args;
        let dataset = if args.remove_unused_columns {
            self.without_unused_columns(dataset, description)?
        } else {
            dataset.clone()
        };
        let loader = DataLoader::builder(dataset, Arc::clone(&self.data_collator))
            .sampler(sampler)
            .batch_size(batch_size)
            .drop_last(args.dataloader_drop_last)
            .num_workers(args.dataloader_num_workers)
            .prefetch_factor(args.dataloader_prefetch_factor.unwrap_or(2))
            .build()?;
        Ok(loader)
    }

    /// Only the columns that the model's forward pass takes, and labels.
    fn without_unused_columns(&self, dataset: &Dataset, description: &str) -> Result<Dataset> {
        let signature = self.model.forward_signature();
        let is_used =
            |name: &str| signature.contains(&name) || matches!(name, "label" | "label_ids");
        let (used, ignored): (Vec<&str>, Vec<&str>) =
            dataset.column_names().partition(|name| is_used(name));
        if ignored.is_empty() {
            return Ok(dataset.clone());
        }
        if !used.iter().any(|name| signature.contains(name)) {
            return Err(Error::Setup(format!(
                "No columns in the {description} set match the model's forward method signature: ({}). The set has {}. \
                 Was it tokenized?",
                signature.join(", "),
                ignored.join(", "),
            )));
        }
        info!(
            "columns of the {description} set that the model's forward pass does not take are ignored: {}",
            ignored.join(", ")
        );
        Ok(dataset.remove_columns(&ignored)?)
    }
}

/// The first row without a value.
fn first_null(dataset: &Dataset, column: &str) -> Result<Option<usize>> {
    let rows = dataset.all_rows();
    let column = rows.column(column)?;
    for row in 0..rows.len() {
        if column.is_null(row)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
