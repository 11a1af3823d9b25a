use std::{fs::File, path::Path, sync::Arc};

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};

use super::{
    apache::Budget,
    parquet_limits::{check_pages, check_schema},
    streamed::Give,
    table::{Table, damaged, guarded, unreadable},
};
use crate::{Columns, Result, regular_file};

/// How many rows are decoded at once.
const ROWS: usize = 8192;

/// How many rows are decoded at once where rows are streamed.
const STREAMED: usize = 1024;

/// The columns of a parquet file; of them `wanted` alone, if there is such a list.
pub(crate) fn read(path: &Path, wanted: Option<&[String]>) -> Result<Columns> {
    guarded(path, || {
        let mut opened = Opened::new(path, wanted)?;
        let groups = 0..opened.found.metadata().num_row_groups();
        opened.check(&groups.collect::<Vec<_>>())?;
        let mut table = opened.table()?;
        let batches = opened.builder()?.with_batch_size(ROWS).build();
        for batch in batches.map_err(|source| damaged(path, source))? {
            let batch = batch.map_err(|source| damaged(path, source))?;
            table.append(&batch, &mut opened.budget)?;
        }
        table.finish(Some(opened.rows))
    })
}

/// Gives the rows of a parquet file to `give`, some at a time; the first `skip` are not decoded, as far as its pages allow. A file
/// without rows gives its columns all the same.
pub(crate) fn each_batch(
    path: &Path,
    wanted: Option<&[String]>,
    skip: &mut u64,
    give: Give<'_>,
) -> Result<()> {
    let mut opened = Opened::new(path, wanted)?;
    let rows = u64::try_from(opened.rows).unwrap_or_default();
    let mut given = 0;
    for (group, metadata) in opened
        .found
        .clone()
        .metadata()
        .row_groups()
        .iter()
        .enumerate()
    {
        let in_group = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let skipped = (*skip).min(in_group);
        *skip -= skipped;
        given += skipped;
        if skipped == in_group {
            continue;
        }
        opened.check(&[group])?;
        let builder = opened.builder()?.with_row_groups(vec![group]);
        let builder = builder.with_batch_size(STREAMED);
        let builder = builder.with_offset(usize::try_from(skipped).unwrap_or(usize::MAX));
        for batch in builder.build().map_err(|source| damaged(path, source))? {
            let batch = batch.map_err(|source| damaged(path, source))?;
            given += batch.num_rows() as u64;
            let mut table = opened.table()?;
            table.append(&batch, &mut opened.budget)?;
            if give(table.finish(None)?)?.is_break() {
                return Ok(());
            }
        }
    }
    if given != rows {
        let message = format!("it has {given} rows where it says {rows}");
        return Err(damaged(path, message));
    }
    if rows == 0 {
        let _ = give(opened.table()?.finish(None)?)?;
    }
    Ok(())
}

/// The columns of a parquet file without its rows.
pub(crate) fn head(path: &Path, wanted: Option<&[String]>) -> Result<Columns> {
    guarded(path, || Opened::new(path, wanted)?.table()?.finish(None))
}

/// A file whose columns were looked at. Before rows are decoded, [`Opened::check`] must look at their pages.
struct Opened<'a> {
    path: &'a Path,
    wanted: Option<&'a [String]>,
    file: File,
    schema: SchemaRef,
    found: ArrowReaderMetadata,
    rows: i64,
    budget: Budget,
    /// For the pages that were not looked at.
    unchecked: Budget,
}

impl<'a> Opened<'a> {
    fn new(path: &'a Path, wanted: Option<&'a [String]>) -> Result<Self> {
        let (mut file, length) =
            regular_file::open(path).map_err(|source| unreadable(path, source))?;
        check_schema(&mut file).map_err(|source| damaged(path, source))?;
        let budget = Budget::of_file(length);
        let options = ArrowReaderOptions::new();
        let found = ArrowReaderMetadata::load(&file, options.clone())
            .map_err(|source| damaged(path, source))?;
        let schema = found.schema().clone();
        // Texts are taken where they lie: a dictionary's are not copied for each row.
        let viewed = Schema::new(schema.fields().iter().map(viewed).collect::<Fields>());
        let found = ArrowReaderMetadata::try_new(
            found.metadata().clone(),
            options.with_schema(Arc::new(viewed)),
        )
        .map_err(|source| damaged(path, source))?;
        let rows = found.metadata().file_metadata().num_rows();
        Ok(Self {
            path,
            wanted,
            file,
            schema,
            found,
            rows,
            budget,
            unchecked: budget,
        })
    }

    /// Looks at the pages of row groups before they are decoded.
    fn check(&mut self, groups: &[usize]) -> Result<()> {
        let roots = roots(&self.found, &self.table()?);
        let metadata = self.found.metadata();
        for group in groups {
            let group = metadata.row_group(*group);
            let wanted = |leaf| roots.leaf_included(leaf);
            check_pages(&self.file, group, wanted, &mut self.unchecked)
                .map_err(|message| damaged(self.path, message))?;
        }
        Ok(())
    }

    /// Its columns, without rows.
    fn table(&self) -> Result<Table<'a>> {
        Table::new(self.path, &self.schema, self.wanted)
    }

    fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<File>> {
        let unread = |source| unreadable(self.path, source);
        let file = self.file.try_clone().map_err(unread)?;
        let roots = roots(&self.found, &self.table()?);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.found.clone());
        Ok(builder.with_projection(roots))
    }
}

/// The columns that are read.
fn roots(found: &ArrowReaderMetadata, table: &Table<'_>) -> ProjectionMask {
    ProjectionMask::roots(found.parquet_schema(), table.places().iter().copied())
}

/// The field with its texts and bytes as views.
fn viewed(field: &Arc<Field>) -> Field {
    field
        .as_ref()
        .clone()
        .with_data_type(viewed_type(field.data_type()))
}

fn viewed_type(data_type: &DataType) -> DataType {
    let inner = |field: &Arc<Field>| Arc::new(viewed(field));
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Dictionary(_, values) => viewed_type(values),
        DataType::List(element) => DataType::List(inner(element)),
        DataType::LargeList(element) => DataType::LargeList(inner(element)),
        DataType::FixedSizeList(element, size) => DataType::FixedSizeList(inner(element), *size),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        other => other.clone(),
    }
}
