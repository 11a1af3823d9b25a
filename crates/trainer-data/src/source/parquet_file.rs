use std::{path::Path, sync::Arc};

use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};

use super::{
    apache::Budget,
    parquet_limits::{check_pages, check_schema},
    table::{Table, damaged, guarded, unreadable},
};
use crate::{Columns, Result, regular_file};

/// How many rows are decoded at once.
const ROWS: usize = 8192;

/// The columns of a parquet file; of them `wanted` alone, if there is such a list.
pub(crate) fn read(path: &Path, wanted: Option<&[String]>) -> Result<Columns> {
    guarded(path, || {
        let (mut file, length) =
            regular_file::open(path).map_err(|source| unreadable(path, source))?;
        check_schema(&mut file).map_err(|source| damaged(path, source))?;
        let mut budget = Budget::of_file(length);
        let options = ArrowReaderOptions::new();
        let found = ArrowReaderMetadata::load(&file, options.clone())
            .map_err(|source| damaged(path, source))?;
        let mut table = Table::new(path, found.schema(), wanted)?;
        // Texts are taken where they lie: a dictionary's are not copied for each row.
        let viewed = Schema::new(
            found
                .schema()
                .fields()
                .iter()
                .map(viewed)
                .collect::<Fields>(),
        );
        let found = ArrowReaderMetadata::try_new(
            found.metadata().clone(),
            options.with_schema(Arc::new(viewed)),
        )
        .map_err(|source| damaged(path, source))?;
        let roots = ProjectionMask::roots(found.parquet_schema(), table.places().iter().copied());
        check_pages(
            &file,
            found.metadata(),
            |leaf| roots.leaf_included(leaf),
            budget,
        )
        .map_err(|message| damaged(path, message))?;
        let rows = found.metadata().file_metadata().num_rows();
        let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file, found)
            .with_projection(roots)
            .with_batch_size(ROWS)
            .build()
            .map_err(|source| damaged(path, source))?;
        for batch in batches {
            let batch = batch.map_err(|source| damaged(path, source))?;
            table.append(&batch, &mut budget)?;
        }
        table.finish(Some(rows))
    })
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
