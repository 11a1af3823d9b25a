//! `trainer bundle`: a program and all that it needs, in a folder for machines that have nothing of it.
//!
//! ```text
//! PROGRAM/
//!   PROGRAM     finds lib/ by its run path
//!   lib/        libtorch, and of this system what a bare machine may lack (libstdc++); never glibc
//!   licenses/   of trainer, of the libraries, of the crates that the program is made of
//! ```

mod crates;
mod glibc;
mod libraries;
mod licenses;
mod pack;

pub use glibc::asked_for as glibc_asked_for;
pub use pack::{Options, run, run_here};
