//! A hub of the tests' own, and what is warned of, and what lies around a cache.

mod recorded;
mod server;
mod tree;
mod warned;

pub use recorded::{described, widened};
pub use server::{Asked, COMMIT, Fault, NEXT, Reply, Server, tag};
pub use tree::Tree;
pub use warned::warnings;
