use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use trainer_data::regular_file;

use super::labels::Labels;
use super::{ModelOptions, ProblemType};
use crate::families::family_of;
use crate::{Error, Result};

/// A model's `config.json`: every key as it was read, and the labels and problem type of its head.
///
/// Keys that no model of this crate knows are kept and written back. [`AutoConfig`](crate::AutoConfig) reads one; a
/// family's own struct, such as [`BertConfig`](crate::bert::BertConfig), turns into one by `From`.
#[derive(Clone, Debug, PartialEq)]
pub struct PretrainedConfig {
    keys: Map<String, Value>,
    labels: Labels,
    problem_type: Option<ProblemType>,
    origin: String,
}

impl PretrainedConfig {
    /// Takes the text of a `config.json`; `origin` names it in errors.
    ///
    /// # Errors
    /// When the text is not a JSON object, or `id2label`, `num_labels` or `problem_type` cannot be used.
    pub fn from_json(text: &str, origin: &str) -> Result<Self> {
        let keys = serde_json::from_str(text).map_err(|source| Error::Json {
            origin: origin.to_owned(),
            source,
        })?;
        Self::from_keys(keys, origin)
    }

    /// A configuration with nothing but the kind of model.
    pub(crate) fn new(model_type: &str, origin: &str) -> Self {
        let mut keys = Map::new();
        keys.insert("model_type".to_owned(), Value::from(model_type));
        Self {
            keys,
            labels: Labels::unnamed(2),
            problem_type: None,
            origin: origin.to_owned(),
        }
    }

    /// Adds the keys that are not there yet.
    pub(crate) fn fill_in(&mut self, keys: Map<String, Value>) {
        for (key, value) in keys {
            self.keys.entry(key).or_insert(value);
        }
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = regular_file::read_to_string(path).map_err(Error::io("read", path))?;
        Self::from_json(&text, &path.display().to_string())
    }

    fn from_keys(mut keys: Map<String, Value>, origin: &str) -> Result<Self> {
        let bad = |reason: String| Error::config(origin, reason);
        let labels = Labels::take(&mut keys).map_err(bad)?;
        let problem_type = match keys.remove("problem_type") {
            None | Some(Value::Null) => None,
            Some(value) => Some(
                serde_json::from_value(value)
                    .map_err(|source| bad(format!("problem_type: {source}")))?,
            ),
        };
        let config = Self {
            keys,
            labels,
            problem_type,
            origin: origin.to_owned(),
        };
        config.check_head()?;
        Ok(config)
    }

    /// The value of a key, as it was read; not for those of labels and `problem_type`, which have methods.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.keys.get(key)
    }

    /// Sets a key.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.keys.insert(key.into(), value.into());
    }

    /// Which family of models this configures, such as `bert`.
    ///
    /// # Errors
    /// When the key is absent or not a string.
    pub fn model_type(&self) -> Result<&str> {
        self.get("model_type")
            .and_then(Value::as_str)
            .ok_or_else(|| Error::config(&self.origin, "model_type is missing"))
    }

    /// Number of outputs of the head; 2 when the file does not say.
    #[must_use]
    pub fn num_labels(&self) -> usize {
        self.labels.count()
    }

    /// [`num_labels`](Self::num_labels) as a dimension of a tensor.
    pub(crate) fn num_outputs(&self) -> Result<i64> {
        i64::try_from(self.num_labels())
            .map_err(|_| Error::config(&self.origin, "num_labels is too large"))
    }

    /// The labels' names by their numbers; `LABEL_0`, `LABEL_1`, … when the file does not say. Numbers are the file's, which need
    /// not begin at 0: a model's outputs are numbered from 0 in any case.
    #[must_use]
    pub fn id2label(&self) -> BTreeMap<i64, String> {
        self.labels.id2label()
    }

    /// Takes names for as many labels as there are, where they have none but `LABEL_0`, `LABEL_1`, ….
    pub(crate) fn name_labels(&mut self, names: &[String]) {
        let unnamed = Labels::unnamed(names.len()).id2label();
        if self.labels.id2label() == unnamed {
            self.labels = Labels::named(names.iter().cloned());
        }
    }

    /// The head's loss; `None` when it is still to be inferred from the first labels.
    #[must_use]
    pub fn problem_type(&self) -> Option<ProblemType> {
        self.problem_type
    }

    /// The file or call that the configuration is from, for messages.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The configuration with what a caller asked for instead.
    ///
    /// # Errors
    /// When the options contradict each other or the configuration.
    pub fn with_options(mut self, options: &ModelOptions) -> Result<Self> {
        if let Some(labels) = options.labels()?
            && (labels.count() != self.num_labels() || options.names_labels())
        {
            self.labels = labels;
        }
        if let Some(problem_type) = options.problem_type {
            self.problem_type = Some(problem_type);
        }
        for (key, value) in options.overrides() {
            let own = match family_of(&self) {
                Ok(family) => family.config_key(key).ok_or_else(|| {
                    let reason = format!("{} has no {key}", family.model_type());
                    Error::config("model options", reason)
                })?,
                // Whoever makes the model says that there is no such family.
                Err(_) => key,
            };
            self.set(own, value);
        }
        self.check_head()?;
        Ok(self)
    }

    pub(crate) fn set_problem_type(&mut self, problem_type: ProblemType) {
        self.problem_type = Some(problem_type);
    }

    /// The keys as a family's own struct.
    ///
    /// # Errors
    /// When a key that the struct asks for is missing, or a value of another type; the error names it.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(Value::Object(self.keys.clone())).map_err(|source| Error::Json {
            origin: self.origin.clone(),
            source,
        })
    }

    /// The text of the `config.json` that `save_pretrained` writes: keys sorted, as Python writes them.
    pub(crate) fn to_saved_json(&self, architecture: &str) -> Result<String> {
        let mut keys = self.keys.clone();
        for key in ["_name_or_path", "torch_dtype"] {
            keys.remove(key);
        }
        keys.insert("architectures".into(), Value::from(vec![architecture]));
        keys.insert("dtype".into(), Value::from("float32"));
        keys.insert(
            "transformers_version".into(),
            Value::from(TRANSFORMERS_VERSION),
        );
        if let Some(problem_type) = self.problem_type {
            keys.insert("problem_type".into(), Value::from(problem_type.as_str()));
        }
        keys.values_mut().for_each(Value::sort_all_objects);
        self.labels.write(&mut keys);
        keys.sort_keys();
        let text = serde_json::to_string_pretty(&keys).map_err(|source| Error::Json {
            origin: self.origin.clone(),
            source,
        })?;
        Ok(text + "\n")
    }

    fn check_head(&self) -> Result<()> {
        if self.problem_type == Some(ProblemType::SingleLabelClassification)
            && self.num_labels() == 1
        {
            return Err(Error::config(
                &self.origin,
                "problem_type \"single_label_classification\" needs num_labels > 1; use 2 for a yes or no, or \
                 \"regression\" for a single output",
            ));
        }
        Ok(())
    }
}

/// The release of transformers whose files and numbers this crate follows.
const TRANSFORMERS_VERSION: &str = "5.23.0";
