//! Learns to tell spam from ham: a folder with `train.csv` and `validation.csv`, columns `text` and `label`, labels as words.
//! `examples/classify.rs` uses what it leaves in `spam/`.
//!
//! ```text
//! cargo run --release --example spam -- bert-base-cased my_folder
//! ```
use trainer::prelude::*;

fn main() -> trainer::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, checkpoint, folder] = &arguments[..] else {
        return Err("usage: spam MODEL FOLDER".to_owned().into());
    };
    let raw = load_dataset(folder, None)?.class_encode_column("label")?;
    let tokenizer = AutoTokenizer::from_pretrained(checkpoint)?;
    let tokenized = raw.map(tokenizer.single("text").truncation(true))?;
    let model = AutoModelForSequenceClassification::from_pretrained(checkpoint, num_labels(2))?;
    let args = TrainingArguments {
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        load_best_model_at_end: true,
        metric_for_best_model: Some("f1".to_owned()),
        ..TrainingArguments::new("spam")
    };
    let mut trainer = Trainer::builder(model, args)
        .train_dataset(&tokenized["train"])
        .eval_dataset(&tokenized["validation"])
        .processing_class(&tokenizer)
        .compute_metrics(glue_metric("mrpc")?)
        .callback(EarlyStoppingCallback::new(2))
        .build()?;
    trainer.train()?;
    Ok(trainer.save_model()?)
}
