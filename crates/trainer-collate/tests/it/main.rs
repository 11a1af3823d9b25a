//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod laws;
mod masked;
mod permuted;
mod recorded;
mod support;
mod tasks;
