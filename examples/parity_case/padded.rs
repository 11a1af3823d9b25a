//! Rows of one length, and their labels.

use trainer::prelude::*;

use super::Task;

/// Rows of padded tasks are of this length.
pub(crate) const LENGTH: usize = 64;

/// What rows of the task `choices` have behind one another.
const CHOICES: usize = 3;

/// Pads rows to one length and gives them the labels of the task.
pub(crate) fn padded(
    rows: &Rows<'_>,
    task: Task,
    tokenizer: &Tokenizer,
) -> Result<Columns, BoxError> {
    let padding = i64::from(tokenizer.pad_token_id().ok_or("no padding token")?);
    let input_ids = padded_column(rows, "input_ids", padding)?;
    let mut columns = match task {
        Task::Answers => answers(rows)?,
        Task::Masked => chosen_words(rows, &input_ids, padding)?,
        Task::Choices => right_choices(rows)?,
        _ => labelled_tokens(&input_ids, padding),
    };
    let mut inputs = vec![("input_ids", input_ids)];
    for name in ["attention_mask", "token_type_ids"] {
        if rows.has_column(name) {
            inputs.push((name, padded_column(rows, name, 0)?));
        }
    }
    for (name, mut values) in inputs {
        if task == Task::Choices {
            values = values
                .iter()
                .map(|row| spread(name, row, padding))
                .collect();
        }
        columns = columns.with(name, Column::int_lists(values));
    }
    Ok(columns)
}

fn padded_column(rows: &Rows<'_>, name: &str, fill: i64) -> Result<Vec<Vec<i64>>, BoxError> {
    let column = rows.column(name)?;
    let row = |row| {
        let mut values = column.int_list(row)?.into_owned();
        values.resize(LENGTH, fill);
        Ok(values)
    };
    (0..rows.len()).map(row).collect()
}

/// A label that follows from a token's number.
fn labelled_tokens(input_ids: &[Vec<i64>], padding: i64) -> Columns {
    let label = |token: &i64| if *token == padding { -100 } else { token % 3 };
    let labels = input_ids
        .iter()
        .map(|row| row.iter().map(label).collect::<Vec<_>>());
    Columns::new().with("labels", Column::int_lists(labels.collect::<Vec<_>>()))
}

/// A row, and the same with other tokens, behind one another.
fn spread(name: &str, row: &[i64], padding: i64) -> Vec<i64> {
    if name != "input_ids" {
        return row.repeat(CHOICES);
    }
    let other = |token: i64, choice: i64| match token == padding {
        true => token,
        false => (token + choice) % 30_000,
    };
    (0..CHOICES as i64)
        .flat_map(|choice| row.iter().map(move |token| other(*token, choice)))
        .collect()
}

/// The choice that is right follows from a row's number.
fn right_choices(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let idx = rows.column("idx")?;
    let labels = (0..rows.len()).map(|row| Ok(idx.int(row)? % CHOICES as i64));
    let labels: Vec<i64> = labels.collect::<Result<_, trainer::data::Error>>()?;
    Ok(Columns::new().with("labels", Column::ints(labels)))
}

/// Rows whose choices lie behind one another, as `[rows, choices, length]`.
pub(crate) struct ChoicesCollator;

impl Collate for ChoicesCollator {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        let flat = DefaultDataCollator.collate(rows)?;
        let shape = [-1, CHOICES as i64, LENGTH as i64];
        let mut batch = Batch::new();
        for (name, tensor) in flat.iter() {
            let tensor = match tensor.dim() {
                2 => tensor.f_view(shape)?,
                _ => tensor.shallow_clone(),
            };
            batch.insert(name, tensor);
        }
        Ok(batch)
    }
}

/// A seventh of all tokens are to be predicted.
fn chosen_words(
    rows: &Rows<'_>,
    input_ids: &[Vec<i64>],
    padding: i64,
) -> Result<Columns, BoxError> {
    let idx = rows.column("idx")?;
    let label = |token: i64, number: i64| match token != padding && (token + number) % 7 == 0 {
        true => token,
        false => -100,
    };
    let labels = input_ids.iter().enumerate().map(|(row, ids)| {
        let number = idx.int(row)?;
        Ok(ids.iter().map(|token| label(*token, number)).collect())
    });
    let labels = labels.collect::<Result<Vec<Vec<i64>>, trainer::data::Error>>()?;
    Ok(Columns::new().with("labels", Column::int_lists(labels)))
}

/// Places of an answer that follow from a row's number; some end behind the row.
fn answers(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let idx = rows.column("idx")?;
    let numbers = (0..rows.len()).map(|row| idx.int(row));
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    let starts: Vec<i64> = numbers.iter().map(|number| number % 31).collect();
    let ends = starts.iter().zip(&numbers);
    let ends: Vec<i64> = ends.map(|(start, number)| start + number % 37).collect();
    Ok(Columns::new()
        .with("start_positions", Column::ints(starts))
        .with("end_positions", Column::ints(ends)))
}
