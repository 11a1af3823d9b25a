//! Splits as texts: `train[:10%]+test[5:10]`, as Python's `split` has them.

use super::split_names::is_split;
use crate::{Dataset, DatasetDict, Error, Result, concatenate_datasets};

impl DatasetDict {
    /// The rows that `split` names, as Python's argument `split` does: a split, or some of its rows, or several of these with `+`
    /// between them, whose rows come one behind the other. `all` are those of all splits.
    ///
    /// Rows are given as in Python's slices, in numbers or per cent of the split: `train[:100]`, `train[-10%:]`, `test[25%:75%]`. If
    /// one of both ends has a `%`, so has the other. Parts of a row are rounded to the nearest, `(pct1_dropremainder)` behind the brackets
    /// counts in whole hundredths of the split instead.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, DatasetDict};
    /// let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..10)))?;
    /// let splits = DatasetDict::new().with("train", data);
    /// assert_eq!(splits.slice("train[:25%] + train[-1:]")?.num_rows(), 3);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a text of another form, per cent above 100, a split of fewer than 100 rows that is counted in whole
    /// hundredths, and where no row is left; [`Error::UnknownSplit`]; and those of [`concatenate_datasets`].
    pub fn slice(&self, split: &str) -> Result<Dataset> {
        let all = self.splits().collect::<Vec<_>>().join("+");
        let text = if split == "all" { all.as_str() } else { split };
        let last = text.matches('+').count();
        let parts = text.split('+').enumerate().map(|(at, part)| {
            // Blanks around a sign belong to it, others are none of the text.
            let part = if at > 0 { part.trim_start() } else { part };
            let part = if at < last { part.trim_end() } else { part };
            Part::read(part).map_err(|message| refused(split, &message))
        });
        let parts: Vec<Part<'_>> = parts.collect::<Result<_>>()?;
        let rounding = |part: &Part<'_>| part.percent.map(|percent| percent.whole);
        if let (Some(first), Some(rest)) = (parts.first().and_then(rounding), parts.get(1..))
            && rest.iter().filter_map(rounding).any(|other| other != first)
        {
            return Err(refused(split, "its parts are rounded in different ways"));
        }
        let mut found = Vec::new();
        for part in parts {
            let data = self.get(part.split)?;
            let rows = part
                .rows(data.num_rows())
                .map_err(|message| refused(split, &message))?;
            if !rows.is_empty() {
                found.push(data.skip(rows.start).take(rows.len()));
            }
        }
        if found.is_empty() {
            return Err(refused(split, "it has no rows"));
        }
        concatenate_datasets(&found)
    }
}

fn refused(split: &str, message: &str) -> Error {
    Error::InvalidArgument {
        name: "split",
        message: format!("{split:?}: {message}"),
    }
}

/// One of the parts of a split's text.
#[derive(Debug)]
struct Part<'a> {
    split: &'a str,
    from: Option<i64>,
    to: Option<i64>,
    /// How the ends are counted, where that is per cent.
    percent: Option<Percent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Percent {
    /// In hundredths of the split that are whole rows.
    whole: bool,
}

impl<'a> Part<'a> {
    /// `SPLIT`, `SPLIT[FROM:TO]` or `SPLIT[FROM:TO](ROUNDING)`.
    fn read(text: &'a str) -> Result<Self, String> {
        let form = || {
            format!(
                "{text:?} is no split: expected one as train, train[10:20], train[:5%] or train[:5%]+test"
            )
        };
        let (rest, rounding) = match text.strip_suffix(')') {
            Some(open) => {
                let (rest, rounding) = open.split_once('(').ok_or_else(form)?;
                (rest, Some(rounding))
            }
            None => (text, None),
        };
        let (split, ends) = match rest.strip_suffix(']') {
            Some(open) => {
                let (split, ends) = open.split_once('[').ok_or_else(form)?;
                (split, ends.split_once(':').ok_or_else(form)?)
            }
            None => (rest, ("", "")),
        };
        if !is_split(split) {
            return Err(form());
        }
        let (from, from_percent) = end(ends.0).ok_or_else(form)?;
        let (to, to_percent) = end(ends.1).ok_or_else(form)?;
        let is_percent = from_percent || to_percent;
        let whole = match rounding {
            None | Some("closest") => false,
            Some("pct1_dropremainder") => true,
            Some(other) => {
                return Err(format!(
                    "{other:?} is no rounding; expected closest or pct1_dropremainder"
                ));
            }
        };
        if rounding.is_some() && !is_percent {
            return Err("only per cent are rounded".to_owned());
        }
        let too_many = |end: Option<i64>| end.filter(|end| is_percent && end.abs() > 100);
        if let Some(end) = too_many(from).or(too_many(to)) {
            return Err(format!("{end}% is not between -100% and 100%"));
        }
        Ok(Self {
            split,
            from,
            to,
            percent: is_percent.then_some(Percent { whole }),
        })
    }

    /// Which of `count` rows are meant.
    fn rows(&self, count: usize) -> Result<std::ops::Range<usize>, String> {
        if let Some(Percent { whole: true }) = self.percent
            && count < 100
        {
            return Err(format!(
                "{} has {count} rows, and a whole hundredth of fewer than 100 has none",
                self.split
            ));
        }
        let all = count as i64;
        let absolute = |end: i64| match self.percent {
            None => end,
            Some(Percent { whole: true }) => end * (all / 100),
            // As Python rounds: a half to the even number.
            Some(Percent { whole: false }) => {
                (end as f64 * count as f64 / 100.0).round_ties_even() as i64
            }
        };
        let placed = |end: i64| match absolute(end) {
            before if before < 0 => all.saturating_add(before).max(0) as usize,
            end => end.min(all) as usize,
        };
        let from = self.from.map_or(0, placed);
        let to = self.to.map_or(count, placed);
        Ok(from..to.max(from))
    }
}

/// One end of a slice, which may be missing, and whether it is per cent.
fn end(text: &str) -> Option<(Option<i64>, bool)> {
    if text.is_empty() {
        return Some((None, false));
    }
    let (number, is_percent) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => (text, false),
    };
    let digits = number.strip_prefix('-').unwrap_or(number);
    // Python's numbers may have underscores between their digits.
    let is_number = digits
        .split('_')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number {
        return None;
    }
    let digits: i64 = digits.replace('_', "").parse().unwrap_or(i64::MAX);
    let number = if number.starts_with('-') {
        -digits
    } else {
        digits
    };
    Some((Some(number), is_percent))
}
