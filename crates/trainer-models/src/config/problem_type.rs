use serde::{Deserialize, Serialize};

/// Which loss a sequence classification head has; `problem_type` in `config.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemType {
    /// Mean squared error against float labels.
    Regression,
    /// Cross entropy against one class number a row; -100 is ignored.
    SingleLabelClassification,
    /// Binary cross entropy against one float 0 or 1 a row and class.
    MultiLabelClassification,
}

impl ProblemType {
    /// The word in `config.json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::SingleLabelClassification => "single_label_classification",
            Self::MultiLabelClassification => "multi_label_classification",
        }
    }
}

impl std::fmt::Display for ProblemType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
