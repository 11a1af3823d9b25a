use crate::{Error, Result};

/// The names of the classes of a label column. The column holds numbers: the position of the name.
///
/// -1 stands for "no label", as in the test splits of GLUE.
///
/// ```
/// let labels = trainer_data::ClassLabel::new(["not_equivalent", "equivalent"]);
/// assert_eq!(labels.str2int("equivalent")?, 1);
/// assert_eq!(labels.int2str(0)?, "not_equivalent");
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassLabel {
    names: Vec<String>,
}

impl ClassLabel {
    /// Classes called `names`, numbered from 0.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self {
            names: names.into_iter().map(Into::into).collect(),
        }
    }

    /// The number of classes.
    #[must_use]
    pub fn num_classes(&self) -> usize {
        self.names.len()
    }

    /// The names, by number.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of class `label`.
    ///
    /// # Errors
    /// [`Error::LabelOutOfRange`] if there is no such class; -1 ("no label") has no name either.
    pub fn int2str(&self, label: i64) -> Result<&str> {
        usize::try_from(label)
            .ok()
            .and_then(|label| self.names.get(label))
            .map(String::as_str)
            .ok_or_else(|| self.out_of_range(label.to_string()))
    }

    /// The number of the class called `name`.
    ///
    /// # Errors
    /// [`Error::LabelOutOfRange`] if there is no such class.
    pub fn str2int(&self, name: &str) -> Result<i64> {
        self.position(name)
            .ok_or_else(|| self.out_of_range(format!("{name:?}")))
    }

    pub(crate) fn position(&self, name: &str) -> Option<i64> {
        self.names
            .iter()
            .position(|have| have == name)
            .map(|at| at as i64)
    }

    /// Whether `label` is a class or -1.
    pub(crate) fn admits(&self, label: i64) -> bool {
        label == -1 || usize::try_from(label).is_ok_and(|label| label < self.names.len())
    }

    fn out_of_range(&self, value: String) -> Error {
        Error::LabelOutOfRange {
            column: String::new(),
            row: None,
            value,
            names: self.names.clone(),
        }
    }
}
