//! The program `trainer`, from outside.
#![allow(clippy::unwrap_used)]

mod bundle;
mod machine;
mod run;
mod setup;
