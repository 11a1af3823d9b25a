//! The texts of dates, times and decimal numbers.

use crate::Quantity;

impl Quantity {
    /// The number that is stored for `text`: a date as `2020-01-01`, a time as `01:02` or `01:02:03.5`, a timestamp as both
    /// with a `T` or a blank between, seconds as `1.5s`, and a decimal number. A time zone's hours behind a timestamp are taken off. Nothing where
    /// the text is something else, or where digits would be lost.
    pub(crate) fn read(&self, text: &str) -> Option<i128> {
        match self {
            Self::Date32 => days(text),
            Self::Date64 => Some(days(text)? * 86_400_000),
            Self::Time32(unit) | Self::Time64(unit) => of_day(text, unit.places()),
            Self::Timestamp(unit, zone) => {
                let (text, minutes) = without_zone(text)?;
                // Whose noon is meant is not said.
                if zone.is_some() && minutes.is_none() {
                    return None;
                }
                let (date, time) = match text.split_once(['T', ' ']) {
                    Some((date, time)) => (date, of_day(time, unit.places())?),
                    None => (text, 0),
                };
                let seconds = days(date)? * 86_400 - minutes.unwrap_or(0) * 60;
                Some(seconds * 10_i128.pow(unit.places() as u32) + time)
            }
            Self::Duration(unit) => number(text.strip_suffix('s')?, unit.places()),
            Self::Decimal { precision, scale } => {
                let number = number(text, *scale)?;
                (number.unsigned_abs() < 10_u128.pow(*precision as u32)).then_some(number)
            }
        }
    }
}

/// Days since 1970-01-01, by the algorithm of <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
fn days(text: &str) -> Option<i128> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i128::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let year = year - i128::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The time of a day in units of which a second has 10^`places`.
fn of_day(text: &str, places: usize) -> Option<i128> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "00"));
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let whole = seconds.split_once('.').map_or(seconds, |(whole, _)| whole);
    if hours > 23 || minutes > 59 || digits(whole, 2)? > 59 {
        return None;
    }
    let second = 10_i128.pow(places as u32);
    Some((hours * 60 + minutes) * 60 * second + number(seconds, places)?)
}

/// A timestamp without its zone, and the zone's minutes before UTC.
fn without_zone(text: &str) -> Option<(&str, Option<i128>)> {
    if let Some(text) = text.strip_suffix('Z') {
        return Some((text, Some(0)));
    }
    // A date has signs too.
    let Some(at) = text
        .rfind(['+', '-'])
        .filter(|at| text[..*at].contains(':'))
    else {
        return Some((text, None));
    };
    let (hours, minutes) = text[at + 1..]
        .split_once(':')
        .unwrap_or((&text[at + 1..], "00"));
    let minutes = digits(hours, 2)? * 60 + digits(minutes, 2)?;
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    Some((&text[..at], Some(sign * minutes)))
}

/// A decimal number in units of 10^-`scale`.
fn number(text: &str, scale: usize) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
    let kept = behind.trim_end_matches('0');
    let digits_before = whole.trim_start_matches('0').len();
    if whole.is_empty() || kept.len() > scale || digits_before + scale > 38 {
        return None;
    }
    let all = format!("{whole}{kept:0<scale$}");
    Some(sign * digits(&all, all.len())?)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i128> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use crate::{Quantity, TimeUnit};

    #[test]
    fn what_is_written_is_read() {
        let zone = Some("UTC".to_owned());
        for (quantity, count) in [
            (Quantity::Date32, 18_262),
            (Quantity::Date32, -1),
            (Quantity::Date32, 11_016),
            (Quantity::Time32(TimeUnit::Second), 86_399),
            (Quantity::Time64(TimeUnit::Nanosecond), 1),
            (Quantity::Timestamp(TimeUnit::Microsecond, None), -1),
            (
                Quantity::Timestamp(TimeUnit::Millisecond, zone),
                1_577_836_800_001,
            ),
            (Quantity::Duration(TimeUnit::Millisecond), -1_500),
            (
                Quantity::Decimal {
                    precision: 3,
                    scale: 2,
                },
                -999,
            ),
            (
                Quantity::Decimal {
                    precision: 38,
                    scale: 38,
                },
                1,
            ),
        ] {
            let written = quantity.written(count);
            assert_eq!(quantity.read(&written), Some(count), "{written}");
        }
    }

    #[test]
    fn nothing_else_is_read() {
        let seconds = Quantity::Timestamp(TimeUnit::Second, None);
        let noon = seconds.read("2020-01-01 12:00");
        assert_eq!(noon, seconds.read("2020-01-01T13:00:00+01:00"));
        assert_eq!(noon, seconds.read("2020-01-01T11:30:00.0-00:30"));
        for text in [
            "",
            "2020-02-30",
            "2020-1-1",
            "2020-01-01T24:00",
            "2020-01-01T00:00:00.5",
            "é-01-01",
            "1.1.2020",
        ] {
            assert_eq!(seconds.read(text), None, "{text}");
        }
        let zoned = Quantity::Timestamp(TimeUnit::Second, Some("UTC".to_owned()));
        assert_eq!(zoned.read("2020-01-01T12:00"), None);
        let price = Quantity::Decimal {
            precision: 3,
            scale: 2,
        };
        for text in ["10.00", "1.005", ".5", "1e1", "+1", "é"] {
            assert_eq!(price.read(text), None, "{text}");
        }
    }
}
