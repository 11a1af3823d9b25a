use std::sync::Arc;

use super::Dataset;
use crate::{Column, Columns, Error, Feature, Features, Result, column::concatenate};

/// The rows of all `datasets`, one behind the other.
///
/// As in Python's `concatenate_datasets` a column that a data set lacks has no values there, and sets without rows
/// count for nothing, unless all are; then the first is given back.
///
/// ```
/// use trainer_data::{Column, Columns, Dataset, concatenate_datasets};
/// let one = Dataset::from_columns(Columns::new().with("x", Column::ints([1, 2])))?;
/// let both = concatenate_datasets(&[one.clone(), one.take(1)])?;
/// assert_eq!(both.num_rows(), 3);
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidArgument`] for no data set at all, and for columns of one name whose types differ.
pub fn concatenate_datasets(datasets: &[Dataset]) -> Result<Dataset> {
    let Some(first) = datasets.first() else {
        return Err(refused("there is none".to_owned()));
    };
    let full: Vec<&Dataset> = datasets.iter().filter(|data| !data.is_empty()).collect();
    let Some(head) = full.first() else {
        return Ok(first.clone());
    };
    if let Some(same) = of_same_columns(&full) {
        return Ok(same);
    }
    let mut aligned = head.features();
    for data in &full[1..] {
        align(&mut aligned, &data.features())?;
    }
    let mut columns = Columns::new();
    for (name, feature) in aligned.iter() {
        let mut parts = Vec::with_capacity(full.len());
        for data in &full {
            parts.push(match data.has_column(name) {
                true => data.column(name)?.cast_named(feature, name)?,
                false => Column::nulls(feature, data.num_rows()),
            });
        }
        if let Some(column) = concatenate(&parts) {
            columns.insert(name, column);
        }
    }
    Dataset::from_columns(columns)
}

/// Rows of the same stored columns need no copy of them.
fn of_same_columns(datasets: &[&Dataset]) -> Option<Dataset> {
    let columns = &datasets.first()?.columns;
    if datasets
        .iter()
        .any(|data| !Arc::ptr_eq(&data.columns, columns))
    {
        return None;
    }
    let rows = datasets
        .iter()
        .map(|data| (0..data.num_rows).map(|row| data.stored(row)));
    let chosen: Vec<usize> = rows.flatten().collect();
    Some(Dataset {
        columns: Arc::clone(columns),
        num_rows: chosen.len(),
        chosen: Some(Arc::new(chosen)),
    })
}

/// Adds what only `more` has, and the types of what has none yet.
fn align(features: &mut Features, more: &Features) -> Result<()> {
    for (name, feature) in more.iter() {
        let both = match features.get(name) {
            None => feature.clone(),
            Some(have) if is_null(have) => feature.clone(),
            Some(have) if have == feature || is_null(feature) => continue,
            Some(have) => {
                return Err(refused(format!(
                    "column {name:?} is {have} in one and {feature} in another; cast_column makes them alike"
                )));
            }
        };
        features.insert(name, both);
    }
    Ok(())
}

fn is_null(feature: &Feature) -> bool {
    match feature {
        Feature::Null => true,
        Feature::List(element) => is_null(element),
        _ => false,
    }
}

pub(super) fn refused(message: String) -> Error {
    let name = "datasets";
    Error::InvalidArgument { name, message }
}
