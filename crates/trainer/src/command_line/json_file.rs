//! A file of arguments.

use std::path::Path;

use serde_json::{Map, Value};
use trainer_data::regular_file;

use super::error::CommandLineError;

/// Reads a JSON object of arguments.
pub(super) fn read(path: &Path) -> Result<Map<String, Value>, CommandLineError> {
    let text = regular_file::read_to_string(path).map_err(|source| CommandLineError::File {
        path: path.to_path_buf(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| CommandLineError::Json {
        path: path.to_path_buf(),
        source,
    })
}
