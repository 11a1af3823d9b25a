use std::{fs::File, path::Path};

use arrow2::{
    datatypes::{DataType, Field},
    io::parquet::read,
};

use super::table::{damaged, from_chunks, guarded, unreadable};
use crate::{Columns, Result};

/// The columns of a parquet file.
pub(crate) fn read(path: &Path) -> Result<Columns> {
    guarded(path, || {
        let mut file = File::open(path).map_err(|source| unreadable(path, source))?;
        let metadata = read::read_metadata(&mut file).map_err(|source| damaged(path, source))?;
        let mut schema = read::infer_schema(&metadata).map_err(|source| damaged(path, source))?;
        schema.fields.iter_mut().for_each(lengthen);
        let chunks =
            read::FileReader::new(file, metadata.row_groups, schema.clone(), None, None, None);
        from_chunks(path, &schema, chunks)
    })
}

/// Lists of a fixed size are read as lists of any size: arrow2 fails on a missing one among the former.
fn lengthen(field: &mut Field) {
    match &mut field.data_type {
        DataType::FixedSizeList(element, _) => {
            lengthen(element);
            field.data_type = DataType::LargeList(element.clone());
        }
        DataType::List(element) | DataType::LargeList(element) => lengthen(element),
        DataType::Struct(fields) => fields.iter_mut().for_each(lengthen),
        _ => {}
    }
}
