use serde_json::{Value, json};
use tch::Tensor;
use trainer_collate::{Batch, NamedTensors};

use super::{Task, check_classes, cross_entropy, form_of};
use crate::model::num_counted_labels;
use crate::{Error, PretrainedConfig, Result};

/// Which of several texts is the right one: inputs are `[rows, choices, length]`, `labels` the number of a choice a row. Each choice gets
/// one score, by which `logits` are `[rows, choices]`; the loss is their cross entropy.
#[derive(Debug)]
pub struct MultipleChoice;

impl MultipleChoice {
    pub(crate) fn new(config: &PretrainedConfig) -> Result<Self> {
        check_summary(config)?;
        Ok(Self)
    }
}

/// Keys of ELECTRA that say how a choice is summed up, with what is supported of each.
fn check_summary(config: &PretrainedConfig) -> Result<()> {
    for (key, supported) in [
        ("summary_type", json!("first")),
        ("summary_use_proj", json!(true)),
        ("summary_activation", json!("gelu")),
        ("summary_proj_to_labels", json!(false)),
        ("summary_first_dropout", json!(0.0)),
    ] {
        let found = config.get(key).unwrap_or(&supported);
        let is_zero = |value: &Value| value.as_f64() == Some(0.0);
        if *found != supported && !(is_zero(found) && is_zero(&supported)) {
            let reason = format!("{key} {found} is not supported for choices, only {supported} is");
            return Err(Error::config(config.origin(), reason));
        }
    }
    Ok(())
}

impl Task for MultipleChoice {
    fn num_outputs(&self) -> i64 {
        1
    }

    fn spread_choices(&self, inputs: &mut Batch, labels: &Batch) -> Result<Option<i64>> {
        let (name, shape) = match inputs.get("input_ids") {
            Some(_) => ("input_ids", "[batch, choices, length]"),
            None => ("inputs_embeds", "[batch, choices, length, hidden_size]"),
        };
        let found = inputs.require(name)?.size();
        let expected_dimensions = if name == "input_ids" { 3 } else { 4 };
        if found.len() != expected_dimensions || found[1] == 0 {
            return Err(Error::input(name, shape, format!("{found:?}")));
        }
        let (rows, choices) = (found[0], found[1]);
        let mut spread = Batch::new();
        for (name, tensor) in inputs.iter() {
            let size = tensor.size();
            match size.as_slice() {
                [one, two, rest @ ..] if [*one, *two] == [rows, choices] => {
                    let shape = [&[rows * choices], rest].concat();
                    spread.insert(name, tensor.f_reshape(shape)?);
                }
                _ => {
                    let found = format!("{name} {size:?}");
                    return Err(Error::input(
                        "inputs",
                        format!("[{rows}, {choices}, …]"),
                        found,
                    ));
                }
            }
        }
        *inputs = spread;
        if let Some(labels) = labels.get("labels") {
            check_classes(labels, choices)?;
        }
        Ok(Some(choices))
    }

    /// How many choices there are is not known here: numbers are only looked at for being whole and not negative.
    fn check(&self, labels: &Batch) -> Result<()> {
        let labels = labels.require("labels")?;
        if labels.dim() != 1 {
            return Err(Error::LabelForm {
                found: form_of(labels),
                task: "multiple choice".to_owned(),
                expected: "the number of a choice a row".to_owned(),
            });
        }
        check_classes(labels, i64::MAX)
    }

    fn num_items(&self, labels: &Batch) -> Result<i64> {
        num_counted_labels(labels.require("labels")?)
    }

    fn loss(&self, outputs: &NamedTensors, labels: &Batch) -> Result<Tensor> {
        let (logits, labels) = (outputs.require("logits")?, labels.require("labels")?);
        let (_, choices) = logits.size2()?;
        cross_entropy(logits, labels, choices)
    }
}
