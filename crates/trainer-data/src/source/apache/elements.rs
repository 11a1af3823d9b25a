//! What the rows of an array hold, by the layout of the array.

use std::ops::Range;

use arrow_array::{Array, ArrayRef, GenericListViewArray, OffsetSizeTrait, cast::AsArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::{Budget, growing::Growing, picked::Picked};

pub(super) fn other_type(array: &dyn Array) -> String {
    format!("it has an array of type {}", array.data_type())
}

/// Adds numbers, which are stored as `A`, to `values`. A missing one is zero there.
pub(super) fn numbers<A: ArrowNativeType, B: Default>(
    array: &dyn Array,
    picked: &Picked,
    values: &mut Vec<B>,
    convert: impl Fn(A) -> Option<B>,
) -> Result<(), String> {
    let data = array.to_data();
    let has_layout = data.data_type().primitive_width() == Some(size_of::<A>());
    let (true, [_]) = (has_layout, data.buffers()) else {
        return Err(other_type(array));
    };
    let stored: &[A] = data.buffer(0);
    values.reserve(picked.len());
    for row in picked.rows(array.nulls()) {
        let value = match row {
            Some(row) => convert(stored[row]),
            None => Some(B::default()),
        };
        values.push(value.ok_or_else(|| other_type(array))?);
    }
    Ok(())
}

/// Adds texts or bytes to `all`, and to `ends` where each ends.
pub(super) fn bytes<'a>(
    array: &'a dyn Array,
    picked: &Picked,
    ends: &mut Vec<i64>,
    all: &mut Vec<u8>,
    budget: &mut Budget,
) -> Result<(), String> {
    let mut each = |value: &dyn Fn(usize) -> &'a [u8]| -> Result<(), String> {
        ends.reserve(picked.len());
        for row in picked.rows(array.nulls()) {
            if let Some(row) = row {
                let bytes = value(row);
                budget.take(bytes.len(), 1)?;
                all.extend_from_slice(bytes);
            }
            ends.push(all.len() as i64);
        }
        Ok(())
    };
    if let Some(texts) = array.as_string_view_opt() {
        each(&|row| texts.value(row).as_bytes())
    } else if let Some(texts) = array.as_string_opt::<i32>() {
        each(&|row| texts.value(row).as_bytes())
    } else if let Some(texts) = array.as_string_opt::<i64>() {
        each(&|row| texts.value(row).as_bytes())
    } else if let Some(values) = array.as_binary_view_opt() {
        each(&|row| values.value(row))
    } else if let Some(values) = array.as_binary_opt::<i32>() {
        each(&|row| values.value(row))
    } else if let Some(values) = array.as_binary_opt::<i64>() {
        each(&|row| values.value(row))
    } else if let Some(values) = array.as_fixed_size_binary_opt() {
        each(&|row| values.value(row))
    } else {
        Err(other_type(array))
    }
}

/// The elements of all lists, and where those of each stand.
type Ranges<'a> = (&'a dyn Array, Box<dyn Fn(usize) -> Range<usize> + 'a>);

/// Of an array of lists of any layout; a map is a list of its entries.
pub(super) fn ranges(array: &dyn Array) -> Result<Ranges<'_>, String> {
    if let Some(lists) = array.as_list_opt::<i32>() {
        return Ok(of_offsets(lists.values(), lists.value_offsets()));
    }
    if let Some(lists) = array.as_list_opt::<i64>() {
        return Ok(of_offsets(lists.values(), lists.value_offsets()));
    }
    if let Some(lists) = array.as_list_view_opt::<i32>() {
        return Ok(of_views(lists));
    }
    if let Some(lists) = array.as_list_view_opt::<i64>() {
        return Ok(of_views(lists));
    }
    if let Some(map) = array.as_map_opt() {
        return Ok(of_offsets(map.entries(), map.value_offsets()));
    }
    if let (Some(lists), DataType::FixedSizeList(_, size)) =
        (array.as_fixed_size_list_opt(), array.data_type())
    {
        let size = usize::try_from(*size).map_err(|_| other_type(array))?;
        let range = move |row: usize| row * size..(row + 1) * size;
        return Ok((lists.values().as_ref(), Box::new(range)));
    }
    Err(other_type(array))
}

fn of_offsets<'a, O: OffsetSizeTrait>(values: &'a dyn Array, offsets: &'a [O]) -> Ranges<'a> {
    let range = |row: usize| offsets[row].as_usize()..offsets[row + 1].as_usize();
    (values, Box::new(range))
}

fn of_views<O: OffsetSizeTrait>(lists: &GenericListViewArray<O>) -> Ranges<'_> {
    let range = |row: usize| {
        let begin = lists.value_offsets()[row].as_usize();
        begin..begin + lists.value_sizes()[row].as_usize()
    };
    (lists.values().as_ref(), Box::new(range))
}

/// Adds the lists of `rows` to `elements`, and to `ends` where each ends.
pub(super) fn lists(
    (values, range): Ranges<'_>,
    rows: impl Iterator<Item = Option<usize>>,
    ends: &mut Vec<i64>,
    elements: &mut Growing,
    budget: &mut Budget,
) -> Result<(), String> {
    // Nearly always the lists stand one behind the other and can be taken at once.
    let mut whole = 0..0;
    let mut apart: Option<Vec<Option<usize>>> = None;
    let mut end = elements.len() as i64;
    for row in rows {
        let range = row.map_or(0..0, &range);
        end += range.len() as i64;
        ends.push(end);
        if range.is_empty() {
            continue;
        }
        match &mut apart {
            None if whole.is_empty() => whole = range,
            None if whole.end == range.start => whole.end = range.end,
            None => {
                budget.take(whole.len() + range.len(), 16)?;
                apart = Some(whole.clone().chain(range).map(Some).collect());
            }
            Some(apart) => {
                budget.take(range.len(), 16)?;
                apart.extend(range.map(Some));
            }
        }
    }
    let picked;
    let part: ArrayRef;
    let (values, picked) = match apart {
        Some(apart) => {
            picked = Picked::Some(apart);
            (values, &picked)
        }
        None => {
            picked = Picked::All(whole.len());
            part = values.slice(whole.start, whole.len());
            (part.as_ref(), &picked)
        }
    };
    elements.extend(values, picked, budget)
}
