use std::fmt;

use crate::{Error, Feature, Result, named::Named};

/// The names and types of the columns of a data set, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features {
    features: Named<Feature>,
}

impl Features {
    /// No columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// These and a column `name` of type `feature`; one of that name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, feature: Feature) -> Self {
        self.insert(name, feature);
        self
    }

    /// Adds a column, or changes the type of the one that is there.
    pub fn insert(&mut self, name: impl Into<String>, feature: Feature) {
        self.features.insert(name.into(), feature);
    }

    /// The type of column `name`, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Feature> {
        self.features.get(name)
    }

    /// The type of column `name`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] lists the columns there are.
    pub fn require(&self, name: &str) -> Result<&Feature> {
        self.get(name).ok_or_else(|| Error::UnknownColumn {
            name: name.to_owned(),
            present: self.names().map(str::to_owned).collect(),
        })
    }

    /// The names, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.features
            .entries()
            .iter()
            .map(|(name, _)| name.as_str())
    }

    /// Names and types, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Feature)> {
        self.features
            .entries()
            .iter()
            .map(|(name, feature)| (name.as_str(), feature))
    }

    /// The number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.features.entries().len()
    }

    /// Whether there are no columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.features.entries().is_empty()
    }
}

impl<S: Into<String>> FromIterator<(S, Feature)> for Features {
    fn from_iter<I: IntoIterator<Item = (S, Feature)>>(features: I) -> Self {
        let mut all = Self::new();
        for (name, feature) in features {
            all.insert(name, feature);
        }
        all
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, feature)) in self.iter().enumerate() {
            write!(f, "{}{name}: {feature}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
