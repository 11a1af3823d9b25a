//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod dataset;
mod hub;
mod hub_hostile;
mod hub_names;
mod hub_transfer;
mod laws;
mod loader;
mod real_data;
mod sampler;
mod sources;
mod support;
