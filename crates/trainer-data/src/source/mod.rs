//! Where data comes from: files, folders and the hub.

mod arrow_file;
mod card;
mod configs;
mod csv_file;
mod csv_rows;
mod declared;
mod files;
mod format;
mod json_elements;
mod json_file;
mod load;
mod normalise;
mod parquet_file;
mod saved;
mod split_names;
mod table;
mod text_file;

pub use load::{load_dataset, load_dataset_with, load_files};
