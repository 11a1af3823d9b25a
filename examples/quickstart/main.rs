//! The demo: trains a small BERT from random weights to tell whether two sentences say the same, saves it, loads it and
//! predicts again. Needs no network and no file: the data is made up here.
//!
//! ```text
//! cargo run --release --example quickstart
//! ```

mod paraphrases;
mod vocabulary;

use trainer::prelude::*;

const OUTPUT_DIR: &str = "out/quickstart";
const TRAIN_ROWS: usize = 6000;
const VALIDATION_ROWS: usize = 500;
const VOCABULARY_SIZE: usize = 500;
const MAX_LENGTH: usize = 64;
const SEED: u64 = 42;
const LEAST_ACCURACY: f64 = 0.9;

fn main() -> trainer::Result<()> {
    trainer::log_to_stderr(LogLevel::Passive);
    println!("A made-up data set: does the second sentence say the same as the first?\n");
    let raw = paraphrases::paraphrases(SEED, TRAIN_ROWS, VALIDATION_ROWS)?;
    for row in raw["train"].iter().take(4) {
        println!(
            "  {:<46} | {:<46} | {}",
            row.str("sentence1")?,
            row.str("sentence2")?,
            row.int("label")?
        );
    }
    let tokenizer = vocabulary::vocabulary(&raw["train"], VOCABULARY_SIZE, MAX_LENGTH)?;
    let tokenized = raw.map(tokenizer.pair("sentence1", "sentence2").truncation(true))?;

    set_seed(SEED)?;
    let model = AutoModelForSequenceClassification::from_config(
        small_bert(tokenizer.vocab_size())?,
        num_labels(2),
    )?;
    let weights = model.parameters().num_elements(true);
    println!(
        "\nA BERT with {weights} random weights and a vocabulary of {} tokens\n",
        tokenizer.vocab_size()
    );

    let args = TrainingArguments {
        num_train_epochs: 5.0,
        per_device_train_batch_size: 32,
        per_device_eval_batch_size: 100,
        learning_rate: 1e-3,
        warmup_steps: 0.1,
        adam_beta2: 0.98,
        logging_steps: 94.0,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::No,
        seed: SEED,
        ..TrainingArguments::new(OUTPUT_DIR)
    };
    let mut trainer = Trainer::builder(model, args.clone())
        .train_dataset(&tokenized["train"])
        .eval_dataset(&tokenized["validation"])
        .processing_class(&tokenizer)
        .compute_metrics(glue_metric("mrpc")?)
        .build()?;
    let output = trainer.train()?;
    trainer.log_metrics("train", &output.metrics);
    trainer.save_model()?;

    let before = trainer.predict(&tokenized["validation"])?;
    trainer.log_metrics("test", &before.metrics);

    let accuracy = before.metrics.get_f64("test_accuracy");
    if accuracy.is_none_or(|accuracy| accuracy < LEAST_ACCURACY) {
        return Err(format!("the model has not learned: its accuracy is {accuracy:?}").into());
    }

    let loaded = AutoModelForSequenceClassification::from_pretrained(OUTPUT_DIR, num_labels(2))?;
    let tokenizer = AutoTokenizer::from_pretrained(OUTPUT_DIR)?;
    let tokenized = raw.map(tokenizer.pair("sentence1", "sentence2").truncation(true))?;
    let mut again = Trainer::builder(loaded, args).processing_class(&tokenizer);
    again = again.eval_dataset(&tokenized["validation"]);
    let after = again.build()?.predict(&tokenized["validation"])?;
    if before.predictions != after.predictions {
        return Err(
            "the model that was loaded predicts otherwise than the one that was saved".into(),
        );
    }
    println!(
        "\nSaved to {OUTPUT_DIR}, loaded again: the same predictions, {:?}",
        after.predictions.shape()
    );
    Ok(())
}

fn small_bert(vocab_size: usize) -> trainer::Result<PretrainedConfig> {
    let config = serde_json::json!({
        "model_type": "bert",
        "vocab_size": vocab_size,
        "hidden_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 256,
        "max_position_embeddings": MAX_LENGTH,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "initializer_range": 0.1,
    });
    Ok(PretrainedConfig::from_json(
        &config.to_string(),
        "quickstart",
    )?)
}
