//! The rows of the table: what each measures, and the ratio to Python that it should have.

use super::job::{Job, Model, Precision, WARM_UP, Work};
use crate::median::median;
use crate::side::Measured;
use trainer_setup::processor::Processor;

/// What a row takes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// Median time from a step's end to the next one's, after the warm-up: milliseconds.
    Step,
    /// `predict`, in rows a second.
    Predict,
    /// The largest resident set of the process: megabytes.
    Memory,
    /// From the start of the process to the end of its first step: seconds.
    Start,
}

impl Figure {
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Step => "ms a step",
            Self::Predict => "rows/s",
            Self::Memory => "MB",
            Self::Start => "s",
        }
    }

    pub(super) fn of(self, run: &Measured) -> Option<f64> {
        match self {
            Self::Step => {
                let steps = run.between_losses().skip(WARM_UP as usize - 1);
                median(steps.map(|step| step.as_secs_f64() * 1e3).collect())
            }
            Self::Predict => run.result("test_samples_per_second"),
            Self::Memory => run.peak_memory.map(|bytes| bytes as f64 / 1e6),
            Self::Start => run.first_step().map(|time| time.as_secs_f64()),
        }
    }

    /// How many times as fast as Python, or how large a part of Python's memory and start-up.
    pub(super) fn ratio(self, ours: f64, pythons: f64) -> f64 {
        match self {
            Self::Step => pythons / ours,
            Self::Predict | Self::Memory | Self::Start => ours / pythons,
        }
    }

    pub(super) fn is_met(self, ratio: f64, target: f64) -> bool {
        match self {
            Self::Step | Self::Predict => ratio >= target,
            Self::Memory | Self::Start => ratio <= target,
        }
    }
}

/// The ratio that is asked for, by the processor's maker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) amd: f64,
    pub(super) intel: f64,
}

impl Target {
    /// The maker whose column counts on this processor, and its ratio.
    pub(super) fn on(self, processor: &Processor) -> Option<(&'static str, f64)> {
        match processor.vendor.as_deref() {
            Some("AuthenticAMD") => Some(("AMD", self.amd)),
            Some("GenuineIntel") => Some(("Intel", self.intel)),
            _ => None,
        }
    }
}

/// A row of the table.
pub(super) struct Row {
    /// For `--only`.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// Rows with the same job are figures of the same runs.
    pub(super) job: Job,
    pub(super) figure: Figure,
    pub(super) target: Target,
}

impl Row {
    /// Whether a run without `--only` and `--all` has it.
    pub(super) fn is_quick(&self) -> bool {
        self.job.model == Model::MiniLm
    }
}

const fn train(model: Model, precision: Precision, batch: u32, steps: u32) -> Job {
    Job {
        model,
        precision,
        batch,
        work: Work::Train { steps },
    }
}

const fn predict(precision: Precision) -> Job {
    Job {
        model: Model::MiniLm,
        precision,
        batch: 32,
        work: Work::Predict,
    }
}

const fn row(
    name: &'static str,
    title: &'static str,
    job: Job,
    figure: Figure,
    (amd, intel): (f64, f64),
) -> Row {
    Row {
        name,
        title,
        job,
        figure,
        target: Target { amd, intel },
    }
}

const MINILM_8: Job = train(Model::MiniLm, Precision::Fp32, 8, 20);
const MINILM_16: Job = train(Model::MiniLm, Precision::Fp32, 16, 12);
const MINILM_16_BF16: Job = train(Model::MiniLm, Precision::Bf16, 16, 12);
const MINILM_64: Job = train(Model::MiniLm, Precision::Fp32, 64, 5);
const BERT_16: Job = train(Model::BertBase, Precision::Fp32, 16, 5);
const BERT_16_BF16: Job = train(Model::BertBase, Precision::Bf16, 16, 5);

#[rustfmt::skip]
pub(super) const ROWS: [Row; 11] = [
    row("train-fp32-8", "training, fp32, MiniLM-L6, batch 8", MINILM_8, Figure::Step, (4.0, 2.0)),
    row("memory-8", "peak memory, training, fp32, batch 8", MINILM_8, Figure::Memory, (0.36, 0.36)),
    row("start", "start of the process to the end of the first step", MINILM_8, Figure::Start, (0.1, 0.1)),
    row("train-fp32-16", "training, fp32, MiniLM-L6, batch 16", MINILM_16, Figure::Step, (4.0, 2.0)),
    row("train-bf16-16", "training, bf16, MiniLM-L6, batch 16", MINILM_16_BF16, Figure::Step, (3.3, 2.5)),
    row("train-fp32-64", "training, fp32, MiniLM-L6, batch 64", MINILM_64, Figure::Step, (4.0, 2.0)),
    row("memory-64", "peak memory, training, fp32, batch 64", MINILM_64, Figure::Memory, (0.45, 0.45)),
    row("predict-fp32-32", "predict, fp32, MiniLM-L6, batch 32", predict(Precision::Fp32), Figure::Predict, (4.0, 2.0)),
    row("predict-bf16-32", "predict, bf16, MiniLM-L6, batch 32", predict(Precision::Bf16), Figure::Predict, (3.0, 2.0)),
    row("bert-fp32-16", "training, fp32, BERT-base sizes, batch 16", BERT_16, Figure::Step, (3.2, 1.8)),
    row("bert-bf16-16", "training, bf16, BERT-base sizes, batch 16", BERT_16_BF16, Figure::Step, (2.0, 2.0)),
];
