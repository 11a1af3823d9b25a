//! Schedules of the learning rate, by the formulas of
//! [transformers](https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/optimization.py), in double
//! precision and in Python's order of operations: the same digits.
mod arguments;
mod cosine;
mod error;
mod greedy;
mod inverse_sqrt;
mod lambda;
mod linear;
mod metric;
mod plateau;
mod polynomial;
mod scheduler;
mod warmup_stable_decay;

pub use error::ScheduleError;
pub use scheduler::LrScheduler;
