//! What a Parquet file may ask for, looked at before it is decoded.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
};

use parquet::{
    basic::Compression,
    file::metadata::{ColumnChunkMetaData, RowGroupMetaData},
};

use super::{
    apache::{Budget, MOST_FIELDS},
    parquet_lengths::{check_lengths, has_lengths},
    parquet_shapes::{PAGE_HEADER, SCHEMA_ELEMENT, walk},
    thrift::{Thrift, wrong},
};

/// How deep in structs and lists a column may be. Of each list and struct of Arrow there are up to two levels here.
const DEEPEST: usize = 64;
const MAGIC: &[u8] = b"PAR1";

/// Looks at the columns that the file's metadata names: the reader follows them as deep as they are.
///
/// # Errors
/// That the file has no metadata, more fields than [`MOST_FIELDS`], or is too deep.
pub(crate) fn check_schema(file: &mut File) -> io::Result<()> {
    let mut end = [0; 8];
    let length = file.seek(SeekFrom::End(0))?;
    if length < 12 {
        return Err(wrong("it is too short"));
    }
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut end)?;
    let (footer, magic) = end.split_at(4);
    let footer = u32::from_le_bytes([footer[0], footer[1], footer[2], footer[3]]);
    if magic == b"PARE" {
        return Err(wrong("it is encrypted"));
    }
    if magic != MAGIC || u64::from(footer) > length - 12 {
        return Err(wrong("it does not end as Parquet files do"));
    }
    file.seek(SeekFrom::End(-8 - i64::from(footer)))?;
    let mut footer = Thrift::new(BufReader::new(file).take(footer.into()));
    // Before them stands the version.
    let mut found = footer.field(0)?;
    if let Some((1, kind)) = found {
        if !kind.is_int() {
            return Err(wrong("its version is no number"));
        }
        footer.int()?;
        found = footer.field(1)?;
    }
    match found {
        Some((2, kind)) if kind.is_list() => check_fields(&mut footer),
        _ => Err(wrong("its metadata has no columns")),
    }
}

/// The fields stand in the order of a walk that goes into each before the next, with how many are in each.
fn check_fields(footer: &mut Thrift<impl Read>) -> io::Result<()> {
    let (count, kind) = footer.list()?;
    if !kind.is_struct() || count > MOST_FIELDS as u64 {
        return Err(wrong(&format!("it has {count} fields")));
    }
    // How many fields there are still to come in each group that is open.
    let mut open: Vec<i32> = Vec::new();
    for _ in 0..count {
        let mut children = 0;
        walk(footer, SCHEMA_ELEMENT, 0, &mut |of, number, value| {
            if (of, number) == (0, 5) {
                children = value;
            }
        })?;
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if children > 0 {
            open.push(children);
        }
        if open.len() > DEEPEST {
            return Err(wrong(&format!(
                "its columns are more than {DEEPEST} levels deep"
            )));
        }
    }
    Ok(())
}

/// Looks at the sizes that the pages of the columns say they have, and takes what they stand for from `budget`.
///
/// # Errors
/// Names the column that asks for too much.
pub(crate) fn check_pages(
    file: &File,
    group: &RowGroupMetaData,
    wanted: impl Fn(usize) -> bool,
    budget: &mut Budget,
) -> Result<(), String> {
    for (at, chunk) in group.columns().iter().enumerate() {
        if !wanted(at) {
            continue;
        }
        let checked = match check_chunk(file, chunk, budget) {
            Ok(true) => check_lengths(file, chunk, group.num_rows(), budget)
                .map_err(|error| error.to_string()),
            checked => checked.map(drop),
        };
        checked
            .map_err(|message| format!("column {:?}: {message}", chunk.column_path().string()))?;
    }
    Ok(())
}

