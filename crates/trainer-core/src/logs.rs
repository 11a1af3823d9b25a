use serde::{Deserialize, Serialize};

use crate::number::{Number, four_digits};

/// Logged values by name, in the order they were added. What `train`, `evaluate` and `predict` report.
///
/// ```
/// use trainer_core::Logs;
/// let logs = Logs::new().with("eval_loss", 0.25).with("step", 3_i64);
/// assert_eq!(logs.get_f64("eval_loss"), Some(0.25));
/// assert_eq!(logs.to_string(), "{'eval_loss': '0.25', 'step': 3}");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logs {
    entries: Vec<(String, Number)>,
}

impl Logs {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one value more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Number>) -> Self {
        self.insert(name, value);
        self
    }

    /// Adds a value, or replaces the one of that name in its place.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Number>) {
        let name = name.into();
        let value = value.into();
        match self.entries.iter_mut().find(|(have, _)| *have == name) {
            Some((_, slot)) => *slot = value,
            None => self.entries.push((name, value)),
        }
    }

    /// Adds all values of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (name, value) in other.iter() {
            self.insert(name, value);
        }
    }

    /// The value called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Number> {
        self.entries
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, value)| *value)
    }

    /// The value called `name`, as a float.
    #[must_use]
    pub fn get_f64(&self, name: &str) -> Option<f64> {
        self.get(name).map(Number::as_f64)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Number)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
    }

    /// Names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// As Python's progress bar prints a log: floats as `%.4g` in quotes, `total_flos` left out.
impl std::fmt::Display for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{")?;
        let mut separator = "";
        for (name, value) in self.iter().filter(|(name, _)| *name != "total_flos") {
            match value {
                Number::Int(value) => write!(f, "{separator}'{name}': {value}")?,
                Number::Float(value) => {
                    write!(f, "{separator}'{name}': '{}'", four_digits(value))?;
                }
            }
            separator = ", ";
        }
        f.write_str("}")
    }
}

impl Serialize for Logs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Logs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = serde_json::Map::deserialize(deserializer)?;
        // Python users log strings too; only numbers are kept.
        let entries = map.into_iter().filter_map(|(name, value)| {
            let number = serde_json::from_value::<Number>(value).ok()?;
            Some((name, number))
        });
        // The names of a map differ.
        Ok(Self {
            entries: entries.collect(),
        })
    }
}
