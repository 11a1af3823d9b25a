use trainer_core::TrainerBuilder;
use trainer_data::{Dataset, MapOptions, MapRows};

use crate::Result;

/// What a program does with which rows; made by [`DataArguments::splits`](super::DataArguments::splits).
#[derive(Clone, Debug, Default)]
pub struct Splits {
    /// To be trained on.
    pub train: Option<Dataset>,
    /// To be evaluated.
    pub validation: Option<Dataset>,
    /// To be predicted.
    pub test: Option<Dataset>,
}

impl Splits {
    /// [`Dataset::map`] of each.
    ///
    /// # Errors
    /// As there.
    pub fn map(&self, function: impl MapRows) -> Result<Self> {
        self.each(|rows| Ok(rows.map_with(&function, &MapOptions::default())?))
    }

    /// What `change` makes of each.
    ///
    /// # Errors
    /// The first of `change`.
    pub fn each(&self, change: impl Fn(&Dataset) -> Result<Dataset>) -> Result<Self> {
        let change = |rows: &Option<Dataset>| rows.as_ref().map(&change).transpose();
        Ok(Self {
            train: change(&self.train)?,
            validation: change(&self.validation)?,
            test: change(&self.test)?,
        })
    }

    /// The first there is: all have the same columns.
    #[must_use]
    pub fn any(&self) -> Option<&Dataset> {
        let splits = [&self.train, &self.validation, &self.test];
        splits.into_iter().flatten().next()
    }

    /// Gives the rows to be trained on and evaluated to a builder.
    pub fn give_to(&self, mut builder: TrainerBuilder) -> TrainerBuilder {
        if let Some(train) = &self.train {
            builder = builder.train_dataset(train);
        }
        if let Some(validation) = &self.validation {
            builder = builder.eval_dataset(validation);
        }
        builder
    }
}
