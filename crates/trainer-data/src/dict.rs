use std::collections::BTreeSet;
use std::{fmt, ops::Index};

use crate::{BoxError, Dataset, Error, Feature, Features, MapOptions, MapRows, Result, Row};

/// Data sets by the names of their splits, in order.
///
/// What changes a [`Dataset`] is here too and changes every split.
///
/// ```
/// use trainer_data::{Column, Columns, Dataset, DatasetDict};
/// let train = Dataset::from_columns(Columns::new().with("label", Column::ints([0, 1])))?;
/// let splits = DatasetDict::new().with("train", train);
/// assert_eq!(splits["train"].num_rows(), 2);
/// let refused = splits.get("test").unwrap_err();
/// assert_eq!(refused.to_string(), "there is no split \"test\"; the splits are train");
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct DatasetDict {
    splits: Vec<(String, Dataset)>,
}

impl DatasetDict {
    /// No splits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// These and `dataset` under `split`; one of that name is replaced.
    #[must_use]
    pub fn with(mut self, split: impl Into<String>, dataset: Dataset) -> Self {
        self.insert(split, dataset);
        self
    }

    /// Adds `dataset` under `split`, replacing one of that name in its place.
    pub fn insert(&mut self, split: impl Into<String>, dataset: Dataset) {
        let split = split.into();
        match self.splits.iter_mut().find(|(have, _)| *have == split) {
            Some((_, slot)) => *slot = dataset,
            None => self.splits.push((split, dataset)),
        }
    }

    /// The data set of `split`.
    ///
    /// # Errors
    /// [`Error::UnknownSplit`] lists the splits there are.
    pub fn get(&self, split: &str) -> Result<&Dataset> {
        self.iter()
            .find(|(have, _)| *have == split)
            .map(|(_, dataset)| dataset)
            .ok_or_else(|| Error::UnknownSplit {
                name: split.to_owned(),
                present: self.splits().map(str::to_owned).collect(),
            })
    }

    /// Whether there is a `split`.
    #[must_use]
    pub fn contains(&self, split: &str) -> bool {
        self.splits().any(|have| have == split)
    }

    /// The names of the splits, in order.
    pub fn splits(&self) -> impl ExactSizeIterator<Item = &str> {
        self.splits.iter().map(|(split, _)| split.as_str())
    }

