//! Making a model's weights: loaded or drawn, under the names that checkpoints give them.

mod initialisation;
mod scope;
mod tied;

pub use initialisation::Role;
pub use scope::{Construction, Scope};
