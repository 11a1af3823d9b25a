//! Columns of what tokens have: as wide as Python's `datasets` stores them, which goes by the names of columns.

use trainer_data::{Column, Element};

use crate::Encoding;

/// A column called `name` with what `read` gives for each token: ids of 32 bits, masks and types of 8. Of 64 bits where a number
/// does not fit, and under other names.
pub(crate) fn numbers(name: &str, encodings: &[Encoding], read: fn(&Encoding) -> &[u32]) -> Column {
    let narrow = match name {
        "input_ids" => narrow::<i32>(encodings, read),
        "attention_mask" | "special_tokens_mask" | "token_type_ids" => {
            narrow::<i8>(encodings, read)
        }
        _ => None,
    };
    narrow.unwrap_or_else(|| {
        let list = |encoding| read(encoding).iter().map(|&number| i64::from(number));
        Column::int_lists(
            encodings
                .iter()
                .map(|encoding| list(encoding).collect::<Vec<_>>()),
        )
    })
}

/// Nothing where a number is too large.
fn narrow<T: Element + TryFrom<u32> + Into<i64>>(
    encodings: &[Encoding],
    read: fn(&Encoding) -> &[u32],
) -> Option<Column> {
    let list = |encoding| -> Option<Vec<T>> {
        let numbers = read(encoding).iter();
        numbers.map(|&number| T::try_from(number).ok()).collect()
    };
    let lists: Option<Vec<Vec<T>>> = encodings.iter().map(list).collect();
    Some(Column::int_lists(lists?))
}
