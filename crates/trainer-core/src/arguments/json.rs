//! Arguments as JSON, in and out.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};

use super::choices::IntervalStrategy;
use super::error::ArgumentsResult;
use super::fields::ArgumentFields;
use super::training_arguments::TrainingArguments;
use crate::python_json;

/// Floats that Python keeps as whole numbers where they are whole.
const STEPS: [&str; 5] = [
    "warmup_steps",
    "logging_steps",
    "eval_steps",
    "save_steps",
    "eval_delay",
];

/// Arguments that Python has not. They are written only where they are set away from their default: Python refuses names that
/// it does not know.
const NOT_PYTHONS: [&str; 1] = ["compute"];

impl TrainingArguments {
    /// Every argument by name, as Python's `to_dict` gives it: what follows from other arguments filled in, enums by
    /// their names, tokens replaced by `<HUB_TOKEN>`. `compute`, which Python does not know, is there only where it is not the
    /// default.
    pub fn to_dict(&self) -> Map<String, Value> {
        let mut values = self.to_values();
        let defaults = Self::default();
        values.retain(|name, value| {
            !NOT_PYTHONS.contains(&name.as_str()) || defaults.get(name).as_ref() != Some(value)
        });
        self.fill_in(&mut values);
        for (name, value) in &mut values {
            if name.ends_with("_token") {
                *value = hidden(name).into();
            } else if STEPS.contains(&name.as_str()) {
                make_whole(value);
            }
        }
        values
    }

    /// Puts what Python's `__post_init__` would have written in place of what the user left open.
    fn fill_in(&self, values: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| values.insert(name.to_string(), value);
        let checkpointing = self.effective_activation_checkpointing();
        let kwargs = self
            .activation_checkpointing_kwargs
            .as_ref()
            .or(self.gradient_checkpointing_kwargs.as_ref());
        put(
            "output_dir",
            self.effective_output_dir().to_string_lossy().into(),
        );
        put("activation_checkpointing", checkpointing.into());
        put("gradient_checkpointing", checkpointing.into());
        put("activation_checkpointing_kwargs", kwargs.cloned().into());
        put("gradient_checkpointing_kwargs", kwargs.cloned().into());
        put("do_eval", self.effective_do_eval().into());
        if self.eval_strategy == IntervalStrategy::Steps {
            put("eval_steps", self.effective_eval_steps().into());
        }
        put(
            "metric_for_best_model",
            self.effective_metric_for_best_model().into(),
        );
        put(
            "greater_is_better",
            self.effective_greater_is_better().into(),
        );
        put("report_to", self.effective_report_to().into());
        put("disable_tqdm", self.effective_disable_tqdm().into());
        let accelerator = self.accelerator_config.clone();
        put(
            "accelerator_config",
            accelerator.unwrap_or_else(accelerator_defaults),
        );
        put("dataloader_pin_memory", self.effective_pin_memory().into());
    }

    /// [`to_dict`](Self::to_dict) as text, indented by two, floats as Python writes them (`5e-05`).
    pub fn to_json_string(&self) -> String {
        python_json::in_order(&Value::Object(self.to_dict()), Some(2))
    }

    /// [`to_json_string`](Self::to_json_string) for a file that, given back, repeats the run: programs do all where none of
    /// `do_train`, `do_eval` and `do_predict` is set, so `do_eval` stays as it was given.
    pub(crate) fn to_repeatable_json(&self) -> String {
        let mut values = self.to_dict();
        values.insert("do_eval".into(), self.do_eval.into());
        python_json::in_order(&Value::Object(values), Some(2))
    }

    /// [`to_dict`](Self::to_dict) with the batch sizes, and only plain values: what is not a boolean, a number or a
    /// text becomes text. Lists and objects are written as JSON, `null` as `None`.
    pub fn to_sanitized_dict(&self) -> Map<String, Value> {
        let mut values = self.to_dict();
        values.insert("train_batch_size".into(), self.train_batch_size().into());
        values.insert("eval_batch_size".into(), self.eval_batch_size().into());
        for value in values.values_mut() {
            match value {
                Value::Null => *value = "None".into(),
                Value::Array(_) | Value::Object(_) => {
                    *value = python_json::in_order(value, None).into();
                }
                _ => {}
            }
        }
        values
    }

    /// Reads arguments from the text of a JSON object; what it does not name has its default. The `<HUB_TOKEN>` that
    /// stands in place of a token is read as none.
    ///
    /// # Errors
    ///
    /// [`ArgumentsError::Json`](super::ArgumentsError::Json) where the text is no JSON object, else as [`ArgumentFields::set`].
    pub fn from_json_str(text: &str) -> ArgumentsResult<Self> {
        Self::from_dict(serde_json::from_str(text)?)
    }

    /// Reads arguments from a map such as [`to_dict`](Self::to_dict) gives.
    ///
    /// # Errors
    ///
    /// As [`ArgumentFields::set`].
    pub fn from_dict(mut values: Map<String, Value>) -> ArgumentsResult<Self> {
        values.retain(|name, value| value.as_str() != Some(&hidden(name)));
        Self::from_values(values)
    }
}

impl Serialize for TrainingArguments {
    /// The map of [`to_dict`](TrainingArguments::to_dict).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_dict().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TrainingArguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Map::deserialize(deserializer)?;
        Self::from_dict(values).map_err(de::Error::custom)
    }
}

/// What Python writes for Accelerate when nothing is asked of it.
pub(super) fn accelerator_defaults() -> Value {
    json!({
        "split_batches": false,
        "dispatch_batches": null,
        "even_batches": true,
        "use_seedable_sampler": true,
        "non_blocking": false,
        "gradient_accumulation_kwargs": null,
    })
}

/// What stands in place of a secret.
fn hidden(name: &str) -> String {
    format!("<{}>", name.to_uppercase())
}

fn make_whole(value: &mut Value) {
    if let Some(number) = value.as_f64()
        && number.fract() == 0.0
        && number.abs() < 9.0e15
    {
        *value = (number as i64).into();
    }
}
