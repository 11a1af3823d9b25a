use std::fmt;

use crate::error::MismatchedWeight;

/// What of a checkpoint did not fit the model that was loaded from it.
///
/// Displays as the sentences that Python logs. `from_pretrained` logs them as a warning, when there is anything to say;
/// `from_pretrained_with_report` hands this over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The class of the model, such as `BertForSequenceClassification`.
    pub architecture: String,
    /// The name or folder that the weights are from.
    pub checkpoint: String,
    /// Weights of the model that the checkpoint lacks, in the model's order; they were drawn anew.
    pub missing: Vec<String>,
    /// Weights of the checkpoint that the model lacks, in file order; they were left out.
    pub unexpected: Vec<String>,
    /// Weights of another shape, which were drawn anew because the caller allowed it.
    pub mismatched: Vec<MismatchedWeight>,
}

impl LoadReport {
    /// Whether the checkpoint and the model have the same weights.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.mismatched.is_empty()
    }

    pub(crate) fn warn(&self) {
        if !self.is_exact() {
            trainer_data::warning!("{self}");
        }
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            architecture,
            checkpoint,
            ..
        } = self;
        if self.is_exact() {
            return write!(
                f,
                "All the weights of {architecture} were initialized from the model checkpoint at {checkpoint}."
            );
        }
        let mut gap = "";
        if !self.unexpected.is_empty() {
            write!(
                f,
                "Some weights of the model checkpoint at {checkpoint} were not used when initializing {architecture}: \
                 {:?}",
                self.unexpected
            )?;
            gap = "\n";
        }
        if !self.missing.is_empty() {
            write!(
                f,
                "{gap}Some weights of {architecture} were not initialized from the model checkpoint at {checkpoint} \
                 and are newly initialized: {:?}",
                self.missing
            )?;
            gap = "\n";
        }
        if !self.mismatched.is_empty() {
            write!(
                f,
                "{gap}Some weights of {architecture} were not initialized from the model checkpoint at {checkpoint} \
                 and are newly initialized because the shapes did not match:"
            )?;
            for weight in &self.mismatched {
                write!(
                    f,
                    "\n- {}: found shape {:?} in the checkpoint and {:?} in the model instantiated",
                    weight.name, weight.found, weight.expected
                )?;
            }
        }
        if !self.missing.is_empty() || !self.mismatched.is_empty() {
            write!(
                f,
                "\nYou should probably TRAIN this model on a down-stream task to be able to use it for predictions \
                 and inference."
            )?;
        }
        Ok(())
    }
}
