//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod bad_input;
mod command_line;
mod feature_extraction;
mod fill_mask;
mod own_data;
mod question_answering;
mod recorded_cases;
mod run_qa;
mod scripts;
mod support;
mod text_classification;
mod text_classifier;
mod token_classification;
