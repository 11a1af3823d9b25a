//! Named values.

use std::fmt;

use serde::{Serialize, Serializer};

/// Values by name, in the order in which they were put in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics {
    values: Vec<(String, f64)>,
}

impl Metrics {
    /// No values.
    pub const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Values of different names, which is not checked.
    pub(crate) const fn of_distinct(values: Vec<(String, f64)>) -> Self {
        Self { values }
    }

    /// These values and one more.
    ///
    /// ```
    /// let metrics = trainer_metrics::Metrics::new().with("accuracy", 0.5).with("f1", 0.4);
    /// assert_eq!(metrics.to_string(), "accuracy = 0.5, f1 = 0.4");
    /// ```
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: f64) -> Self {
        self.insert(name, value);
        self
    }

    /// Adds a value, or replaces the one of this name in its place.
    pub fn insert(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        match self.values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name, value)),
        }
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
    }

    /// The number of values.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(formatter, "{comma}{name} = {value}")?;
        }
        Ok(())
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for Metrics {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(values: I) -> Self {
        let mut metrics = Self::new();
        metrics.extend(values);
        metrics
    }
}

impl<N: Into<String>> Extend<(N, f64)> for Metrics {
    fn extend<I: IntoIterator<Item = (N, f64)>>(&mut self, values: I) {
        for (name, value) in values {
            self.insert(name, value);
        }
    }
}

impl IntoIterator for Metrics {
    type Item = (String, f64);
    type IntoIter = std::vec::IntoIter<(String, f64)>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
