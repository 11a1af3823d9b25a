use std::time::Instant;

use tch::{Tensor, no_grad};
use trainer_collate::{Batch, NamedTensors};
use trainer_metrics::{Array, EvalPrediction, NamedArrays};
use trainer_models::Mode;

use crate::best::prefixed;
use crate::callbacks::Event;
use crate::engine::{Engine, Work};
use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::loss::{EvalLoss, LossShare};
use crate::predictions::{to_array, to_arrays};
use crate::{Error, Logs, Result, TrainerDataset, report};

/// What becomes of the predictions and labels of a batch.
pub(crate) type TakePredictions<'t> = dyn FnMut(EvalPrediction) -> Result<()> + 't;

/// Evaluates on every evaluation set and logs the metrics.
pub(crate) fn evaluate_all(
    engine: &mut Engine,
    inputs: &Inputs,
    journal: &mut Journal,
) -> Result<Logs> {
    if inputs.eval_datasets.is_empty() {
        return Err(Error::NoEvalDataset);
    }
    let mut all = Logs::new();
    for set in &inputs.eval_datasets {
        let metrics = evaluate_on(engine, inputs, journal, &set.dataset, &set.prefix())?;
        all.extend(&metrics);
    }
    Ok(all)
}

/// Evaluates on one set and logs the metrics, each named `{prefix}_…`.
pub(crate) fn evaluate_on(
    engine: &mut Engine,
    inputs: &Inputs,
    journal: &mut Journal,
    dataset: &TrainerDataset,
    prefix: &str,
) -> Result<Logs> {
    let mut metrics = evaluation_loop(engine, inputs, journal, (dataset, prefix), None)?;
    journal.log(&mut metrics)?;
    journal.call(Event::Evaluate(&metrics))?;
    Ok(metrics)
}

/// Runs the model over a set; streams what it gives into the metric, and to `take`, batch by batch in the order of rows. Gives the metrics.
#[expect(clippy::cast_precision_loss, reason = "row counts stay below 2^53")]
pub(crate) fn evaluation_loop(
    engine: &mut Engine,
    inputs: &Inputs,
    journal: &mut Journal,
    (dataset, prefix): (&TrainerDataset, &str),
    take: Option<&mut TakePredictions<'_>>,
) -> Result<Logs> {
    let source = inputs.eval_source(dataset, &journal.args, &*engine.model)?;
    let start = Instant::now();
    let wants_metrics = engine.compute_metrics.is_some() && !journal.args.prediction_loss_only;
    if let Some(metric) = &mut engine.compute_metrics {
        // An evaluation that failed has left batches.
        metric.reset();
    }
    let mut found = Found::new(wants_metrics, take);
    let total = source.len().unwrap_or(0);
    let mut num_samples = 0;
    // A loader of PyTorch draws a seed for its workers whenever it is read.
    trainer_torch::rng::draw_base_seed()?;
    let mut before = None;
    for (at, batch) in source.all()?.enumerate() {
        let batch = batch?;
        num_samples += batch.num_examples();
        // A device computes a batch while the host fetches the outputs of the one before.
        let started = start_batch(engine, journal, batch, found.wants_outputs())?;
        if let Some(before) = before.replace(started) {
            found.add(engine, journal, before)?;
        }
        let done = at + 1;
        journal.call(Event::PredictionStep { done, total })?;
    }
    if num_samples == 0 {
        return Err(Error::EmptyDataset("evaluation set"));
    }
    if let Some(last) = before {
        found.add(engine, journal, last)?;
    }
    let mut metrics = Logs::new();
    if let Some(mean) = found.loss.mean(journal.args.logging_nan_inf_filter) {
        metrics.insert(format!("{prefix}_loss"), mean);
    }
    if found.scored
        && let Some(metric) = &mut engine.compute_metrics
    {
        for (name, value) in metric.compute()? {
            metrics.insert(prefixed(prefix, &name), value);
        }
        metric.reset();
    }
    let steps = num_samples.div_ceil(journal.args.eval_batch_size()) as f64;
    let seconds = start.elapsed().as_secs_f64();
    let (samples, steps) = (Some(num_samples as f64), Some(steps));
    metrics.extend(&report::speed_metrics(prefix, seconds, samples, steps));
    Ok(metrics)
}

