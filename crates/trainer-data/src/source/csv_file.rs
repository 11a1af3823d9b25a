use std::path::{Path, PathBuf};

use super::csv_rows::CsvRows;
use crate::{ColumnBuilder, Columns, Feature, Features, Result, Value};

/// The features of all columns of `files`, by the first of whole number, number, truth value and text that every
/// value of the column is. Columns that `declared` has are left out, and a column without a value is null.
pub(crate) fn infer(files: &[(&PathBuf, u8)], declared: &Features) -> Result<Features> {
    let mut found: Vec<(String, Kinds)> = Vec::new();
    for (path, delimiter) in files {
        let mut rows = CsvRows::open(path, *delimiter)?;
        let names = rows.names()?;
        let mut places = Vec::new();
        for name in names {
            let place = found.iter().position(|(have, _)| *have == name);
            places.push(place.unwrap_or_else(|| {
                found.push((name, Kinds::default()));
                found.len() - 1
            }));
        }
        rows.each(|row| {
            for (cell, place) in row.iter().zip(&places) {
                found[*place].1.see(cell);
            }
            Ok(())
        })?;
    }
    let undeclared = found
        .into_iter()
        .filter(|(name, _)| declared.get(name).is_none());
    Ok(undeclared
        .map(|(name, kinds)| (name, kinds.feature()))
        .collect())
}

/// The columns of a file, with the features of `features`, which has them all.
pub(crate) fn read(path: &Path, delimiter: u8, features: &Features) -> Result<Columns> {
    let mut rows = CsvRows::open(path, delimiter)?;
    let mut columns = Vec::new();
    for name in rows.names()? {
        let feature = features.require(&name)?.clone();
        columns.push((name, ColumnBuilder::new(&feature), feature));
    }
    rows.each(|row| {
        for (cell, (name, column, feature)) in row.iter().zip(&mut columns) {
            let pushed = column.push(&value(cell, feature));
            pushed.map_err(|refused| refused.at(name, None))?;
        }
        Ok(())
    })?;
    Ok(columns
        .into_iter()
        .map(|(name, column, _)| (name, column.finish()))
        .collect())
}

/// What a cell says where a column of `feature` is read; as text if it cannot be that, which the column then refuses.
fn value(cell: &str, feature: &Feature) -> Value {
    let text = || Value::from(cell);
    match feature {
        _ if cell.is_empty() => Value::Null,
        Feature::Bool => truth(cell).map_or_else(text, Value::Bool),
        feature if feature.is_int() => cell.parse().map_or_else(|_| text(), Value::Int),
        feature if feature.is_float() => cell.parse().map_or_else(|_| text(), Value::Float),
        _ => text(),
    }
}

fn truth(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// What all cells of a column that were seen could be.
#[derive(Debug, Clone, Copy)]
struct Kinds {
    any: bool,
    int: bool,
    float: bool,
    bool: bool,
    /// Digits alone, of more than 64 bits or not.
    digits: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            any: false,
            int: true,
            float: true,
            bool: true,
            digits: true,
        }
    }
}

impl Kinds {
    fn see(&mut self, cell: &str) {
        if cell.is_empty() {
            return;
        }
        self.any = true;
        self.int = self.int && cell.parse::<i64>().is_ok();
        self.float = self.float && (self.int || cell.parse::<f64>().is_ok());
        self.bool = self.bool && truth(cell).is_some();
        self.digits = self.digits
            && cell
                .strip_prefix('-')
                .unwrap_or(cell)
                .bytes()
                .all(|byte| byte.is_ascii_digit());
    }

    fn feature(self) -> Feature {
        match self {
            Self { any: false, .. } => Feature::Null,
            Self { int: true, .. } => Feature::Int64,
            // As floating-point numbers, long numbers would silently lose digits.
            Self { digits: true, .. } => Feature::String,
            Self { float: true, .. } => Feature::Float64,
            Self { bool: true, .. } => Feature::Bool,
            _ => Feature::String,
        }
    }
}
