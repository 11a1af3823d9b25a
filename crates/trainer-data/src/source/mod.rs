//! Where data comes from: files, folders and the hub.

mod apache;
mod arrow_file;
mod card;
mod chosen;
mod configs;
mod csv_cells;
mod csv_file;
mod csv_rows;
mod declared;
mod declared_columns;
mod encoding;
mod files;
mod format;
mod glob_match;
mod infos;
mod json_file;
mod json_kinds;
mod json_rows;
mod json_scan;
mod json_text;
mod left_out;
mod load;
mod packed;
mod packer;
mod parquet_file;
mod parquet_limits;
mod patterns;
mod saved;
mod settings;
mod split_names;
mod table;
mod text_file;
mod thrift;

pub use load::{DatasetLoader, load_dataset, load_dataset_with, load_files, load_files_in_field};
