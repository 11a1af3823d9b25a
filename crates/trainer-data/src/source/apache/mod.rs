//! Arrays of Apache's crates, which read files, as columns, which are arrow2's.

mod budget;
mod elements;
mod growing;
mod growing_numbers;
mod picked;
mod types;

pub(crate) use budget::Budget;
pub(crate) use growing::Growing;
pub(crate) use picked::Picked;
pub(crate) use types::{MOST_FIELDS, check_size, feature};
