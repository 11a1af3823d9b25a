use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One logged value: a whole number or a float.
///
/// JSON has no NaN; as Python does, the trainer's files write `NaN`, `Infinity` and `-Infinity`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A count, such as `step`.
    Int(i64),
    /// Everything measured.
    Float(f64),
}

impl Number {
    /// The value as a float.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

/// As Python's `repr`: the shortest digits that read back as the same float, with an exponent below 1e-4 and from 1e16.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) if value.is_nan() => f.write_str("NaN"),
            Self::Float(value) if value.is_infinite() => {
                f.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Self::Float(value) => {
                let scientific = format!("{value:e}");
                let exponent = exponent_of(&scientific);
                if value != 0.0 && !(-4..16).contains(&exponent) {
                    let mantissa = scientific.split('e').next().unwrap_or_default();
                    let sign = if exponent < 0 { '-' } else { '+' };
                    write!(f, "{mantissa}e{sign}{:02}", exponent.abs())
                } else if value.fract() == 0.0 {
                    write!(f, "{value:.1}")
                } else {
                    write!(f, "{value}")
                }
            }
        }
    }
}

/// `value` as C's and Python's `%.4g`: four significant digits, trailing zeros removed.
pub(crate) fn four_digits(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string().to_lowercase();
    }
    let scientific = format!("{value:.3e}");
    let exponent = exponent_of(&scientific);
    if value != 0.0 && !(-4..4).contains(&exponent) {
        let mantissa = trimmed(scientific.split('e').next().unwrap_or_default());
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = usize::try_from(3 - exponent).unwrap_or(0);
    trimmed(&format!("{value:.decimals$}")).to_owned()
}

fn exponent_of(scientific: &str) -> i32 {
    scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0)
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

/// `value` to `digits` decimals, half to even on the decimal representation, as Python's `round`.
pub(crate) fn round_to(value: f64, digits: usize) -> f64 {
    format!("{value:.digits$}").parse().unwrap_or(value)
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Int(value) => serializer.serialize_i64(value),
            Self::Float(value) if value.is_finite() => serializer.serialize_f64(value),
            Self::Float(_) => serializer.serialize_str(&self.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::from_json(&value)
            .ok_or_else(|| de::Error::custom(format!("expected a number, found {value}")))
    }
}

impl Number {
    fn from_json(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Number(number) => number
                .as_i64()
                .map(Self::Int)
                .or_else(|| number.as_f64().map(Self::Float)),
            serde_json::Value::Bool(flag) => Some(Self::Int(i64::from(*flag))),
            serde_json::Value::String(text) => match text.as_str() {
                "NaN" => Some(Self::Float(f64::NAN)),
                "Infinity" => Some(Self::Float(f64::INFINITY)),
                "-Infinity" => Some(Self::Float(f64::NEG_INFINITY)),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, four_digits, round_to};

    // Expected values are what Python 3.11 prints for repr(x) and f"{x:.4g}".
    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (value, repr) in [
            (5e-5, "5e-05"),
            (0.0001, "0.0001"),
            (28_068_864.0, "28068864.0"),
            (1e16, "1e+16"),
            (1.5e-7, "1.5e-07"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (0.692_170_977_592_468_3, "0.6921709775924683"),
            (9_007_199_254_740_991.0, "9007199254740991.0"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(Number::Float(value).to_string(), repr);
        }
        assert_eq!(Number::Int(12).to_string(), "12");
    }

    #[test]
    fn four_significant_digits_as_percent_g() {
        for (value, text) in [
            (0.692_171, "0.6922"),
            (4.5e-5, "4.5e-05"),
            (0.4, "0.4"),
            (2002.275, "2002"),
            (12345.0, "1.234e+04"),
            (9999.6, "1e+04"),
            (100.0, "100"),
            (0.0, "0"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(four_digits(value), text);
        }
    }

    #[test]
    fn rounding_is_half_even_on_the_exact_value() {
        assert_eq!(round_to(2.675, 2), 2.67);
        assert_eq!(round_to(0.125, 2), 0.12);
        assert_eq!(round_to(312.2164, 3), 312.216);
    }
}
