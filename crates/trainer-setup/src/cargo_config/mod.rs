//! A crate's `.cargo/config.toml`: the place of libtorch for builds, and for the programs that they make.

mod edit;
mod file;
mod hidden;

pub(crate) use file::{ConfigFile, State};
pub(crate) use hidden::what_hides_it;
