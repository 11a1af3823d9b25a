//! libtorch for programs that use `trainer`, without libtorch itself, so that it builds in seconds.
//!
//! The program `trainer` of this crate brings libtorch into the user's cache and its place into a crate's
//! `.cargo/config.toml` ([`setup`]), says what is wrong with a machine ([`doctor`]), starts a program with the libtorch that it
//! finds ([`launch`]) and packs a program with its libraries ([`bundle`]). `cargo xtask` calls the same functions for a checkout.
//!
//! This is the inside of two programs: its errors are `anyhow`'s, whose last lines say how to mend it.

pub mod bundle;
pub mod cache;
mod cargo_config;
mod crate_root;
pub mod disk;
pub mod doctor;
mod hub_cache;
pub mod launch;
pub mod libtorch;
pub mod prerequisites;
pub mod processor;
pub mod python;
mod run_path;
pub mod setup;