/// Whether its pages are to be looked at by [`check_lengths`].
fn check_chunk(
    file: &File,
    chunk: &ColumnChunkMetaData,
    budget: &mut Budget,
) -> Result<bool, String> {
    let mut file = BufReader::new(file);
    let mut with_lengths = false;
    // As the reader finds it.
    let begin = chunk
        .dictionary_page_offset()
        .unwrap_or(chunk.data_page_offset());
    let (Ok(mut at), Ok(length)) = (u64::try_from(begin), u64::try_from(chunk.compressed_size()))
    else {
        return Err("it has no place in the file".to_owned());
    };
    let Some(end) = at.checked_add(length) else {
        return Err("it has no place in the file".to_owned());
    };
    while at < end {
        let page =
            page(&mut file, at).map_err(|error| format!("the page at byte {at}: {error}"))?;
        // Levels of two bytes of two kinds, and a value, though it may be less.
        budget.take(page.values, 8)?;
        // The reader makes room for the views of so many texts, whether they are there or not.
        budget.take(page.dictionary, 16)?;
        // It is unpacked and dropped again, one page after the other.
        { *budget }.take(page.unpacked, 1)?;
        if matches!(chunk.compression(), Compression::BROTLI(_)) {
            check_unpacked(&mut file, &page).map_err(|error| error.to_string())?;
        }
        with_lengths |= has_lengths(page.encoding);
        at += page.header + page.packed;
    }
    Ok(with_lengths)
}

/// What the header of a page says.
struct Page {
    /// The bytes of the header.
    header: u64,
    /// Those of the rest.
    packed: u64,
    unpacked: usize,
    /// How many values of rows it has, missing ones included.
    values: usize,
    /// How many values of a dictionary it has.
    dictionary: usize,
    /// The number of its values' encoding.
    encoding: i32,
    /// How many of its bytes stand before those that are packed.
    levels: u64,
    is_packed: bool,
}

fn page(file: &mut BufReader<&File>, at: u64) -> io::Result<Page> {
    let here = file.stream_position()?;
    file.seek_relative(at.wrapping_sub(here) as i64)?;
    let mut header = Thrift::new(file);
    let (mut kind, mut header_of) = (-1, Vec::new());
    let (mut packed, mut unpacked, mut values, mut dictionary) = (-1, -1, 0, 0);
    let (mut encoding, mut levels, mut is_packed) = (0, [0; 2], true);
    walk(&mut header, PAGE_HEADER, 0, &mut |of, number, value| {
        match (of, number) {
            (0, 1) => kind = value,
            (0, 2) => unpacked = value,
            (0, 3) => packed = value,
            (0, 5..=8) => header_of.push(number),
            // Of a page of data of either version the first field is the number of its values.
            (5 | 8, 1) => values = value,
            (5, 2) | (8, 4) => encoding = value,
            (7, 1) => dictionary = value,
            // Of the second version the levels are not packed, nor need the values be.
            (8, 5) => levels[0] = value,
            (8, 6) => levels[1] = value,
            (8, 7) => is_packed = value != 0,
            _ => {}
        }
    })?;
    // The kind decides which header the reader takes.
    if !matches!(
        (kind, header_of.as_slice()),
        (0, [5]) | (1, [] | [6]) | (2, [7]) | (3, [8])
    ) {
        return Err(wrong("it has not the header of its kind"));
    }
    let size = |size: i32| usize::try_from(size).map_err(|_| wrong("a size below 0"));
    Ok(Page {
        header: header.read(),
        packed: size(packed)? as u64,
        unpacked: size(unpacked)?,
        values: size(values)?,
        dictionary: size(dictionary)?,
        encoding,
        levels: size(levels[0])? as u64 + size(levels[1])? as u64,
        is_packed,
    })
}

/// Whether the page, at whose data the file is, is as long as it says: the reader unpacks all that there is.
fn check_unpacked(file: &mut BufReader<&File>, page: &Page) -> io::Result<()> {
    if !page.is_packed {
        return Ok(());
    }
    let mut packed = file.by_ref().take(page.packed);
    io::copy(&mut packed.by_ref().take(page.levels), &mut io::sink())?;
    let unpacked = brotli_decompressor::Decompressor::new(packed, 1 << 16);
    let more = (page.unpacked as u64).saturating_sub(page.levels) + 1;
    match io::copy(&mut unpacked.take(more), &mut io::sink())? < more {
        true => Ok(()),
        false => Err(wrong("a page is longer than it says")),
    }
}
