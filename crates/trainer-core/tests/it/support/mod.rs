//! A tiny BERT over made-up rows, quick enough to train hundreds of times.

pub mod recording;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use trainer_core::{Result, Trainer, TrainerBuilder, TrainingArguments, set_seed};
use trainer_data::{Column, Columns, Dataset};
use trainer_models::{AutoModelForSequenceClassification, Model, PretrainedConfig, num_labels};

pub const CONFIG: &str = r#"{
  "model_type": "bert", "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
  "intermediate_size": 32, "max_position_embeddings": 16, "hidden_dropout_prob": 0.1,
  "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu"
}"#;

/// Keeps other tests of this process away while one trains: they all draw from libtorch's one generator.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A model of two layers with dropout, drawn from seed 7.
pub fn model() -> Box<dyn Model> {
    set_seed(7).unwrap();
    let config = PretrainedConfig::from_json(CONFIG, "config.json").unwrap();
    AutoModelForSequenceClassification::from_config(config, num_labels(2)).unwrap()
}

/// `rows` rows of six tokens, of which every third row's last two are padding; the label says whether the first token is above the second.
pub fn dataset(rows: usize) -> Dataset {
    let token = |row: usize, at: usize| ((row * 31 + at * 17 + row * at * 7) % 37 + 3) as i64;
    let ids: Vec<Vec<i64>> = (0..rows)
        .map(|row| (0..6).map(|at| token(row, at)).collect())
        .collect();
    let labels: Vec<i64> = ids.iter().map(|ids| i64::from(ids[0] > ids[1])).collect();
    let columns = Columns::new()
        .with("idx", Column::ints(0..rows as i64))
        .with("input_ids", Column::int_lists(ids))
        .with(
            "attention_mask",
            Column::int_lists((0..rows).map(|row| {
                let end = i64::from(row % 3 != 0);
                [1, 1, 1, 1, end, end]
            })),
        )
        .with("label", Column::ints(labels));
    Dataset::from_columns(columns).unwrap()
}

/// Quiet arguments for the CPU.
pub fn arguments(output_dir: &Path) -> TrainingArguments {
    TrainingArguments {
        use_cpu: true,
        disable_tqdm: Some(true),
        learning_rate: 1e-3,
        num_train_epochs: 2.0,
        logging_steps: 3.0,
        ..TrainingArguments::new(output_dir)
    }
}

/// A trainer of [`model`] on 30 rows, evaluating on 11.
pub fn builder(args: TrainingArguments) -> TrainerBuilder {
    Trainer::builder(model(), args)
        .train_dataset(dataset(30))
        .eval_dataset(dataset(11))
}

/// A hash of the bytes of every weight, by its name.
pub fn weights(trainer: &Trainer) -> Vec<(String, u64)> {
    trainer
        .model()
        .parameters()
        .iter()
        .map(|entry| {
            let values = Vec::<f32>::try_from(entry.tensor.detach().flatten(0, -1)).unwrap();
            let mut hasher = DefaultHasher::new();
            values
                .into_iter()
                .for_each(|value| value.to_bits().hash(&mut hasher));
            (entry.name.clone(), hasher.finish())
        })
        .collect()
}

/// Trains and gives back the trainer.
pub fn trained(args: TrainingArguments) -> Result<Trainer> {
    let mut trainer = builder(args).build()?;
    trainer.train()?;
    Ok(trainer)
}
