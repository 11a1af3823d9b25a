//! How long the parts of a training step take, each alone: `cargo bench`.
//!
//! Data and model are made up (BERT of two layers, 128 wide), so that nothing has to be downloaded.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trainer::core::optimizer::{AdamW, AdamWConfig, Optimizer, decay_parameter_groups};

use trainer::prelude::*;

const ROWS: usize = 1000;
const BATCH: usize = 32;
const VOCABULARY: usize = 1000;

/// Rows of 20 to 59 tokens.
fn rows() -> trainer::Result<Dataset> {
    let length = |row: usize| 20 + row * 7 % 40;
    let ids = (0..ROWS).map(|row| {
        (0..length(row))
            .map(|at| ((row * 31 + at * 17) % VOCABULARY) as i64)
            .collect::<Vec<_>>()
    });
    let mask = (0..ROWS).map(|row| vec![1_i64; length(row)]);
    let columns = Columns::new()
        .with("input_ids", Column::int_lists(ids))
        .with("attention_mask", Column::int_lists(mask))
        .with("label", Column::ints((0..ROWS as i64).map(|row| row % 2)));
    Ok(Dataset::from_columns(columns)?)
}

fn model() -> trainer::Result<Box<dyn Model>> {
    let config = serde_json::json!({
        "model_type": "bert", "vocab_size": VOCABULARY, "hidden_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "intermediate_size": 512, "max_position_embeddings": 64,
    });
    let config = PretrainedConfig::from_json(&config.to_string(), "bench")?;
    Ok(AutoModelForSequenceClassification::from_config(
        config,
        num_labels(2),
    )?)
}

/// Stacks rows of any length by cutting them to the shortest, so that the bench needs no tokenizer.
fn batch(dataset: &Dataset) -> trainer::Result<Batch> {
    let cut = dataset.map(|rows: &trainer::data::Rows<'_>| {
        let mut columns = Columns::new();
        for name in ["input_ids", "attention_mask"] {
            let column = rows.column(name)?;
            let lists = (0..rows.len())
                .map(|row| Ok(column.int_list(row)?[..20].to_vec()))
                .collect::<Result<Vec<_>, trainer::data::Error>>()?;
            columns.insert(name, Column::int_lists(lists));
        }
        Ok::<_, trainer::data::BoxError>(columns)
    })?;
    let numbers: Vec<usize> = (0..BATCH).collect();
    Ok(DefaultDataCollator.collate(&cut.rows(&numbers)?)?)
}

fn parts(criterion: &mut Criterion) -> trainer::Result<()> {
    let dataset = rows()?;
    let model = model()?;
    let batch = model.prepare(batch(&dataset)?, Compute::Reference)?;
    let mut optimizer = AdamW::new(
        decay_parameter_groups(model.parameters(), 0.01, 1e-4),
        AdamWConfig::default(),
    )?;
    let mut group = criterion.benchmark_group("parts");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("forward", |bencher| {
        bencher.iter(|| tch::no_grad(|| black_box(model.forward(&batch, Mode::Eval)).is_ok()));
    });
    group.bench_function("forward and backward", |bencher| {
        bencher.iter(|| {
            let output = model.forward(&batch, Mode::Train)?;
            output.loss.map(|loss| loss.f_backward()).transpose()?;
            optimizer.zero_grad()?;
            Ok::<_, trainer::Error>(())
        });
    });
    let output = model.forward(&batch, Mode::Train)?;
    output.loss.map(|loss| loss.f_backward()).transpose()?;
    group.bench_function("optimizer step", |bencher| {
        bencher.iter(|| optimizer.step())
    });
    group.finish();
    Ok(())
}

fn all(criterion: &mut Criterion) {
    if let Err(error) = parts(criterion) {
        eprintln!("{error:?}");
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
