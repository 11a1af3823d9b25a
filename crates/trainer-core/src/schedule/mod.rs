//! Schedules of the learning rate, by the formulas of
//! [transformers](https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/optimization.py), in double
//! precision and in Python's order of operations: the same digits.
//!
//! A [`Schedule`] sets the rates; [`LambdaLr`] is one by any function of the step, [`LrScheduler`] the one that a name and keyword
//! arguments ask for. One file a formula, and one row in `scheduler.rs` for its name.
mod arguments;
mod constant;
mod cosine;
mod error;
mod formula;
mod greedy;
mod inverse_sqrt;
mod lambda;
mod linear;
mod metric;
mod metric_schedule;
mod plateau;
mod polynomial;
mod rates;
mod scheduler;
mod step;
mod warmup_stable_decay;

pub use error::ScheduleError;
pub use lambda::LambdaLr;
pub use scheduler::LrScheduler;
pub use step::Schedule;
