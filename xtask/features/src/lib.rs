//! No code: the dependencies in `Cargo.toml`, and their features, are all there is.
