//! The column of answers.

use trainer_data::{ColumnRows, Value};

use crate::columns::in_column;
use crate::{Error, Result};

/// Where an answer stands in its context, in characters: `begin..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) begin: i64,
    pub(super) end: i64,
}

/// The first answer of the column's `k`-th row, which is row `row` of the data set; `None` where there is none. What else
/// stands there than lists of texts and of numbers, one for each text, is an error.
pub(super) fn first_answer(column: &ColumnRows<'_>, k: usize, row: usize) -> Result<Option<Span>> {
    let name = column.name();
    let value = column.value(k).map_err(|source| in_column(name, source))?;
    read(&value).map_err(|reason| Error::Answers {
        column: name.to_owned(),
        row,
        reason,
    })
}

/// `{text: […], answer_start: […]}`, or a list of `{text, answer_start}`.
fn read(value: &Value) -> Result<Option<Span>, String> {
    let (texts, starts): (Vec<&Value>, Vec<&Value>) = match value {
        Value::List(answers) => {
            let both = |answer| Ok((field(answer, "text")?, field(answer, "answer_start")?));
            let both = answers.iter().map(both).collect::<Result<Vec<_>, String>>();
            both?.into_iter().unzip()
        }
        _ => (list(value, "text")?, list(value, "answer_start")?),
    };
    if texts.len() != starts.len() {
        return Err(format!(
            "`text` has {} answers and `answer_start` {}: each answer needs its place",
            texts.len(),
            starts.len()
        ));
    }
    let text = |value: &Value| {
        let text = value.as_str().map(|text| text.chars().count());
        text.ok_or_else(|| format!("`text` should hold texts, but it holds {value}"))
    };
    let start = |value: &Value| {
        let number = value.as_int();
        number.ok_or_else(|| {
            format!("`answer_start` should hold whole numbers, but it holds {value}")
        })
    };
    let spans = texts.iter().zip(&starts).map(|(one, begin)| {
        let (length, begin) = (text(one)?, start(begin)?);
        let end = begin.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
        Ok(Span { begin, end })
    });
    let spans = spans.collect::<Result<Vec<_>, String>>()?;
    Ok(spans.first().copied())
}

fn field<'v>(value: &'v Value, name: &str) -> Result<&'v Value, String> {
    value.field(name).ok_or_else(|| {
        format!("expected `text` and `answer_start`, but there is no `{name}` in {value}")
    })
}

fn list<'v>(value: &'v Value, name: &str) -> Result<Vec<&'v Value>, String> {
    let value = field(value, name)?;
    let list = value.as_list().map(|list| list.iter().collect());
    list.ok_or_else(|| format!("`{name}` should be a list, but it is {value}"))
}
