//! `cargo xtask outside`: the README's "In a program of your own", word for word, on a machine without `LIBTORCH`; then the crate
//! in `examples/my_program` in the place of the program that it makes, and a bundle of it.

mod bundled;
mod own_crate;
mod readme;
mod shell;

pub(crate) use own_crate::run;
