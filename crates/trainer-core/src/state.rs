use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Map;
use trainer_data::regular_file;

use crate::number::Number;
use crate::{Error, Logs, Result, python_json};

/// Where a run stands: what `trainer_state.json` holds, field for field as Hugging Face's `TrainerState`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainerState {
    /// Epochs done, with the fraction of the current one.
    pub epoch: f64,
    /// Optimizer steps done.
    #[serde(deserialize_with = "whole_number")]
    pub global_step: u64,
    /// Optimizer steps of the whole run.
    #[serde(deserialize_with = "whole_number")]
    pub max_steps: u64,
    /// Log every so many steps.
    #[serde(deserialize_with = "whole_number")]
    pub logging_steps: u64,
    /// Evaluate every so many steps.
    #[serde(deserialize_with = "whole_number")]
    pub eval_steps: u64,
    /// Save every so many steps.
    #[serde(deserialize_with = "whole_number")]
    pub save_steps: u64,
    /// Examples a device and forward pass.
    #[serde(deserialize_with = "whole_number_or_none")]
    pub train_batch_size: Option<u64>,
    /// Epochs of the whole run, rounded up; of a stream 2^63 - 1, as in Python.
    #[serde(deserialize_with = "epochs")]
    pub num_train_epochs: u64,
    /// Input tokens seen, when they are counted.
    #[serde(deserialize_with = "whole_number")]
    pub num_input_tokens_seen: u64,
    /// Estimated floating point operations: 6 a token and weight outside embeddings.
    pub total_flos: f64,
    /// Everything logged, in order; each entry has its `step`.
    pub log_history: Vec<Logs>,
    /// Best value of `metric_for_best_model` so far; an infinity where every one was NaN.
    #[serde(with = "number_or_none")]
    pub best_metric: Option<f64>,
    /// Step of the best value.
    #[serde(deserialize_with = "whole_number_or_none")]
    pub best_global_step: Option<u64>,
    /// Checkpoint of the best step, when there is one.
    pub best_model_checkpoint: Option<String>,
    /// Always true: one process.
    pub is_local_process_zero: bool,
    /// Always true: one process.
    pub is_world_process_zero: bool,
    /// Always false: no hyper-parameter search.
    pub is_hyper_param_search: bool,
    /// Always absent: no hyper-parameter search.
    pub trial_name: Option<String>,
    /// Always absent: no hyper-parameter search.
    pub trial_params: Option<Map<String, serde_json::Value>>,
    /// States of the callbacks that have one, by name.
    pub stateful_callbacks: Map<String, serde_json::Value>,
}

impl Default for TrainerState {
    fn default() -> Self {
        Self {
            epoch: 0.0,
            global_step: 0,
            max_steps: 0,
            logging_steps: 500,
            eval_steps: 500,
            save_steps: 500,
            train_batch_size: None,
            num_train_epochs: 0,
            num_input_tokens_seen: 0,
            total_flos: 0.0,
            log_history: Vec::new(),
            best_metric: None,
            best_global_step: None,
            best_model_checkpoint: None,
            is_local_process_zero: true,
            is_world_process_zero: true,
            is_hyper_param_search: false,
            trial_name: None,
            trial_params: None,
            stateful_callbacks: Map::new(),
        }
    }
}

impl TrainerState {
    /// The text of `trainer_state.json`.
    ///
    /// # Errors
    /// When a callback's state cannot be written as JSON.
    pub fn to_json(&self) -> Result<String> {
        let text = python_json::to_string(self, 2).map_err(|source| Error::Json {
            path: "trainer_state.json".into(),
            source,
        })?;
        Ok(text + "\n")
    }

    /// Reads `trainer_state.json`, written here or by Python.
    ///
    /// # Errors
    /// When the file cannot be read, is not JSON or has a field that `TrainerState` has not; the error names the file.
    pub fn load_from_json(path: &Path) -> Result<Self> {
        let text = regular_file::read_to_string(path).map_err(Error::io("read", path))?;
        python_json::from_str(&text).map_err(|source| Error::Json {
            path: path.to_owned(),
            source,
        })
    }
}

/// A count that Python may have written as a float: `logging_steps` of 1 on its command line becomes `1.0`.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u64, D::Error> {
    counted(Number::deserialize(deserializer)?)
}

/// A count that may be the largest number that Python has for one.
fn epochs<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u64, D::Error> {
    match Number::deserialize(deserializer)? {
        Number::Int(i64::MAX) => Ok(i64::MAX.cast_unsigned()),
        number => counted(number),
    }
}

fn whole_number_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<u64>, D::Error> {
    Option::<Number>::deserialize(deserializer)?
        .map(counted)
        .transpose()
}

fn counted<E: de::Error>(number: Number) -> std::result::Result<u64, E> {
    let value = number.as_f64();
    if value.is_nan() || value < 0.0 || value.fract() != 0.0 || value > MOST_STEPS {
        return Err(E::custom(format!(
            "expected a whole number from 0 to 2^53, found {number}"
        )));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above"
    )]
    Ok(value as u64)
}

/// Counts up to here are exact as floats.
const MOST_STEPS: f64 = 9_007_199_254_740_992.0;

/// A float that may be infinite, as Python writes it.
mod number_or_none {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::number::Number;

    #[expect(clippy::ref_option, reason = "the form that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Number::Float).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Number>::deserialize(deserializer)?.map(Number::as_f64))
    }
}

#[cfg(test)]
mod tests {
    use super::TrainerState;

    fn read(text: &str) -> crate::Result<TrainerState> {
        let file =
            tempfile::NamedTempFile::new().map_err(crate::Error::io("make", "a".as_ref()))?;
        std::fs::write(file.path(), text).map_err(crate::Error::io("write", file.path()))?;
        TrainerState::load_from_json(file.path())
    }

    // What Python writes with `--logging_steps 1` and after a first metric that is NaN.
    #[test]
    fn whole_floats_and_infinities_of_python_are_read_and_written_back() -> crate::Result<()> {
        let state = read(r#"{"logging_steps": 1.0, "eval_steps": 2, "best_metric": Infinity}"#)?;
        assert_eq!((state.logging_steps, state.eval_steps), (1, 2));
        assert_eq!(state.best_metric, Some(f64::INFINITY));
        assert!(state.to_json()?.contains("\"best_metric\": Infinity"));
        assert_eq!(read(r#"{"best_metric": null}"#)?.best_metric, None);
        let endless = read(r#"{"num_train_epochs": 9223372036854775807}"#)?;
        assert!(
            endless
                .to_json()?
                .contains("\"num_train_epochs\": 9223372036854775807")
        );
        for wrong in ["1.5", "-1", "NaN", "\"x\"", "18446744073709551615", "1e300"] {
            for count in [
                "save_steps",
                "global_step",
                "max_steps",
                "num_train_epochs",
                "num_input_tokens_seen",
                "train_batch_size",
                "best_global_step",
            ] {
                let error = read(&format!("{{\"{count}\": {wrong}}}"));
                assert!(error.is_err(), "{count} {wrong}");
            }
        }
        assert_eq!(
            read(r#"{"train_batch_size": null}"#)?.train_batch_size,
            None
        );
        Ok(())
    }
}
