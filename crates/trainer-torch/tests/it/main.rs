//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod autocast;
mod checkpoint;
mod fast_operations;
mod generators;
mod hostile;
mod python_files;
mod shim;
mod support;
mod trees;
