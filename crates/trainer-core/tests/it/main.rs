//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod arguments_in_checkpoints;
mod arguments_in_logs;
mod arguments_in_runs;
mod compute_argument;
mod differences;
mod failures;
mod grad_scaler;
mod gradient_checkpointing;
mod manifest;
mod optimizers;
mod output_folders;
mod own_parts;
mod own_schedule;
mod precision;
mod python_checkpoint;
mod question_answering;
mod random_collator;
mod resume;
mod schedules;
mod support;
mod training;
mod training_arguments;
mod unfit_data;
mod update_rule;
mod without_output_folder;
