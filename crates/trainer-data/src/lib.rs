//! Datasets over Arrow, samplers and the data loader: the first part of the road from files to a trained model.
//!
//! [`load_dataset`] finds and reads data (parquet, Arrow, CSV, JSON, text; a file, a folder or a name of the hub) as a
//! [`DatasetDict`] of [`Dataset`]s. These are changed by giving new ones: [`Dataset::map`] on all cores,
//! [`filter`](Dataset::filter), [`select`](Dataset::select), [`shuffle`](Dataset::shuffle). A [`Sampler`] says in which
//! order rows are read, a [`Collate`] makes a batch of some, and a [`DataLoader`] puts them together.
//!
//! ```
//! use trainer_data::{Column, Columns, DataLoader, Dataset, RandomSampler, Rows, collate_fn};
//!
//! let data = Dataset::from_columns(
//!     Columns::new()
//!         .with("text", Column::strings(["good", "bad", "fine"]))
//!         .with("label", Column::ints([1, 0, 1])),
//! )?;
//! let data = data.map(|rows: &Rows<'_>| {
//!     let texts = rows.column("text")?;
//!     let ids: Result<Vec<Vec<i64>>, trainer_data::Error> =
//!         (0..rows.len()).map(|k| Ok(texts.str(k)?.bytes().map(i64::from).collect())).collect();
//!     Ok(Columns::new().with("input_ids", Column::int_lists(ids?)))
//! })?;
//! let collate = collate_fn(|rows: &Rows<'_>| {
//!     let ids = rows.column("input_ids")?;
//!     Ok((0..rows.len()).map(|k| Ok(ids.int_list(k)?.len())).collect::<Result<Vec<_>, trainer_data::Error>>()?)
//! });
//! let loader = DataLoader::builder(&data, collate)
//!     .sampler(RandomSampler::new(data.num_rows(), 42))
//!     .batch_size(2)
//!     .build()?;
//! for batch in loader.iter(0) {
//!     println!("{:?}", batch?);
//! }
//! # Ok::<(), trainer_data::Error>(())
//! ```
//!
//! # Decisions
//!
//! - **One layout for each type.** What files hold in many ways (views, 32-bit offsets, dictionaries) is brought
//!   into the few layouts of [`Feature`] when it is read, so that everything after reads without asking. The road not
//!   taken, keeping each file's own layout, would save some memory and spread the cases over all readers. Files that are
//!   mapped keep theirs, which for this reason must be one that `Reader` knows; others are read.
//! - **Rows are chosen by number.** `select`, `shuffle`, `filter` and splits keep the columns and change a list of row
//!   numbers; only `map` copies what it must.
//! - **Order is torch's.** [`RandomSampler`] draws what `torch.randperm` draws, so that a run sees the rows in the order
//!   in which the Python Trainer sees them for the same seed. The order never depends on workers.
//! - **No code of a data set runs.** Loading scripts of the hub are not executed; their repositories need files.

mod batch_rebalance;
mod cell;
mod class_label;
mod column;
mod column_rows;
mod dataset;
mod dict;
pub mod durable;
mod error;
mod feature;
mod features;
mod hexadecimal;
pub mod hub;
mod iterable;
#[doc(hidden)]
pub mod last_resort;
mod length_grouped;
mod lengths;
mod loader;
mod mt19937;
mod named;
mod nearest;
mod numpy;
mod panics;
pub mod python_text;
mod quantity;
mod quantity_text;
pub mod regular_file;
mod row;
mod rows;
mod sampler;
mod source;
mod target;
mod value;

pub use batch_rebalance::BatchRebalanceSampler;
pub use class_label::ClassLabel;
pub use column::{Column, Columns, Element};
pub use column_rows::ColumnRows;
pub use dataset::{
    Dataset, FilterOptions, Interleave, MapOptions, MapRows, ResultCache, SortKey, SplitOptions,
    SplitSize, StoppingStrategy, concatenate_datasets, interleave_datasets,
};
pub use dict::DatasetDict;
pub use error::{BoxError, Error, HubReason, Result};
pub use feature::Feature;
pub use features::Features;
pub use iterable::{IterableBatches, IterableDataset, IterableDatasetDict, IterableState};
pub use length_grouped::LengthGroupedSampler;
pub use loader::{
    Batches, Collate, CollateFn, DataLoader, DataLoaderBuilder, DrawBatch, IterableDataLoader,
    StreamBatches, collate_fn,
};
pub use panics::caught;
pub use quantity::{Quantity, TimeUnit};
pub use row::Row;
pub use rows::Rows;
pub use sampler::{RandomSampler, Sampler, SequentialSampler};
pub use source::{DatasetLoader, load_dataset, load_dataset_with, load_files, load_files_in_field};
pub use target::{CsvOptions, JsonOptions, SaveOptions};
pub use value::Value;

pub(crate) use column::{ColumnBuilder, Reader};
pub(crate) use mt19937::randperm;
