//! What the programs are made to do for a row of the table.

use std::fmt;

/// The model that is trained or predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    /// all-MiniLM-L6-v2 with its weights.
    MiniLm,
    /// The sizes of bert-base-cased, random weights.
    BertBase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    Fp32,
    Bf16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Steps to measure, after [`WARM_UP`].
    Train { steps: u32 },
    /// The rows of MRPC's test split, by `predict`.
    Predict,
}

/// Steps of a training that do not count: the first ones make what later ones find.
pub(super) const WARM_UP: u32 = 3;

/// A run of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) model: Model,
    pub(super) precision: Precision,
    pub(super) batch: u32,
    pub(super) work: Work,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let work = match self.work {
            Work::Train { .. } => "training",
            Work::Predict => "predict",
        };
        let precision = match self.precision {
            Precision::Fp32 => "fp32",
            Precision::Bf16 => "bf16",
        };
        let model = match self.model {
            Model::MiniLm => "MiniLM-L6",
            Model::BertBase => "BERT-base sizes",
        };
        write!(f, "{work}, {precision}, {model}, batch {}", self.batch)
    }
}

impl Job {
    /// With this many measured steps where it is a training.
    pub(super) fn with_steps(mut self, count: u32) -> Self {
        if let Work::Train { steps } = &mut self.work {
            *steps = count;
        }
        self
    }

    /// The flags that both programs get, as `TrainingArguments` names them, the model aside.
    pub(super) fn flags(&self) -> Vec<String> {
        match self.work {
            Work::Train { steps } => self.training(WARM_UP + steps),
            Work::Predict => self.common("--do_predict", &["--predict_split", "test"]),
        }
    }

    /// A training of one step in the job's precision.
    pub(super) fn first_step(&self) -> Vec<String> {
        self.training(1)
    }

    /// Each step logs its loss, which shows when it has ended.
    fn training(&self, steps: u32) -> Vec<String> {
        let steps = steps.to_string();
        self.common(
            "--do_train",
            &["--max_steps", &steps, "--logging_steps", "1"],
        )
    }

    fn common(&self, what: &str, more: &[&str]) -> Vec<String> {
        let batch = self.batch.to_string();
        let mut flags = vec![what, "true", "--use_cpu", "true", "--disable_tqdm", "true"];
        flags.extend(["--per_device_train_batch_size", &batch]);
        flags.extend(["--per_device_eval_batch_size", &batch]);
        flags.extend(["--save_strategy", "no"]);
        match (self.precision, self.work) {
            (Precision::Fp32, _) => {}
            (Precision::Bf16, Work::Train { .. }) => flags.extend(["--bf16", "true"]),
            (Precision::Bf16, Work::Predict) => flags.extend(["--bf16_full_eval", "true"]),
        }
        flags.extend(more);
        flags.into_iter().map(str::to_owned).collect()
    }
}
