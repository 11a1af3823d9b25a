//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod bert_recorded;
mod fast;
mod loading;
mod options;
mod passes;
mod saving;
mod sharing;
mod support;
