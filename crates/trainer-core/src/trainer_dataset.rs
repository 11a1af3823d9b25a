use trainer_data::{Column, Columns, Dataset, Features, IterableDataset};

use crate::Result;

/// What a trainer trains on or evaluates on: a data set, or a stream. Made from either, or a reference to one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrainerDataset {
    /// Rows that are there.
    Rows(Dataset),
    /// Rows that come one after the other.
    Stream(Box<IterableDataset>),
}

impl TrainerDataset {
    /// The data set, or where it is a stream one without rows that has its columns, if they are known.
    pub(crate) fn known(&self) -> Result<Option<Dataset>> {
        match self {
            Self::Rows(dataset) => Ok(Some(dataset.clone())),
            Self::Stream(stream) => stream.features().map(without_rows).transpose(),
        }
    }

    pub(crate) fn features(&self) -> Option<Features> {
        match self {
            Self::Rows(dataset) => Some(dataset.features()),
            Self::Stream(stream) => stream.features().cloned(),
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }
}

fn without_rows(features: &Features) -> Result<Dataset> {
    let mut columns = Columns::new();
    for (name, feature) in features.iter() {
        columns.insert(name, Column::values(feature, [])?);
    }
    Ok(Dataset::from_columns(columns)?)
}

impl From<Dataset> for TrainerDataset {
    fn from(dataset: Dataset) -> Self {
        Self::Rows(dataset)
    }
}

impl From<&Dataset> for TrainerDataset {
    fn from(dataset: &Dataset) -> Self {
        Self::Rows(dataset.clone())
    }
}

impl From<IterableDataset> for TrainerDataset {
    fn from(stream: IterableDataset) -> Self {
        Self::Stream(Box::new(stream))
    }
}

impl From<&IterableDataset> for TrainerDataset {
    fn from(stream: &IterableDataset) -> Self {
        Self::Stream(Box::new(stream.clone()))
    }
}

impl From<&TrainerDataset> for TrainerDataset {
    fn from(dataset: &TrainerDataset) -> Self {
        dataset.clone()
    }
}
