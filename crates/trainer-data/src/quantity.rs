use std::fmt;

use arrow2::datatypes::{DataType, TimeUnit as ArrowUnit};

/// What a number of a time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// Seconds.
    Second,
    /// Thousandths of a second.
    Millisecond,
    /// Millionths of a second.
    Microsecond,
    /// Thousand-millionths of a second.
    Nanosecond,
}

impl TimeUnit {
    const ALL: [Self; 4] = [
        Self::Second,
        Self::Millisecond,
        Self::Microsecond,
        Self::Nanosecond,
    ];

    /// How many decimal places a second has in this unit.
    pub(crate) fn places(self) -> usize {
        match self {
            Self::Second => 0,
            Self::Millisecond => 3,
            Self::Microsecond => 6,
            Self::Nanosecond => 9,
        }
    }

    fn arrow(self) -> ArrowUnit {
        match self {
            Self::Second => ArrowUnit::Second,
            Self::Millisecond => ArrowUnit::Millisecond,
            Self::Microsecond => ArrowUnit::Microsecond,
            Self::Nanosecond => ArrowUnit::Nanosecond,
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Second => "s",
            Self::Millisecond => "ms",
            Self::Microsecond => "us",
            Self::Nanosecond => "ns",
        })
    }
}

/// A type whose values are whole numbers of something: dates, times, spans of time and decimal numbers.
///
/// No collator makes tensors of them: a function given to [`Dataset::map`](crate::Dataset::map) first says which number is
/// meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// Days since 1970-01-01, of 32 bits.
    Date32,
    /// Milliseconds since 1970-01-01, of 64 bits.
    Date64,
    /// The time of a day, in seconds or milliseconds, of 32 bits.
    Time32(TimeUnit),
    /// The time of a day, in microseconds or nanoseconds, of 64 bits.
    Time64(TimeUnit),
    /// Time since 1970-01-01, in UTC where there is a time zone, of 64 bits.
    Timestamp(TimeUnit, Option<String>),
    /// A span of time, of 64 bits.
    Duration(TimeUnit),
    /// A decimal number of 128 bits.
    Decimal {
        /// How many digits there are at most, 1 to 38.
        precision: usize,
        /// How many of them stand behind the point, at most `precision`.
        scale: usize,
    },
}

impl Quantity {
    /// How values are stored.
    pub(crate) fn data_type(&self) -> DataType {
        match self {
            Self::Date32 => DataType::Date32,
            Self::Date64 => DataType::Date64,
            Self::Time32(unit) => DataType::Time32(unit.arrow()),
            Self::Time64(unit) => DataType::Time64(unit.arrow()),
            Self::Timestamp(unit, zone) => DataType::Timestamp(unit.arrow(), zone.clone()),
            Self::Duration(unit) => DataType::Duration(unit.arrow()),
            Self::Decimal { precision, scale } => DataType::Decimal(*precision, *scale),
        }
    }

    /// The type that Python's `datasets` calls `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (kind, inside) = match name.split_once(['[', '(']) {
            Some((kind, inside)) => (kind, inside.strip_suffix([']', ')'])?),
            None => (name, ""),
        };
        let unit = |name: &str| TimeUnit::ALL.into_iter().find(|u| u.to_string() == name);
        let (first, second) = match inside.split_once(',') {
            Some((first, second)) => (first.trim(), Some(second.trim())),
            None => (inside, None),
        };
        Some(match (kind, second) {
            ("date32", None) if inside.is_empty() => Self::Date32,
            ("date64", None) if inside.is_empty() => Self::Date64,
            ("time32", None) => Self::Time32(unit(first).filter(|unit| unit.places() <= 3)?),
            ("time64", None) => Self::Time64(unit(first).filter(|unit| unit.places() > 3)?),
            ("timestamp", None) => Self::Timestamp(unit(first)?, None),
            ("timestamp", Some(zone)) => {
                Self::Timestamp(unit(first)?, Some(zone.strip_prefix("tz=")?.to_owned()))
            }
            ("duration", None) => Self::Duration(unit(first)?),
            ("decimal128", Some(scale)) => Self::decimal(first.parse().ok()?, scale.parse().ok()?)?,
            _ => return None,
        })
    }

    /// Decimal numbers, if there are such.
    pub(crate) fn decimal(precision: usize, scale: usize) -> Option<Self> {
        let is_good = (1..=38).contains(&precision) && scale <= precision;
        is_good.then_some(Self::Decimal { precision, scale })
    }

    /// What `count` of these is as `to`: the same time in another unit, or decimal number of other digits; nothing where it
    /// is neither, or where something would be lost.
    pub(crate) fn count_as(&self, to: &Self, count: i128) -> Option<i128> {
        let (from, into) = match (self, to) {
            (Self::Timestamp(from, zone), Self::Timestamp(into, to_zone)) if zone == to_zone => {
                (from.places(), into.places())
            }
            (Self::Duration(from), Self::Duration(into)) => (from.places(), into.places()),
            (
                Self::Decimal { scale: from, .. },
                Self::Decimal {
                    precision,
                    scale: into,
                },
            ) => {
                let count = scaled(count, *from, *into)?;
                let fits = count.unsigned_abs() < 10_u128.pow(*precision as u32);
                return fits.then_some(count);
            }
            (Self::Date32, Self::Timestamp(unit, None)) => {
                return scaled(count.checked_mul(86_400)?, 0, unit.places());
            }
            _ => return None,
        };
        scaled(count, from, into)
    }

    /// The value that is stored as `raw`, as it is written.
    pub(crate) fn written(&self, raw: i128) -> String {
        match self {
            Self::Date32 => date(raw),
            Self::Date64 => timestamp(raw, 3),
            Self::Time32(unit) | Self::Time64(unit) => time(raw, unit.places()),
            Self::Timestamp(unit, zone) => {
                let zone = if zone.is_some() { "Z" } else { "" };
                timestamp(raw, unit.places()) + zone
            }
            Self::Duration(unit) => decimal(raw, unit.places()) + "s",
            Self::Decimal { scale, .. } => decimal(raw, *scale),
        }
    }
}

