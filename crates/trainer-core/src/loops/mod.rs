//! The loops, as functions of engine, inputs, journal and run.

mod after_evaluation;
mod epoch_batches;
mod evaluate;
mod fit;
mod step;
mod tokens;

pub(crate) use evaluate::{TakePredictions, evaluate_all, evaluate_on, evaluation_loop};
pub(crate) use fit::{finish, fit};
