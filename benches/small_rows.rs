//! How many small rows a second the data loader gives: a list of eight numbers and a label each, shuffled, in batches.
//!
//! `cargo bench -p trainer-data --bench small_rows -- 2` does so with 2 million rows that lie in memory and then in a mapped
//! file, without workers and with one and two.

use std::time::Instant;

use trainer_data::{BoxError, Collate, Column, Columns, DataLoader, Dataset, RandomSampler, Rows};

const IDS: i64 = 8;

/// Copies the numbers of a batch.
struct Copies;

impl Collate for Copies {
    type Batch = (Vec<i64>, Vec<i64>);

    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError> {
        let (ids, labels) = (rows.column("input_ids")?, rows.column("label")?);
        let mut batch = (
            Vec::with_capacity(rows.len() * IDS as usize),
            Vec::with_capacity(rows.len()),
        );
        for k in 0..rows.len() {
            batch.0.extend_from_slice(&ids.int_list(k)?);
            batch.1.push(labels.int(k)?);
        }
        Ok(batch)
    }
}

fn rows_a_second(data: &Dataset, batch_size: usize, workers: usize) -> Result<f64, BoxError> {
    let loader = DataLoader::builder(data, Copies)
        .sampler(RandomSampler::new(data.num_rows(), 1))
        .batch_size(batch_size)
        .num_workers(workers)
        .build()?;
    let begun = Instant::now();
    let (mut rows, mut sum) = (0, 0);
    for batch in loader.iter(0) {
        let (ids, labels) = batch?;
        rows += labels.len();
        sum += ids.iter().sum::<i64>();
    }
    let seconds = begun.elapsed().as_secs_f64();
    let count = data.num_rows() as i64;
    // Row n has the numbers from n on.
    let expected = IDS * count * (count - 1) / 2 + count * IDS * (IDS - 1) / 2;
    match (rows, sum) == (data.num_rows(), expected) {
        true => Ok(rows as f64 / seconds),
        false => Err("rows were lost".into()),
    }
}

fn main() -> Result<(), BoxError> {
    let millions = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok());
    let count = (millions.unwrap_or(0.01) * 1e6) as i64;
    let ids = (0..count).map(|row| (row..row + IDS).collect::<Vec<i64>>());
    let columns = Columns::new()
        .with("input_ids", Column::int_lists(ids))
        .with("label", Column::ints((0..count).map(|row| row % 2)));
    let in_memory = Dataset::from_columns(columns)?;
    let folder = tempfile::tempdir_in(".")?;
    in_memory.save_to_disk(folder.path().join("saved"))?;
    let mapped = Dataset::load_from_disk(folder.path().join("saved"))?;
    println!("{count} rows; rows a second:");
    for (place, data) in [("in memory", &in_memory), ("mapped", &mapped)] {
        for batch_size in [8, 32] {
            for workers in 0..=2 {
                let most = (0..3).map(|_| rows_a_second(data, batch_size, workers));
                let most = most.collect::<Result<Vec<f64>, _>>()?;
                let most = most.into_iter().fold(0.0, f64::max);
                println!("{place:<9}, batches of {batch_size:>2}, {workers} workers: {most:>10.0}");
            }
        }
    }
    Ok(())
}