/// As Python's `datasets` writes it: `date32`, `timestamp[us, tz=UTC]`, `decimal128(10, 2)`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date32 => f.write_str("date32"),
            Self::Date64 => f.write_str("date64"),
            Self::Time32(unit) => write!(f, "time32[{unit}]"),
            Self::Time64(unit) => write!(f, "time64[{unit}]"),
            Self::Timestamp(unit, None) => write!(f, "timestamp[{unit}]"),
            Self::Timestamp(unit, Some(zone)) => write!(f, "timestamp[{unit}, tz={zone}]"),
            Self::Duration(unit) => write!(f, "duration[{unit}]"),
            Self::Decimal { precision, scale } => write!(f, "decimal128({precision}, {scale})"),
        }
    }
}

/// `count` of 10^-`from` as so many of 10^-`into`.
fn scaled(count: i128, from: usize, into: usize) -> Option<i128> {
    if into >= from {
        return count.checked_mul(10_i128.pow((into - from) as u32));
    }
    let step = 10_i128.pow((from - into) as u32);
    (count % step == 0).then_some(count / step)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by the algorithm of
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn date(days: i128) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i128::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The time of a day in units of which a second has 10^`places`.
fn time(raw: i128, places: usize) -> String {
    let second = 10_i128.pow(places as u32);
    let (seconds, rest) = (raw.div_euclid(second), raw.rem_euclid(second));
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let whole = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    match rest {
        0 => whole,
        rest => format!("{whole}.{rest:0places$}"),
    }
}

fn timestamp(raw: i128, places: usize) -> String {
    let day = 86_400 * 10_i128.pow(places as u32);
    let of_day = time(raw.rem_euclid(day), places);
    format!("{}T{of_day}", date(raw.div_euclid(day)))
}

fn decimal(raw: i128, scale: usize) -> String {
    let digits = format!("{:0width$}", raw.unsigned_abs(), width = scale + 1);
    let (whole, behind) = digits.split_at(digits.len() - scale);
    let sign = if raw < 0 { "-" } else { "" };
    match behind {
        "" => format!("{sign}{whole}"),
        behind => format!("{sign}{whole}.{behind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Quantity, TimeUnit};

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            "date32",
            "date64",
            "time32[ms]",
            "time64[ns]",
            "timestamp[us]",
            "timestamp[s, tz=Europe/Berlin]",
            "duration[s]",
            "decimal128(38, 0)",
        ] {
            let named = Quantity::named(name).map(|quantity| quantity.to_string());
            assert_eq!(named.as_deref(), Some(name));
        }
        for name in [
            "date32[s]",
            "time32[us]",
            "time64[s]",
            "timestamp[h]",
            "decimal128(39, 0)",
        ] {
            assert_eq!(Quantity::named(name), None, "{name}");
        }
    }

    #[test]
    fn values_are_written_as_iso_8601_has_them() {
        let zone = Some("UTC".to_owned());
        let cases = [
            (Quantity::Date32, 18_262, "2020-01-01"),
            (Quantity::Date32, -719_529, "-001-12-31"),
            (Quantity::Date32, 11_016, "2000-02-29"),
            (
                Quantity::Time64(TimeUnit::Microsecond),
                3_720_000_001,
                "01:02:00.000001",
            ),
            (
                Quantity::Timestamp(TimeUnit::Millisecond, zone),
                -1,
                "1969-12-31T23:59:59.999Z",
            ),
            (Quantity::Duration(TimeUnit::Millisecond), -1_500, "-1.500s"),
            (
                Quantity::Decimal {
                    precision: 3,
                    scale: 2,
                },
                -5,
                "-0.05",
            ),
        ];
        for (quantity, raw, written) in cases {
            assert_eq!(quantity.written(raw), written);
        }
    }
}
