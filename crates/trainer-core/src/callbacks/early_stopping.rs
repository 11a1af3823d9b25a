use serde::{Deserialize, Serialize};
use trainer_data::{BoxError, warning};

use crate::best::eval_name;
use crate::{Answer, Callback, CallbackContext, Event, IntervalStrategy, Logs, TrainerControl};

/// Stops training when `metric_for_best_model` has not improved for a number of evaluations.
///
/// ```
/// use trainer_core::EarlyStoppingCallback;
/// let callback = EarlyStoppingCallback::new(3).early_stopping_threshold(0.001);
/// # drop(callback);
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStoppingCallback {
    args: Patience,
    attributes: Counter,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Patience {
    early_stopping_patience: u32,
    early_stopping_threshold: f64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Counter {
    early_stopping_patience_counter: u32,
}

impl EarlyStoppingCallback {
    /// Stops after `early_stopping_patience` evaluations in a row without improvement.
    #[must_use]
    pub fn new(early_stopping_patience: u32) -> Self {
        Self {
            args: Patience {
                early_stopping_patience,
                early_stopping_threshold: 0.0,
            },
            attributes: Counter::default(),
        }
    }

    /// How much better than the best a value must be to count as an improvement; 0 by default.
    #[must_use]
    pub fn early_stopping_threshold(mut self, threshold: f64) -> Self {
        self.args.early_stopping_threshold = threshold;
        self
    }

    fn after_evaluation(
        &mut self,
        metrics: &Logs,
        cx: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> TrainerControl {
        let Some(metric) = cx.args.effective_metric_for_best_model() else {
            return control;
        };
        let name = eval_name(metric);
        let Some(value) = metrics.get_f64(&name) else {
            warning!(
                "early stopping needs {name:?}, which this evaluation has not; it did nothing"
            );
            return control;
        };
        let improved = cx.state.best_metric.is_none_or(|best| {
            let better = if cx.args.effective_greater_is_better() == Some(true) {
                value > best
            } else {
                value < best
            };
            better && (value - best).abs() > self.args.early_stopping_threshold
        });
        let counter = &mut self.attributes.early_stopping_patience_counter;
        *counter = if improved {
            0
        } else {
            counter.saturating_add(1)
        };
        self.stop_when_patience_is_over(control)
    }

    fn stop_when_patience_is_over(&self, mut control: TrainerControl) -> TrainerControl {
        let counter = self.attributes.early_stopping_patience_counter;
        control.should_training_stop |= counter > 0 && counter >= self.args.early_stopping_patience;
        control
    }
}

impl Callback for EarlyStoppingCallback {
    fn on_event(
        &mut self,
        event: Event<'_>,
        cx: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        match event {
            Event::TrainBegin if cx.args.effective_metric_for_best_model().is_none() => {
                Err("EarlyStoppingCallback needs metric_for_best_model".into())
            }
            Event::TrainBegin if cx.args.eval_strategy == IntervalStrategy::No => {
                Err("EarlyStoppingCallback needs eval_strategy steps or epoch".into())
            }
            // A run that had stopped and is resumed does not train on, unless it is given more patience.
            Event::TrainBegin => Ok(self.stop_when_patience_is_over(control)),
            Event::Evaluate(metrics) => Ok(self.after_evaluation(metrics, cx, control)),
            _ => Ok(control),
        }
    }

    fn state(&self) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "args": self.args, "attributes": self.attributes }))
    }

    fn load_state(&mut self, state: &serde_json::Value) -> Result<(), BoxError> {
        self.args = Patience::deserialize(&state["args"])?;
        self.attributes = Counter::deserialize(&state["attributes"])?;
        Ok(())
    }
}
