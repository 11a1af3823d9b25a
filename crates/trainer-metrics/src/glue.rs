//! The metrics of the GLUE tasks.

use crate::accuracy::Accuracy;
use crate::error::{MetricError, Result};
use crate::f1::F1;
use crate::group::MetricGroup;
use crate::matthews::Matthews;
use crate::pearson::Pearson;
use crate::spearman::Spearman;

/// The names that [`glue_metric`] knows.
pub const GLUE_TASKS: &[&str] = &[
    "cola",
    "sst2",
    "mrpc",
    "qqp",
    "stsb",
    "mnli",
    "mnli_mismatched",
    "mnli_matched",
    "qnli",
    "rte",
    "wnli",
    "hans",
];

/// The metrics of a GLUE task under the names that Hugging Face's
/// [`evaluate.load("glue", task)`](https://github.com/huggingface/evaluate/blob/main/metrics/glue/glue.py) gives them.
///
/// | task | values |
/// |---|---|
/// | `cola` | `matthews_correlation` |
/// | `mrpc`, `qqp` | `accuracy`, `f1` |
/// | `stsb` | `pearson`, `spearmanr` |
/// | the others | `accuracy` |
///
/// # Errors
///
/// [`MetricError::UnknownTask`].
pub fn glue_metric(task: &str) -> Result<MetricGroup> {
    let Some(task) = GLUE_TASKS.iter().find(|known| **known == task) else {
        return Err(MetricError::UnknownTask {
            task: task.to_string(),
            known: GLUE_TASKS,
        });
    };
    let group = MetricGroup::new(task);
    Ok(match *task {
        "cola" => group.with(Matthews::new()),
        "mrpc" | "qqp" => group.with(Accuracy::new()).with(F1::default()),
        "stsb" => group.with(Pearson::named("pearson")).with(Spearman::new()),
        _ => group.with(Accuracy::new()),
    })
}
