use std::time::Instant;

use tch::no_grad;
use trainer_collate::Batch;
use trainer_data::Dataset;
use trainer_metrics::EvalPrediction;
use trainer_models::Mode;

use super::{PredictionOutput, Trainer};
use crate::callbacks::Event;
use crate::eval_loss::EvalLoss;
use crate::predictions::{Predictions, no_labels, to_array};
use crate::{Error, Logs, Result, report};

/// What one pass over a set gives.
struct EvalLoopOutput {
    metrics: Logs,
    predictions: Predictions,
}

impl Trainer {
    /// Evaluates on the evaluation set and logs the metrics, named `eval_…`. With several named sets each is evaluated and
    /// logged in turn, named `eval_{name}_…`, and all their metrics are given back.
    ///
    /// # Errors
    /// When there is no evaluation set, or as [`evaluate_on`](Self::evaluate_on).
    pub fn evaluate(&mut self) -> Result<Logs> {
        if self.eval_datasets.is_empty() {
            return Err(Error::Setup(
                "evaluation needs an eval_dataset, and the trainer was built without one"
                    .to_owned(),
            ));
        }
        let mut all = Logs::new();
        for at in 0..self.eval_datasets.len() {
            let set = &self.eval_datasets[at];
            let prefix = match &set.name {
                Some(name) => format!("eval_{name}"),
                None => "eval".to_owned(),
            };
            let dataset = set.dataset.clone();
            all.extend(&self.evaluate_on(&dataset, &prefix)?);
        }
        Ok(all)
    }

    /// Evaluates on `dataset` and logs the metrics, each named `{metric_key_prefix}_…`.
    ///
    /// The loss is the mean over all labels of the set, however they fall into batches.
    ///
    /// # Errors
    /// When the set is empty or does not fit the model, a metric cannot be computed, or a callback ends the run.
    pub fn evaluate_on(&mut self, dataset: &Dataset, metric_key_prefix: &str) -> Result<Logs> {
        let mut metrics = self
            .evaluation_loop(dataset, metric_key_prefix, false)?
            .metrics;
        self.log(&mut metrics)?;
        self.call(Event::Evaluate(&metrics))?;
        Ok(metrics)
    }

    /// Runs the model over `dataset` and gives back its scores for every row, the labels, and metrics named `test_…`,
    /// which are not logged.
    ///
    /// # Errors
    /// As [`evaluate_on`](Self::evaluate_on).
    pub fn predict(&mut self, dataset: &Dataset) -> Result<PredictionOutput> {
        self.predict_on(dataset, "test")
    }

    /// As [`predict`](Self::predict), with metrics named `{metric_key_prefix}_…`.
    ///
    /// # Errors
    /// As [`evaluate_on`](Self::evaluate_on).
    pub fn predict_on(
        &mut self,
        dataset: &Dataset,
        metric_key_prefix: &str,
    ) -> Result<PredictionOutput> {
        let output = self.evaluation_loop(dataset, metric_key_prefix, true)?;
        self.call(Event::Predict(&output.metrics))?;
        let all = output.predictions.concatenated()?;
        Ok(PredictionOutput {
            predictions: all.predictions,
            label_ids: all.label_ids,
            metrics: output.metrics,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "row counts stay below 2^53")]
    fn evaluation_loop(
        &mut self,
        dataset: &Dataset,
        prefix: &str,
        keep_predictions: bool,
    ) -> Result<EvalLoopOutput> {
        let loader = self.get_eval_dataloader(dataset)?;
        let start = Instant::now();
        let wants_metrics = self.compute_metrics.is_some() && !self.args.prediction_loss_only;
        if let Some(metric) = &mut self.compute_metrics {
            // An evaluation that failed has left batches.
            metric.reset();
        }
        let mut loss = EvalLoss::default();
        let mut predictions = Predictions::default();
        let mut scored = false;
        let total = loader.len();
        let mut num_samples = 0;
        // A loader of PyTorch draws a seed for its workers whenever it is read.
        trainer_torch::rng::draw_base_seed()?;
        for (at, batch) in loader.iter(0).enumerate() {
            let batch = batch?;
            num_samples += batch.num_examples();
            let prediction =
                self.prediction_step(batch, &mut loss, wants_metrics || keep_predictions)?;
            if let Some(prediction) = prediction {
                let has_labels = prediction.label_ids.shape() != [0];
                if wants_metrics
                    && has_labels
                    && let Some(metric) = &mut self.compute_metrics
                {
                    metric.add_batch(&prediction)?;
                    scored = true;
                }
                if keep_predictions {
                    predictions.push(prediction);
                }
            }
            self.call(Event::PredictionStep {
                done: at + 1,
                total,
            })?;
        }
        let mut metrics = Logs::new();
        if let Some(mean) = loss.mean(self.args.logging_nan_inf_filter) {
            metrics.insert(format!("{prefix}_loss"), mean);
        }
        if scored && let Some(metric) = &mut self.compute_metrics {
            let named = format!("{prefix}_");
            for (name, value) in metric.compute()? {
                let name = if name.starts_with(&named) {
                    name
                } else {
                    format!("{named}{name}")
                };
                metrics.insert(name, value);
            }
            metric.reset();
        }
        let steps = num_samples.div_ceil(self.args.eval_batch_size()) as f64;
        let seconds = start.elapsed().as_secs_f64();
        metrics.extend(&report::speed_metrics(
            prefix,
            seconds,
            Some(num_samples as f64),
            Some(steps),
        ));
        Ok(EvalLoopOutput {
            metrics,
            predictions,
        })
    }

    /// One batch without gradients: adds its loss, and gives back scores and labels when they are wanted.
    fn prediction_step(
        &self,
        batch: Batch,
        loss: &mut EvalLoss,
        wants_predictions: bool,
    ) -> Result<Option<EvalPrediction>> {
        self.validate_batch(&batch)?;
        let num_items = self.loss_items(&batch)?;
        let weight = if self.python_losses {
            batch.num_examples()
        } else {
            usize::try_from(num_items).unwrap_or(0)
        };
        let label_ids = match batch.get("labels").filter(|_| wants_predictions) {
            Some(labels) => to_array(labels)?,
            None => no_labels()?,
        };
        let output = no_grad(|| match batch.get("labels") {
            Some(_) => self.compute_loss(batch, Mode::Eval, num_items),
            // Rows to predict have no loss, not even one of the user's own.
            None => self.forward(batch, Mode::Eval),
        })?;
        if let Some(value) = &output.loss {
            #[expect(clippy::cast_possible_truncation, reason = "the loss is a float32")]
            loss.add(value.f_double_value(&[])? as f32, weight);
        }
        if !wants_predictions {
            return Ok(None);
        }
        Ok(Some(EvalPrediction {
            predictions: to_array(&output.logits)?,
            label_ids,
        }))
    }
}
