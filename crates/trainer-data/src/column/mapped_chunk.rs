use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use arrow_array::{Array, ArrayRef};

use super::{Reader, cast::check_labels};
use crate::{Error, Feature, Result};

/// A column of a batch of a mapped file, which nobody has looked at yet.
pub(crate) trait Stored: Send + Sync {
    /// The array, every length and text of it checked.
    ///
    /// # Errors
    /// The file, and what is wrong with it.
    fn read(&self) -> Result<ArrayRef, Damaged>;

    fn damaged(&self, message: String) -> Damaged;
}

/// What is wrong with a file.
#[derive(Debug, Clone)]
pub(crate) struct Damaged {
    pub(crate) path: PathBuf,
    pub(crate) message: String,
}

impl From<Damaged> for Error {
    fn from(damaged: Damaged) -> Self {
        Self::File {
            path: damaged.path,
            message: damaged.message,
            source: None,
        }
    }
}

/// Rows that lie in a mapped file and are checked when the first of them is read.
pub(crate) struct MappedChunk {
    rows: usize,
    stored: Arc<dyn Stored>,
    array: OnceLock<Result<ArrayRef, Damaged>>,
}

impl MappedChunk {
    /// So many rows, of a type that can be read where it lies.
    pub(crate) fn new(rows: usize, stored: Arc<dyn Stored>) -> Self {
        Self {
            rows,
            stored,
            array: OnceLock::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The same rows, of another feature that is stored in the same way.
    pub(crate) fn retyped(&self) -> Self {
        Self::new(self.rows, Arc::clone(&self.stored))
    }

    pub(crate) fn array(&self, feature: &Feature) -> Result<&ArrayRef> {
        let array = self.array.get_or_init(|| self.checked(feature));
        array.as_ref().map_err(|damaged| damaged.clone().into())
    }

    pub(crate) fn reader<'a>(&'a self, feature: &'a Feature) -> Result<Reader<'a>> {
        let array = self.array(feature)?.as_ref();
        let reader = Reader::mapped(array, feature);
        reader.ok_or_else(|| self.damaged(other_type(array, feature)).into())
    }

    pub(crate) fn damaged(&self, message: String) -> Damaged {
        self.stored.damaged(message)
    }

    fn checked(&self, feature: &Feature) -> Result<ArrayRef, Damaged> {
        let array = self.stored.read()?;
        if array.len() != self.rows {
            let message = format!("{} rows where the batch has {}", array.len(), self.rows);
            return Err(self.damaged(message));
        }
        let reader = Reader::mapped(array.as_ref(), feature);
        let reader = reader.ok_or_else(|| self.damaged(other_type(&array, feature)))?;
        if feature.has_class_label() {
            for row in 0..self.rows {
                check_labels(&reader, feature, row)
                    .map_err(|refused| self.damaged(refused.at("", Some(row)).to_string()))?;
            }
        }
        Ok(array)
    }
}

fn other_type(array: &dyn Array, feature: &Feature) -> String {
    format!(
        "an array of type {} where {feature} is expected",
        array.data_type()
    )
}
