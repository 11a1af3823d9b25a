use std::path::Path;

use super::table::{in_file, typed};
use crate::{Column, Columns, Error, Features, Result};

/// Columns that are known before a file is read.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) features: Features,
    /// What becomes of other columns of a file.
    pub(crate) others: Others,
}

/// What becomes of columns that are not declared, where others are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Others {
    #[default]
    Keep,
    Drop,
    Refuse,
}

impl Declared {
    /// `features`, and other columns as they are.
    pub(crate) fn keeping_others(features: Features) -> Self {
        let others = Others::Keep;
        Self { features, others }
    }

    /// `features` and no other column; none of them at all is anything.
    pub(crate) fn refusing_others(features: Features) -> Self {
        let others = if features.is_empty() {
            Others::Keep
        } else {
            Others::Refuse
        };
        Self { features, others }
    }

    /// `features`, and nothing of other columns.
    pub(crate) fn dropping_others(features: Features) -> Self {
        let others = Others::Drop;
        Self { features, others }
    }

    /// Of `wanted` columns alone.
    pub(crate) fn only(&self, wanted: &[String]) -> Self {
        let features = self.features.iter();
        let features = features.filter(|(name, _)| wanted.iter().any(|have| have == name));
        Self {
            features: features
                .map(|(name, feature)| (name, feature.clone()))
                .collect(),
            others: match self.others {
                Others::Refuse => Others::Keep,
                others => others,
            },
        }
    }

    /// `columns` of `file` with the declared types, the declared columns first, also those that the file lacks.
    pub(crate) fn complete(&self, file: &Path, columns: Columns) -> Result<Columns> {
        let columns = typed(file, columns, &self.features)?;
        let rows = columns.num_rows().map_err(|source| in_file(file, source))?;
        let mut whole = Columns::new();
        for (name, feature) in self.features.iter() {
            let column = match columns.get(name) {
                Some(column) => column.clone(),
                None => Column::nulls(feature, rows),
            };
            whole.insert(name, column);
        }
        for (name, column) in columns
            .iter()
            .filter(|(name, _)| self.features.get(name).is_none())
        {
            match self.others {
                Others::Keep => whole.insert(name, column.clone()),
                Others::Drop => {}
                Others::Refuse => {
                    let known: Vec<&str> = self.features.names().collect();
                    return Err(Error::File {
                        path: file.to_owned(),
                        message: format!(
                            "column {name:?} is none of the columns that are declared: {}",
                            known.join(", ")
                        ),
                        source: None,
                    });
                }
            }
        }
        Ok(whole)
    }
}
