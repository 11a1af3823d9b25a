use std::sync::Arc;

use tracing::info;
use trainer_collate::Batch;
use trainer_data::{DataLoader, Dataset, RandomSampler, Sampler, SequentialSampler};

use super::Trainer;
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
        self.loader(dataset, "evaluation", sampler, self.args.eval_batch_size())
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
        let label_names = self.args.label_names.as_deref().unwrap_or_default();
        let is_used = |name: &str| {
            signature.contains(&name)
                || matches!(name, "label" | "label_ids")
                || label_names.iter().any(|label| label == name)
        };
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
