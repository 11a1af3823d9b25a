//! The function `strftime_now` of templates.

use std::fmt::Write;

use chrono::format::{Fixed, Item, StrftimeItems};
use chrono::{DateTime, Local, TimeZone};
use minijinja::{Error, ErrorKind};

/// How long a form may be, in bytes.
const LONGEST: usize = 1000;
/// So many characters of one are shown.
const SHOWN: usize = 60;

/// The time of the machine, written as `format` says: Python's `datetime.now().strftime(format)`.
pub(super) fn strftime_now(format: &str) -> Result<String, Error> {
    strftime(&Local::now(), format).ok_or_else(|| {
        let shown: String = format.chars().take(SHOWN).collect();
        let detail = format!("{shown:?} is no form of a date and time");
        Error::new(ErrorKind::InvalidOperation, detail)
    })
}

fn strftime<Z: TimeZone>(time: &DateTime<Z>, format: &str) -> Option<String>
where
    Z::Offset: std::fmt::Display,
{
    let items = StrftimeItems::new(format).filter(|item| !is_zone(item));
    let items: Vec<Item<'_>> = items.collect();
    if format.len() > LONGEST || items.contains(&Item::Error) {
        return None;
    }
    let mut text = String::new();
    write!(text, "{}", time.format_with_items(items.iter())).ok()?;
    Some(text)
}

/// Python's time of the machine knows no zone, so that it writes nothing for one.
fn is_zone(item: &Item<'_>) -> bool {
    let zones = [
        Fixed::TimezoneName,
        Fixed::TimezoneOffset,
        Fixed::TimezoneOffsetColon,
    ];
    matches!(item, Item::Fixed(fixed) if zones.contains(fixed))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::strftime;

    /// What Python's `datetime(2024, 7, 6, 15, 4, 5).strftime` gives.
    #[test]
    fn times_are_written_as_in_python() {
        let time = Utc.with_ymd_and_hms(2024, 7, 6, 15, 4, 5).unwrap();
        for (format, written) in [
            ("%d %b %Y", "06 Jul 2024"),
            ("%A, %B %d, %Y", "Saturday, July 06, 2024"),
            ("%Y-%m-%dT%H:%M:%S", "2024-07-06T15:04:05"),
            ("%-d.%-m. %I %p %j %y %%", "6.7. 03 PM 188 24 %"),
            ("%H:%M%z%Z %%Z", "15:04 %Z"),
            ("", ""),
        ] {
            assert_eq!(
                strftime(&time, format).as_deref(),
                Some(written),
                "{format}"
            );
        }
        assert_eq!(strftime(&time, "%Q"), None);
        assert_eq!(strftime(&time, &"%Y".repeat(1000)), None);
    }
}
