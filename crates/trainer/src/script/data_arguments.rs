use std::path::PathBuf;

use trainer_core::{TrainingArguments, argument_fields};
use trainer_data::{DatasetDict, load_dataset, load_files, load_files_in_field};

use super::Splits;
use crate::Result;

argument_fields! {
    /// Which rows are trained on, evaluated and predicted.
    #[derive(Clone, Debug)]
    pub struct DataArguments {
        "Data" {
            /// The dataset: a name on the hub, a folder or a file.
            dataset_name: Option<String> = None,
            /// The dataset's configuration.
            dataset_config_name: Option<String> = None,
            /// A file of rows to train on (CSV, JSON, JSON lines, text, parquet), instead of a dataset.
            train_file: Option<PathBuf> = None,
            /// A file of rows to evaluate.
            validation_file: Option<PathBuf> = None,
            /// A file of rows to predict.
            test_file: Option<PathBuf> = None,
            /// Train on the first so many rows only.
            max_train_samples: Option<usize> = None,
            /// Evaluate the first so many rows only.
            max_eval_samples: Option<usize> = None,
            /// Predict the first so many rows only.
            max_predict_samples: Option<usize> = None,
        }
    }
}

impl DataArguments {
    /// The dataset, or the files as `train`, `validation` and `test`.
    ///
    /// # Errors
    /// When nothing was given, or both; and as [`load_dataset`].
    pub fn load(&self) -> Result<DatasetDict> {
        self.load_files(|files| load_files(files))
    }

    /// As [`load`](Self::load), of JSON files the rows that stand in `field` of the object that a file is.
    ///
    /// # Errors
    /// As there, and when a file has no such field.
    pub fn load_in_field(&self, field: &str) -> Result<DatasetDict> {
        self.load_files(|files| load_files_in_field(files, field))
    }

    fn load_files(
        &self,
        load: impl FnOnce(Vec<(&str, [PathBuf; 1])>) -> trainer_data::Result<DatasetDict>,
    ) -> Result<DatasetDict> {
        let files = [
            ("train", &self.train_file),
            ("validation", &self.validation_file),
            ("test", &self.test_file),
        ];
        let files: Vec<(&str, [PathBuf; 1])> = files
            .into_iter()
            .filter_map(|(split, file)| Some((split, [file.clone()?])))
            .collect();
        match &self.dataset_name {
            None if files.is_empty() => Err(
                "there are no data: give a --dataset_name, or a --train_file, --validation_file or --test_file"
                    .into(),
            ),
            None => Ok(load(files)?),
            Some(_) if !files.is_empty() => {
                Err("give a --dataset_name or files, not both".into())
            }
            Some(name) => Ok(load_dataset(name, self.dataset_config_name.as_deref())?),
        }
    }

    /// Of `raw`, the rows that are to be trained on (`train`), evaluated (`validation`) and predicted (`test`), as far as there are such
    /// splits: those that `do_train`, `do_eval` and `do_predict` ask for, or all where none is asked for; no more rows of each than was
    /// asked for.
    ///
    /// # Errors
    /// When there is no split of a name that was asked for.
    pub fn splits(&self, raw: &DatasetDict, args: &TrainingArguments) -> Result<Splits> {
        let all = !(args.do_train || args.do_eval || args.do_predict);
        let split = |name, asked, most: Option<usize>| match raw.get(name) {
            Ok(rows) if asked || all => Ok(Some(rows.take(most.unwrap_or(rows.num_rows())))),
            Err(error) if asked => Err(error),
            _ => Ok(None),
        };
        Ok(Splits {
            train: split("train", args.do_train, self.max_train_samples)?,
            validation: split("validation", args.do_eval, self.max_eval_samples)?,
            test: split("test", args.do_predict, self.max_predict_samples)?,
        })
    }
}
