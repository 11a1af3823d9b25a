//! The tests of this crate from outside, in one program: a change links once.
#![allow(unreachable_pub, clippy::unwrap_used)]

mod arguments;
mod as_python;
mod conversions;
mod dataset;
mod hostile;
mod hub;
mod hub_hostile;
mod hub_names;
mod hub_python;
mod hub_transfer;
mod json_numbers;
mod json_places;
mod kept;
mod laws;
mod left_out;
mod loader;
mod mapped;
mod orders;
mod packed;
mod real_data;
#[cfg(unix)]
mod regular_files;
mod result_cache;
mod sampler;
mod saved_folders;
mod some_columns;
mod sources;
mod streams;
mod support;
mod whole_numbers;
mod written;
