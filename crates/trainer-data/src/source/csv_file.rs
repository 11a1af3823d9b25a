use std::path::Path;

use super::{
    csv_cells::{Kinds, value},
    csv_rows::{CsvRows, CsvStyle},
    settings::Missing,
};
use crate::{ColumnBuilder, Columns, Features, Result, named::Named};

/// The features of all columns of `files`, by the first of whole number, number, truth value and text that every
/// value of the column is. Columns that `declared` has are left out, and a column without a value is null.
pub(crate) fn infer(
    files: &[(&Path, CsvStyle)],
    declared: &Features,
    missing: &Missing,
) -> Result<Features> {
    let mut found: Named<Kinds> = Named::default();
    for (path, style) in files {
        let mut rows = CsvRows::open(path, style)?;
        let mut columns = Vec::new();
        for name in rows.names()? {
            let kinds = found.get(&name).copied().unwrap_or_default();
            columns.push((name, kinds));
        }
        rows.each(|row| {
            for (cell, (_, kinds)) in row.zip(&mut columns) {
                kinds.see(cell, missing);
            }
            Ok(())
        })?;
        for (name, kinds) in columns {
            found.insert(name, kinds);
        }
    }
    let undeclared = found
        .into_vec()
        .into_iter()
        .filter(|(name, _)| declared.get(name).is_none());
    Ok(undeclared
        .map(|(name, kinds)| (name, kinds.feature()))
        .collect())
}

/// The columns of a file, with the features of `features`, which has them all.
pub(crate) fn read(
    path: &Path,
    style: &CsvStyle,
    features: &Features,
    missing: &Missing,
) -> Result<Columns> {
    let mut rows = CsvRows::open(path, style)?;
    let mut columns = Vec::new();
    for name in rows.names()? {
        let feature = features.require(&name)?.clone();
        columns.push((name, ColumnBuilder::new(&feature), feature));
    }
    rows.each(|row| {
        for (cell, (name, column, feature)) in row.zip(&mut columns) {
            let pushed = column.push(&value(cell, feature, missing));
            pushed.map_err(|refused| refused.at(name, None))?;
        }
        Ok(())
    })?;
    Ok(columns
        .into_iter()
        .map(|(name, column, _)| (name, column.finish()))
        .collect())
}
