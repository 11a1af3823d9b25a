//! Pages of a Parquet file that say inside their data how many texts they have and how long these are, looked at before they are
//! decoded: <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use std::{fs::File, io, sync::Arc};

use parquet::{
    basic::Encoding,
    column::page::{Page, PageReader},
    file::{metadata::ColumnChunkMetaData, serialized_reader::SerializedPageReader},
};

use super::{
    apache::Budget,
    thrift::{Thrift, wrong},
};
use crate::BoxError;

/// Whether pages that are written so, by the number in their headers, must be looked at by [`check_lengths`].
pub(crate) fn has_lengths(encoding: i32) -> bool {
    encoding == Encoding::DELTA_LENGTH_BYTE_ARRAY as i32
        || encoding == Encoding::DELTA_BYTE_ARRAY as i32
}

/// Takes what the texts of a column's pages stand for from `budget`.
///
/// # Errors
/// That there are more lengths than values, that they are damaged, or that it is too much.
pub(crate) fn check_lengths(
    file: &File,
    chunk: &ColumnChunkMetaData,
    rows: i64,
    budget: &mut Budget,
) -> Result<(), BoxError> {
    let (file, rows) = (Arc::new(file.try_clone()?), usize::try_from(rows)?);
    let mut pages = SerializedPageReader::new(file, chunk, rows, None)?;
    while let Some(page) = pages.get_next_page()? {
        if !has_lengths(page.encoding() as i32) {
            continue;
        }
        let length = length(values(&page, chunk)?, page.encoding(), page.num_values())?;
        budget.take(usize::try_from(length).unwrap_or(usize::MAX), 1)?;
    }
    Ok(())
}

/// The data of the page behind the levels, which say how deep each value lies.
fn values<'p>(page: &'p Page, chunk: &ColumnChunkMetaData) -> io::Result<&'p [u8]> {
    let column = chunk.column_descr();
    let mut data = page.buffer().as_ref();
    match page {
        Page::DataPage {
            num_values,
            def_level_encoding,
            rep_level_encoding,
            ..
        } => {
            for (most, encoding) in [
                (column.max_rep_level(), rep_level_encoding),
                (column.max_def_level(), def_level_encoding),
            ] {
                if most == 0 {
                    continue;
                }
                #[expect(deprecated, reason = "old files have it")]
                let bytes = match encoding {
                    Encoding::BIT_PACKED => {
                        let bits = u64::from(16 - most.leading_zeros()) * u64::from(*num_values);
                        bits.div_ceil(8)
                    }
                    _ => u64::from(u32::from_le_bytes(*take_array(&mut data)?)),
                };
                take(&mut data, bytes)?;
            }
        }
        Page::DataPageV2 {
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => {
            take(&mut data, (*rep_levels_byte_len).into())?;
            take(&mut data, (*def_levels_byte_len).into())?;
        }
        Page::DictionaryPage { .. } => {}
    }
    Ok(data)
}

/// How many bytes the texts have that `data` holds in this encoding, at most `most` texts.
fn length(mut data: &[u8], encoding: Encoding, most: u32) -> io::Result<u64> {
    if encoding == Encoding::DELTA_LENGTH_BYTE_ARRAY {
        let lengths = lengths(&mut data, most)?;
        return Ok(lengths.into_iter().map(u64::from).sum());
    }
    // Each begins with so many bytes of the one before.
    let prefixes = lengths(&mut data, most)?;
    let suffixes = lengths(&mut data, most)?;
    let (mut all, mut last) = (0_u64, 0_u64);
    for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
        last = last.min(prefix.into()) + u64::from(suffix);
        all = all.saturating_add(last);
    }
    Ok(all)
}

/// Reads numbers in `DELTA_BINARY_PACKED`: a first one, then blocks of differences, each as much more than the block's least as a few bits
/// say.
fn lengths(data: &mut &[u8], most: u32) -> io::Result<Vec<u32>> {
    // Numbers stand as in the metadata.
    let mut head = Thrift::new(&mut *data);
    let (block, parts, count) = (head.unsigned()?, head.unsigned()?, head.unsigned()?);
    let mut number = short(head.int()?)?;
    if count > most.into() {
        return Err(wrong(&format!(
            "a page of {most} values has {count} lengths"
        )));
    }
    // As the reader has it.
    if parts == 0 || block == 0 || block % 128 != 0 || block % parts != 0 || block / parts % 32 != 0
    {
        return Err(wrong(&format!(
            "blocks of {block} lengths in {parts} parts"
        )));
    }
    let in_part = block / parts;
    let mut lengths = Vec::with_capacity(count as usize);
    if count > 0 {
        lengths.push(positive(number)?);
    }
    while (lengths.len() as u64) < count {
        let least = short(Thrift::new(&mut *data).int()?)?;
        for width in take(data, parts)? {
            let left = count - lengths.len() as u64;
            if left == 0 {
                // What is said of parts that are not there means nothing.
                break;
            }
            let width = u32::from(*width);
            if width > 32 {
                return Err(wrong(&format!("lengths of {width} bits")));
            }
            let packed = take(data, in_part.saturating_mul(width.into()) / 8)?;
            for at in 0..left.min(in_part) {
                let more = bits(packed, at * u64::from(width), width) as i32;
                number = number.wrapping_add(least).wrapping_add(more);
                lengths.push(positive(number)?);
            }
        }
    }
    Ok(lengths)
}

fn positive(number: i32) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| wrong("a length is negative"))
}

fn short(number: i64) -> io::Result<i32> {
    i32::try_from(number).map_err(|_| wrong("a length of more than 32 bits"))
}

/// The number in `width` bits of `data`, which is long enough, from bit `at` on; the first bit is the lowest of the first byte.
fn bits(data: &[u8], at: u64, width: u32) -> u32 {
    let first = (at / 8) as usize;
    let mut number = 0_u64;
    for (place, byte) in data.iter().skip(first).take(5).enumerate() {
        number |= u64::from(*byte) << (8 * place);
    }
    ((number >> (at % 8)) & ((1 << width) - 1)) as u32
}

fn take<'d>(data: &mut &'d [u8], count: u64) -> io::Result<&'d [u8]> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let (taken, rest) = data
        .split_at_checked(count)
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    *data = rest;
    Ok(taken)
}

fn take_array<'d, const N: usize>(data: &mut &'d [u8]) -> io::Result<&'d [u8; N]> {
    let (taken, rest) = data
        .split_first_chunk()
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    *data = rest;
    Ok(taken)
}
