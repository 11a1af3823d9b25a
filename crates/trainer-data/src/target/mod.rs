//! Where data goes: files in the formats that [`crate::load_dataset`] reads.

mod arrays;
mod arrow_file;
mod batches;
mod csv;
mod declared;
mod fingerprint;
mod json;
mod json_value;
mod packed;
mod parquet;
mod saved;
mod shards;
mod types;
mod whole_folder;

pub(crate) use arrow_file::ArrowFile;
pub use csv::CsvOptions;
pub(crate) use fingerprint::fingerprint;
pub use json::JsonOptions;
pub use saved::SaveOptions;

use std::path::Path;

use crate::{BoxError, Error};

/// The file cannot be written, as the system says.
fn unwritable(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io {
        path: path.to_owned(),
        source,
    }
}

/// What a library that writes `format` said.
fn refused(path: &Path, format: &str, source: impl Into<BoxError>) -> Error {
    let source = source.into();
    Error::File {
        path: path.to_owned(),
        message: format!("it cannot be written as {format}: {source}"),
        source: Some(source),
    }
}
