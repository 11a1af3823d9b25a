//! Making a model's weights: loaded or drawn, under the names that checkpoints give them.

mod initialisation;
mod scope;

pub(crate) use initialisation::Role;
pub(crate) use scope::{Construction, Scope};
