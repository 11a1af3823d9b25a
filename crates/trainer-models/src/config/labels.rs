//! `id2label`, `label2id` and `num_labels`, as Python's `PreTrainedConfig` takes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The most labels that a file may count without naming them.
const MOST: u64 = 100_000;

/// The labels of a head: their names by their numbers, which need not begin at 0 nor be without gaps, and back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Labels {
    names: BTreeMap<i64, Value>,
    /// As it was given; `null` where a file has `id2label` alone, as in Python.
    ids: Value,
}

impl Labels {
    /// `LABEL_0`, `LABEL_1`, …
    pub(super) fn unnamed(count: usize) -> Self {
        Self::named((0..count).map(|id| format!("LABEL_{id}")))
    }

    /// The names of the numbers from 0 on.
    pub(super) fn named(names: impl IntoIterator<Item = String>) -> Self {
        let (mut by_id, mut ids) = (BTreeMap::new(), Map::new());
        for (id, name) in (0_i64..).zip(names) {
            ids.insert(name.clone(), id.into());
            by_id.insert(id, name.into());
        }
        Self {
            names: by_id,
            ids: ids.into(),
        }
    }

    /// Takes the keys of labels out of a configuration. A `num_labels` that is not the number of names wins over them.
    pub(super) fn take(keys: &mut Map<String, Value>) -> Result<Self, String> {
        let count = keys.remove("num_labels").map(|count| read_count(&count));
        let count = count.transpose()?;
        let ids = keys.remove("label2id").unwrap_or_default();
        let names = match keys.remove("id2label") {
            None | Some(Value::Null) => return Ok(Self::unnamed(count.unwrap_or(2))),
            Some(Value::Object(names)) => names,
            Some(other) => {
                return Err(format!("id2label must map numbers to names, found {other}"));
            }
        };
        let mut by_id = BTreeMap::new();
        for (key, name) in names {
            let id = whole_number(&key).ok_or_else(|| {
                format!("id2label must map numbers to names, found {key:?}: {name}")
            })?;
            by_id.insert(id, name);
        }
        match count {
            Some(count) if count != by_id.len() => Ok(Self::unnamed(count)),
            _ if by_id.is_empty() => Err("id2label must name a label".to_owned()),
            _ => Ok(Self { names: by_id, ids }),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// Names by numbers; a name that is no text is its JSON.
    pub(super) fn id2label(&self) -> BTreeMap<i64, String> {
        let names = self.names.iter();
        names
            .map(|(id, name)| {
                let text = name.as_str().map(str::to_owned);
                (*id, text.unwrap_or_else(|| name.to_string()))
            })
            .collect()
    }

    /// Adds the keys to a configuration that is written: those that are not what two unnamed labels have.
    pub(super) fn write(&self, keys: &mut Map<String, Value>) {
        let default = Self::unnamed(2);
        if self.names != default.names {
            let names = self.names.iter();
            let names = names.map(|(id, name)| (id.to_string(), name.clone()));
            keys.insert("id2label".to_owned(), Value::Object(names.collect()));
        }
        if self.ids != default.ids {
            let mut ids = self.ids.clone();
            ids.sort_all_objects();
            keys.insert("label2id".to_owned(), ids);
        }
    }
}

/// Truth values are numbers, as in Python.
fn read_count(count: &Value) -> Result<usize, String> {
    let number = count.as_u64().or(count.as_bool().map(u64::from));
    number
        .filter(|count| (1..=MOST).contains(count))
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| format!("num_labels must be a positive whole number, found {count}"))
}

/// What Python's `int` makes of a text: blanks around it, a sign, and single underscores between digits are allowed.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let grouped =
        |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    if !digits.split('_').all(grouped) {
        return None;
    }
    text.replace('_', "").parse().ok()
}
