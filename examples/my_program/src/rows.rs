use trainer::prelude::*;

use crate::WORDS;

/// Rows of 4 to 8 words, none of them 0; the label says whether most of their numbers are large.
pub fn rows(count: i64) -> trainer::Result<Dataset> {
    let words = |row: i64| {
        let length = 4 + row % 5;
        (0..length).map(move |at| 1 + (row * 31 + at * at * 7 + row * at) % (WORDS - 1))
    };
    let large = |row: i64| words(row).filter(|word| *word > WORDS / 2).count() > 2;
    let columns = Columns::new()
        .with(
            "input_ids",
            Column::int_lists((0..count).map(|row| words(row).collect::<Vec<_>>())),
        )
        .with(
            "label",
            Column::ints((0..count).map(|row| i64::from(large(row)))),
        );
    Ok(Dataset::from_columns(columns)?)
}