/// A batch that the device was given.
struct Started {
    work: Work,
    /// Those that metrics or predictions are made of; none where only the loss is wanted.
    outputs: NamedTensors,
    labels: Batch,
    inputs: NamedArrays,
    loss: Option<Tensor>,
}

/// Starts a batch without gradients, and waits for no device.
fn start_batch(
    engine: &Engine,
    journal: &Journal,
    batch: Batch,
    wants_outputs: bool,
) -> Result<Started> {
    let main = engine.model.main_input_name();
    let mut inputs = NamedArrays::new();
    if wants_outputs
        && includes(journal, "inputs")
        && let Some(tensor) = batch.get(main)
    {
        inputs = inputs.with(main, to_array(tensor)?);
    }
    let labels: Batch = engine
        .label_names
        .iter()
        .filter_map(|name| Some((name.as_str(), batch.get(name)?.shallow_clone())))
        .collect();
    let work = match wants_outputs {
        true => engine.prepare(batch)?,
        false => engine.prepare_for_loss(batch)?,
    };
    let (output, loss) = no_grad(|| -> Result<_> {
        let (output, for_criterion) = engine.forward(&work, Mode::Eval)?;
        // Rows to predict have no loss, not even one of the user's own.
        let loss = match work.has_labels {
            true => {
                let share = LossShare::whole(work.items);
                engine.criterion.loss(&output, &for_criterion, share)?
            }
            false => None,
        };
        Ok((output, loss))
    })?;
    let mut outputs = NamedTensors::new();
    if wants_outputs {
        outputs = output.outputs;
        if let Some(preprocess) = &engine.preprocess_logits {
            let labels = labels.to_device(engine.device)?;
            outputs = no_grad(|| preprocess(outputs, &labels)).map_err(Error::PreprocessLogits)?;
        }
    }
    Ok(Started {
        work,
        outputs,
        labels,
        inputs,
        loss,
    })
}

fn includes(journal: &Journal, name: &str) -> bool {
    journal.args.include_for_metrics.iter().any(|it| it == name)
}

/// What the batches gave so far.
struct Found<'t, 'f> {
    wants_metrics: bool,
    take: Option<&'t mut TakePredictions<'f>>,
    loss: EvalLoss,
    /// Whether the metric was given a batch.
    scored: bool,
}

impl<'t, 'f> Found<'t, 'f> {
    fn new(wants_metrics: bool, take: Option<&'t mut TakePredictions<'f>>) -> Self {
        Self {
            wants_metrics,
            take,
            loss: EvalLoss::default(),
            scored: false,
        }
    }

    fn wants_outputs(&self) -> bool {
        self.wants_metrics || self.take.is_some()
    }

    /// Waits for a batch: adds its loss, and gives what it gave, as host arrays, to the metric and to who takes predictions.
    fn add(&mut self, engine: &mut Engine, journal: &Journal, batch: Started) -> Result<()> {
        let work = batch.work;
        let mean = match batch.loss {
            #[expect(clippy::cast_possible_truncation, reason = "the loss is a float32")]
            Some(mean) => Some(mean.f_double_value(&[])? as f32),
            None => None,
        };
        if let Some(mean) = mean {
            let weight = engine.criterion.eval_weight(work.items, work.rows);
            self.loss.add(mean, weight);
        }
        if !self.wants_outputs() {
            return Ok(());
        }
        let label_ids = match work.has_labels {
            true => to_arrays(&batch.labels)?,
            false => NamedArrays::new(),
        };
        let mut prediction = EvalPrediction::named(to_arrays(&batch.outputs)?, label_ids);
        prediction.inputs = batch.inputs;
        if let Some(mean) = mean.filter(|_| includes(journal, "loss")) {
            prediction.losses = Some(Array::float(&[work.rows], vec![mean; work.rows])?);
        }
        if self.wants_metrics
            && let Some(metric) = &mut engine.compute_metrics
            && (!prediction.label_ids.is_empty() || !metric.needs_labels())
        {
            metric.add_batch(&prediction)?;
            self.scored = true;
        }
        match &mut self.take {
            Some(take) => take(prediction),
            None => Ok(()),
        }
    }
}
