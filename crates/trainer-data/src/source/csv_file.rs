use std::{
    ops::ControlFlow::{Break, Continue},
    path::Path,
};

use super::{
    csv_cells::{Kinds, value},
    csv_rows::{CsvRows, CsvStyle},
    settings::Missing,
    streamed::{Give, Room},
    table::in_file,
};
use crate::{Column, ColumnBuilder, Columns, Feature, Features, Result, named::Named};

/// The features of all columns of `files`, by the first of whole number, number, truth value and text that every
/// value of the column is. Columns that `declared` has are left out, and a column without a value is null.
pub(crate) fn infer(
    files: &[(&Path, CsvStyle)],
    declared: &Features,
    missing: &Missing,
) -> Result<Features> {
    infer_of(files, declared, missing, usize::MAX)
}

/// [`infer`] by the first `most` rows of each file.
pub(crate) fn infer_of(
    files: &[(&Path, CsvStyle)],
    declared: &Features,
    missing: &Missing,
    most: usize,
) -> Result<Features> {
    let mut found: Named<Kinds> = Named::default();
    for (path, style) in files {
        let mut rows = CsvRows::open(path, style)?;
        let mut columns = Vec::new();
        for name in rows.names()? {
            let kinds = found.get(&name).copied().unwrap_or_default();
            columns.push((name, kinds));
        }
        let mut seen = 0;
        rows.each_until(|row| {
            for (cell, (_, kinds)) in row.zip(&mut columns) {
                kinds.see(cell, missing);
            }
            seen += 1;
            Ok(if seen < most { Continue(()) } else { Break(()) })
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

/// Gives the rows of a file to `give`, some at a time, with the features of `features`, which has them all; the first `skip` rows
/// are passed over. A file without rows gives its columns all the same.
pub(crate) fn each_batch(
    path: &Path,
    style: &CsvStyle,
    (features, missing): (&Features, &Missing),
    skip: &mut u64,
    give: Give<'_>,
) -> Result<()> {
    let mut rows = CsvRows::open(path, style)?;
    let mut columns = Vec::new();
    for name in rows.names()? {
        let feature = features
            .require(&name)
            .map_err(|error| in_file(path, error))?;
        columns.push((name, ColumnBuilder::new(feature), feature.clone()));
    }
    let mut room = Room::default();
    let mut stopped = false;
    rows.each_until(|row| {
        if *skip > 0 {
            *skip -= 1;
            return Ok(Continue(()));
        }
        let mut size = 0;
        for (cell, (name, column, feature)) in row.zip(&mut columns) {
            let pushed = column.push(&value(cell, feature, missing));
            pushed.map_err(|refused| refused.at(name, None))?;
            size += cell.len();
        }
        if room.is_full(size) && give(finished(&mut columns))?.is_break() {
            stopped = true;
            return Ok(Break(()));
        }
        Ok(Continue(()))
    })?;
    if !stopped {
        let _ = give(finished(&mut columns))?;
    }
    Ok(())
}

/// The columns of a file without its rows.
pub(crate) fn head(path: &Path, style: &CsvStyle, features: &Features) -> Result<Columns> {
    let names = CsvRows::open(path, style)?.names()?;
    let columns = names.into_iter().map(|name| {
        let feature = features
            .require(&name)
            .map_err(|error| in_file(path, error))?;
        let column = Column::nulls(feature, 0);
        Ok((name, column))
    });
    columns.collect()
}

/// What the builders have; they begin anew.
fn finished(columns: &mut [(String, ColumnBuilder, Feature)]) -> Columns {
    let finished = columns.iter_mut().map(|(name, column, feature)| {
        let column = std::mem::replace(column, ColumnBuilder::new(feature));
        (name.clone(), column.finish())
    });
    finished.collect()
}
