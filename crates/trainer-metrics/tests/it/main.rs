//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod bad_input;
mod laws;
mod question_answering;
mod recorded;
mod scores;
mod seqeval;
mod several_labels;
mod support;
