//! A hub of the tests' own, and what is warned of.

mod recorded;
mod server;
mod warned;

pub use recorded::{described, widened};
pub use server::{COMMIT, Fault, NEXT, Server};
pub use warned::warnings;