    /// Names and data sets, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Dataset)> {
        self.splits
            .iter()
            .map(|(split, dataset)| (split.as_str(), dataset))
    }

    /// The number of splits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.splits.len()
    }

    /// Whether there are no splits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.splits.is_empty()
    }

    /// [`Dataset::map`] of every split.
    ///
    /// # Errors
    /// As there.
    pub fn map(&self, function: impl MapRows) -> Result<Self> {
        self.map_with(&function, &MapOptions::default())
    }

    /// [`Dataset::map_with`] of every split.
    ///
    /// # Errors
    /// As there; also [`Error::InvalidArgument`] for several splits and one file for their results. A
    /// [`ResultCache`](crate::ResultCache) has one for each.
    pub fn map_with<M: MapRows + ?Sized>(
        &self,
        function: &M,
        options: &MapOptions,
    ) -> Result<Self> {
        if options.on_disk.is_some() && self.len() > 1 {
            return Err(Error::InvalidArgument {
                name: "on_disk",
                message: "it is one file, and there are several splits".to_owned(),
            });
        }
        self.each(|dataset| dataset.map_with(function, options))
    }

    /// [`Dataset::filter`] of every split.
    ///
    /// # Errors
    /// As there.
    pub fn filter<F>(&self, keep: F) -> Result<Self>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        self.each(|dataset| dataset.filter(&keep))
    }

    /// [`Dataset::shuffle`] of every split.
    #[must_use]
    pub fn shuffle(&self, seed: u64) -> Self {
        let shuffled = self
            .splits
            .iter()
            .map(|(split, dataset)| (split.clone(), dataset.shuffle(seed)));
        Self {
            splits: shuffled.collect(),
        }
    }

    /// [`Dataset::rename_column`] in every split.
    ///
    /// # Errors
    /// As there.
    pub fn rename_column(&self, from: &str, to: &str) -> Result<Self> {
        self.each(|dataset| dataset.rename_column(from, to))
    }

    /// [`Dataset::remove_columns`] in every split.
    ///
    /// # Errors
    /// As there.
    pub fn remove_columns<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self> {
        self.each(|dataset| dataset.remove_columns(columns))
    }

    /// [`Dataset::rename_columns`] in every split.
    ///
    /// # Errors
    /// As there.
    pub fn rename_columns<S: AsRef<str>>(&self, names: &[(S, S)]) -> Result<Self> {
        self.each(|dataset| dataset.rename_columns(names))
    }

    /// [`Dataset::cast`] of every split.
    ///
    /// # Errors
    /// As there.
    pub fn cast(&self, features: &Features) -> Result<Self> {
        self.each(|dataset| dataset.cast(features))
    }

    /// [`Dataset::flatten`] of every split.
    ///
    /// # Errors
    /// As there.
    pub fn flatten(&self) -> Result<Self> {
        self.each(Dataset::flatten)
    }

    /// [`Dataset::sort`] of every split.
    ///
    /// # Errors
    /// As there.
    pub fn sort(&self, column: &str) -> Result<Self> {
        self.each(|dataset| dataset.sort(column))
    }

    /// [`Dataset::select_columns`] in every split.
    ///
    /// # Errors
    /// As there.
    pub fn select_columns<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self> {
        self.each(|dataset| dataset.select_columns(columns))
    }

    /// [`Dataset::cast_column`] in every split.
    ///
    /// # Errors
    /// As there.
    pub fn cast_column(&self, name: &str, feature: &Feature) -> Result<Self> {
        self.each(|dataset| dataset.cast_column(name, feature))
    }

    /// The texts, lists of texts, numbers or truth values of column `name` as class labels, in every split by the same numbers: the
    /// classes are those of all splits, in sorted order. Where a split holds class labels already, its classes are those of the others too.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, DatasetDict};
    /// let of = |words: &[&str]| Dataset::from_columns(Columns::new().with("label", Column::strings(words)));
    /// let raw: DatasetDict = [("train", of(&["spam", "ham"])?), ("validation", of(&["spam"])?)].into_iter().collect();
    /// let encoded = raw.class_encode_column("label")?;
    /// assert_eq!(encoded["validation"].features(), encoded["train"].features());
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Dataset::class_encode_column`], and [`Error::LabelOutOfRange`] for a text that is no class of a split that has some.
    pub fn class_encode_column(&self, name: &str) -> Result<Self> {
        let mut classes = BTreeSet::new();
        for (_, dataset) in self.iter() {
            let features = dataset.features();
            if let Some(label) = features.get(name).and_then(Feature::as_class_label) {
                let classes = Feature::ClassLabel(label.clone());
                return self.each(|dataset| dataset.class_encode_as(name, &classes));
            }
            classes.extend(dataset.class_names(name)?);
        }
        let classes = Feature::class_label(classes);
        self.each(|dataset| dataset.class_encode_as(name, &classes))
    }

    fn each(&self, change: impl Fn(&Dataset) -> Result<Dataset>) -> Result<Self> {
        let changed = self
            .iter()
            .map(|(split, dataset)| Ok((split.to_owned(), change(dataset)?)));
        Ok(Self {
            splits: changed.collect::<Result<_>>()?,
        })
    }
}

/// For programs that know their splits; [`DatasetDict::get`] is for names that come from elsewhere.
impl Index<&str> for DatasetDict {
    type Output = Dataset;

    /// # Panics
    /// If there is no such split; the message lists those there are.
    fn index(&self, split: &str) -> &Dataset {
        match self.get(split) {
            Ok(dataset) => dataset,
            Err(error) => panic!("{error}"),
        }
    }
}

impl<S: Into<String>> FromIterator<(S, Dataset)> for DatasetDict {
    fn from_iter<I: IntoIterator<Item = (S, Dataset)>>(splits: I) -> Self {
        let mut all = Self::new();
        for (split, dataset) in splits {
            all.insert(split, dataset);
        }
        all
    }
}

/// As Python prints it.
impl fmt::Display for DatasetDict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "DatasetDict({{")?;
        for (split, dataset) in self.iter() {
            write!(f, "    {split}: ")?;
            dataset.write(f, "    ")?;
            writeln!(f)?;
        }
        f.write_str("})")
    }
}

/// As [`Display`](fmt::Display).
impl fmt::Debug for DatasetDict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
