//! `Compute::Fast` against `Compute::Reference`: forward and backward of the same MRPC batches of 16, padded to their longest
//! row, with dropout. Reads MiniLM and MRPC by their names on the hub, offline from the cache that `HF_HUB_CACHE` names.
//!
//! ```text
//! HF_HUB_CACHE=../shared/assets/hub HF_HUB_OFFLINE=1 cargo bench --bench compute
//! ```

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trainer::data::RandomSampler;
use trainer::prelude::*;

const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";
const BATCH_SIZE: usize = 16;
const BATCHES: usize = 8;

/// The first batches of an epoch in random order.
fn batches(model: &dyn Model, compute: Compute) -> trainer::Result<Vec<Prepared>> {
    let tokenizer = AutoTokenizer::from_pretrained(MODEL)?;
    let rows = load_dataset("glue", "mrpc")?
        .map(tokenizer.pair("sentence1", "sentence2").truncation(true))?;
    let columns = ["input_ids", "token_type_ids", "attention_mask", "label"];
    let rows = rows["train"].select_columns(&columns)?;
    let sampler = RandomSampler::new(rows.num_rows(), 42);
    let loader = DataLoader::builder(rows, DataCollatorWithPadding::new(&tokenizer))
        .sampler(sampler)
        .batch_size(BATCH_SIZE)
        .build()?;
    let prepared = loader.iter(0).take(BATCHES);
    prepared
        .map(|batch| Ok(model.prepare(batch?, compute)?))
        .collect()
}

fn step(model: &dyn Model, batches: &[Prepared]) -> trainer::Result<()> {
    for batch in batches {
        let output = model.forward(batch, Mode::Train)?;
        output.loss.map(|loss| loss.f_backward()).transpose()?;
    }
    Ok(())
}

fn compute(criterion: &mut Criterion) -> trainer::Result<()> {
    let model = AutoModelForSequenceClassification::from_pretrained(MODEL, num_labels(2))?;
    let mut group = criterion.benchmark_group("MRPC, batches of 16, forward and backward");
    group.sample_size(10);
    group.throughput(Throughput::Elements((BATCHES * BATCH_SIZE) as u64));
    for compute in [Compute::Reference, Compute::Fast] {
        let batches = batches(&*model, compute)?;
        group.bench_function(format!("{compute:?}"), |bencher| {
            bencher.iter(|| step(&*model, &batches));
        });
    }
    group.finish();
    Ok(())
}

fn all(criterion: &mut Criterion) {
    if let Err(error) = compute(criterion) {
        eprintln!("{error}");
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
