//! The real jobs: which example and which script do them, on which data.

use crate::programs::Programs;
use crate::side::Side;
use std::process::Command;

/// What a model is trained for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Pairs of sentences of GLUE's MRPC
    Glue,
    /// Named entities of WNUT-17
    Ner,
    /// Questions of XQuAD
    Qa,
    /// Masked words of Shakespeare
    Mlm,
}

impl Task {
    /// The example that is this job.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Glue => "glue_mrpc",
            Self::Ner => "run_ner",
            Self::Qa => "run_qa",
            Self::Mlm => "run_mlm",
        }
    }

    /// The program of a side with model and data.
    pub(super) fn command(self, side: Side, programs: &Programs<'_>, model: &str) -> Command {
        if self == Self::Glue {
            let mut command = side.glue_program(programs);
            command.args(["--model", model]);
            return command;
        }
        let mut command = match side {
            Side::Rust => programs.rust(),
            Side::Python => {
                let mut command = programs.script("compare_tasks.py");
                command.args(["--task", &self.example()["run_".len()..]]);
                command
            }
        };
        command.args(["--model_name_or_path", model, "--dataset_name"]);
        command.args(match self {
            Self::Glue | Self::Ner => &["leondz/wnut_17"][..],
            Self::Qa => &["google/xquad", "--pad_to_max_length", "false"],
            Self::Mlm => &["karpathy/tiny_shakespeare", "--max_seq_length", "128"],
        });
        if let Side::Rust = side {
            // What Python's script does: it predicts nothing.
            command.args(["--do_train", "true", "--do_eval", "true"]);
        }
        command
    }
}
