//! A hub of the tests' own, and what is warned of.

mod server;
mod warned;

pub use server::{COMMIT, Fault, NEXT, Server};
pub use warned::warnings;
