//! The same fine-tuning from the parts, without `Trainer`: a loader, a model, an optimizer, a schedule and a metric.
//!
//! ```text
//! cargo run --release --example custom_loop -- bert-base-cased
//! ```

use tch::{Device, Tensor, no_grad};
use trainer::core::optimizer::{self, AdamW, AdamWConfig};
use trainer::core::{schedule::LrScheduler, to_array};
use trainer::data::RandomSampler;
use trainer::prelude::*;

const EPOCHS: u64 = 3;
const BATCH_SIZE: usize = 8;
const LEARNING_RATE: f64 = 5e-5;

fn main() -> trainer::Result<()> {
    let checkpoint = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "bert-base-cased".to_owned());
    let device = trainer::torch::cuda::device_if_available()?;
    set_seed(42)?;

    let tokenizer = AutoTokenizer::from_pretrained(&checkpoint)?;
    let tokenized = load_dataset("glue", "mrpc")?
        .map(tokenizer.pair("sentence1", "sentence2").truncation(true))?;
    let columns = ["input_ids", "token_type_ids", "attention_mask", "label"];
    let train = tokenized["train"].select_columns(&columns)?;
    let validation = tokenized["validation"].select_columns(&columns)?;

    let model = AutoModelForSequenceClassification::from_pretrained(&checkpoint, num_labels(2))?;
    model.parameters().to_device(device)?;

    let collator = DataCollatorWithPadding::new(&tokenizer);
    let loader = DataLoader::builder(train.clone(), collator)
        .sampler(RandomSampler::new(train.num_rows(), 42))
        .batch_size(BATCH_SIZE)
        .build()?;
    let groups = optimizer::decay_parameter_groups(model.parameters(), 0.01, LEARNING_RATE);
    let mut optimizer = AdamW::new(groups, AdamWConfig::default())?;
    let (steps, kwargs) = (EPOCHS * loader.len() as u64, serde_json::Map::new());
    let groups = optimizer.param_groups_mut();
    let mut schedule = LrScheduler::new(SchedulerType::Linear, &kwargs, 0, steps, groups)?;

    for epoch in 0..EPOCHS {
        let mut total = Tensor::zeros([], (tch::Kind::Float, device));
        for batch in loader.iter(epoch) {
            let prepared = model.prepare(batch?, Compute::Fast)?.to_device(device)?;
            let output = model.forward(&prepared, Mode::Train)?;
            let Some(loss) = output.loss else { continue };
            loss.f_backward()?;
            let weights = model.parameters().iter().map(|entry| &entry.tensor);
            let _norm = optimizer::clip_grad_norm_(weights, 1.0)?;
            optimizer.step()?;
            schedule.step(optimizer.param_groups_mut())?;
            optimizer.zero_grad()?;
            total = no_grad(|| total + loss);
        }
        let mean = total.double_value(&[]) / loader.len() as f64;
        println!(
            "epoch {}: loss {mean:.4}, {}",
            epoch + 1,
            evaluate(&*model, &tokenizer, &validation, device)?
        );
    }
    Ok(())
}

fn evaluate(
    model: &dyn Model,
    tokenizer: &Tokenizer,
    dataset: &Dataset,
    device: Device,
) -> trainer::Result<Metrics> {
    let loader = DataLoader::builder(dataset.clone(), DataCollatorWithPadding::new(tokenizer))
        .batch_size(BATCH_SIZE)
        .build()?;
    let mut metric = glue_metric("mrpc")?;
    for batch in loader.iter(0) {
        let prepared = model.prepare(batch?, Compute::Fast)?.to_device(device)?;
        let output = no_grad(|| model.forward(&prepared, Mode::Eval))?;
        let labels = to_array(prepared.labels().require("labels")?)?;
        metric.add_batch(&EvalPrediction::new(to_array(output.logits()?)?, labels))?;
    }
    Ok(metric.compute()?)
}
