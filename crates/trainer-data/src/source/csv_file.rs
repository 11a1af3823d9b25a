use std::path::Path;

use super::csv_rows::{CsvRows, CsvStyle};
use crate::{ColumnBuilder, Columns, Feature, Features, Result, Value};

/// The features of all columns of `files`, by the first of whole number, number, truth value and text that every
/// value of the column is. Columns that `declared` has are left out, and a column without a value is null.
pub(crate) fn infer(files: &[(&Path, CsvStyle)], declared: &Features) -> Result<Features> {
    let mut found: Vec<(String, Kinds)> = Vec::new();
    for (path, style) in files {
        let mut rows = CsvRows::open(path, style)?;
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
pub(crate) fn read(path: &Path, style: &CsvStyle, features: &Features) -> Result<Columns> {
    let mut rows = CsvRows::open(path, style)?;
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
///
/// In a column that is no text, blanks around a value do not count, and words that pandas takes for a missing value are
/// none, as the columns of such files can be declared.
fn value(cell: &str, feature: &Feature) -> Value {
    let text = || Value::from(cell);
    if cell.is_empty() {
        return Value::Null;
    }
    match feature {
        Feature::ClassLabel(label) if label.position(cell).is_some() => return text(),
        Feature::Bool | Feature::ClassLabel(_) | Feature::Quantity(_) => {}
        feature if feature.is_int() || feature.is_float() => {}
        _ => return text(),
    }
    let cell = cell.trim();
    if MISSING.contains(&cell) {
        return Value::Null;
    }
    match feature {
        Feature::Quantity(quantity) => match quantity.read(cell) {
            Some(count) => Value::Quantity {
                quantity: quantity.clone(),
                count,
            },
            None => text(),
        },
        Feature::Bool => truth(cell).or(bit(cell)).map_or_else(text, Value::Bool),
        feature if feature.is_int() => whole(cell).map_or_else(text, Value::Int),
        _ => cell.parse().map_or_else(|_| text(), Value::Float),
    }
}

/// What pandas takes for a missing value,
/// <https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html> under `na_values`.
const MISSING: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// A whole number, which may be written as a floating-point one.
fn whole(cell: &str) -> Option<i64> {
    const EXACT: f64 = 9.0e15;
    let by_float =
        |value: f64| (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64);
    cell.parse().ok().or_else(|| by_float(cell.parse().ok()?))
}

fn bit(cell: &str) -> Option<bool> {
    match cell {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
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
