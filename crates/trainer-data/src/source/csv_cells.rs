//! What the cells of a CSV file say: as pandas takes them, but that texts stay as they stand.

use super::settings::Missing;
use crate::{Feature, Value, column::whole};

/// Blanks that pandas passes over around numbers.
const BLANKS: [char; 4] = [' ', '\t', '\u{b}', '\u{c}'];

/// What a cell says where a column of `feature` is read; as text if it cannot be that, which the column then refuses.
///
/// In a column that is no text, blanks around a value do not count, as the columns of such files can be declared.
pub(crate) fn value(cell: &str, feature: &Feature, missing: &Missing) -> Value {
    let text = || Value::from(cell);
    if missing.in_texts(cell) {
        return Value::Null;
    }
    match feature {
        Feature::ClassLabel(label) if label.position(cell).is_some() => return text(),
        Feature::Bool | Feature::ClassLabel(_) | Feature::Quantity(_) => {}
        feature if feature.is_int() || feature.is_float() => {}
        _ => return text(),
    }
    let cell = cell.trim();
    if missing.in_numbers(cell) {
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
        Feature::UInt64 => cell.parse().map_or_else(|_| text(), Value::unsigned),
        feature if feature.is_int() => whole(cell).map_or_else(text, Value::Int),
        _ => float(cell).map_or_else(text, Value::Float),
    }
}

/// A floating-point number; one that is written as NaN is missing, or text.
fn float(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|value: &f64| !value.is_nan())
}

fn bit(cell: &str) -> Option<bool> {
    match cell {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn truth(cell: &str) -> Option<bool> {
    let is = |word| cell.eq_ignore_ascii_case(word);
    is("true").then_some(true).or(is("false").then_some(false))
}

/// What all cells of a column that were seen could be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds {
    /// Whether any is there, be it a word for a missing number.
    any: bool,
    /// Whether any is there as a number or a truth value too.
    known: bool,
    int: bool,
    uint: bool,
    float: bool,
    bool: bool,
    /// Digits alone, of more than 64 bits or not.
    digits: bool,
    /// Whether any is digits alone, and of more than 64 bits.
    long: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            any: false,
            known: false,
            int: true,
            uint: true,
            float: true,
            bool: true,
            digits: true,
            long: false,
        }
    }
}

impl Kinds {
    pub(crate) fn see(&mut self, cell: &str, missing: &Missing) {
        if missing.in_texts(cell) {
            return;
        }
        self.any = true;
        if missing.in_numbers(cell) {
            return;
        }
        self.known = true;
        self.bool = self.bool && truth(cell).is_some();
        let cell = cell.trim_matches(BLANKS);
        let (is_int, is_uint) = (cell.parse::<i64>().is_ok(), cell.parse::<u64>().is_ok());
        self.int = self.int && is_int;
        self.uint = self.uint && is_uint;
        self.float = self.float && (self.int || float(cell).is_some());
        let number = cell.strip_prefix(['-', '+']).unwrap_or(cell);
        let are_digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        self.digits = self.digits && are_digits;
        self.long = self.long || (are_digits && !is_int && !is_uint);
    }

    /// The first of whole number, number, truth value and text that all are.
    pub(crate) fn feature(self) -> Feature {
        match self {
            Self { any: false, .. } => Feature::Null,
            // Words alone are texts.
            Self { known: false, .. } => Feature::String,
            Self { int: true, .. } => Feature::Int64,
            Self { uint: true, .. } => Feature::UInt64,
            // As floating-point numbers, long numbers would silently lose digits.
            Self { digits: true, .. } | Self { long: true, .. } => Feature::String,
            Self { float: true, .. } => Feature::Float64,
            Self { bool: true, .. } => Feature::Bool,
            _ => Feature::String,
        }
    }
}
