use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use trainer::HfArgumentParser;
use trainer_core::{TokenCount, Trainer, TrainerBuilder, TrainingArguments};
use trainer_data::{Column, Columns, Dataset};
use trainer_models::{AutoModelForSequenceClassification, PretrainedConfig, num_labels};

use crate::folder::{file, folder};

const CONFIG: &str = r#"{"model_type": "bert", "vocab_size": 8, "hidden_size": 4, "num_hidden_layers": 1,
  "num_attention_heads": 1, "intermediate_size": 4, "max_position_embeddings": 8}"#;

/// A file of arguments, and the run that they ask for as far as its plan.
pub(crate) fn arguments(bytes: &[u8]) {
    let path = file("arguments.json", bytes);
    let parsed = HfArgumentParser::new("fuzz")
        .parse_training_arguments_from(["fuzz".as_ref(), path.as_os_str()]);
    match parsed {
        Ok(args) => {
            let _ = args.to_json_string();
            let _ = args.total_train_batch_size();
            // What goes on for long is no fault, nor is a folder of one's own.
            if args.num_train_epochs < 9.0 && args.max_steps < 9 {
                let output_dir = folder(&[]).join("run");
                let built = build(TrainingArguments { output_dir, ..args });
                let _ = built.and_then(|mut trainer| trainer.train());
            }
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
}

fn build(args: TrainingArguments) -> trainer_core::Result<Trainer> {
    builder(TrainingArguments {
        use_cpu: true,
        disable_tqdm: Some(true),
        ..args
    })?
    .build()
}

fn builder(args: TrainingArguments) -> trainer_core::Result<TrainerBuilder> {
    let config = PretrainedConfig::from_json(CONFIG, "config.json")?;
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(2))?;
    let columns = Columns::new()
        .with("input_ids", Column::int_lists([[1, 2, 3], [4, 5, 6]]))
        .with("label", Column::ints([0, 1]));
    Ok(Trainer::builder(model, args).train_dataset(&Dataset::from_columns(columns)?))
}

pub(crate) fn manifest(bytes: &[u8]) {
    resume("manifest.json", bytes);
}

pub(crate) fn optimizer(bytes: &[u8]) {
    resume("optimizer.pt", bytes);
}

pub(crate) fn rng_state(bytes: &[u8]) {
    resume("rng_state.pth", bytes);
}

pub(crate) fn scheduler(bytes: &[u8]) {
    resume("scheduler.pt", bytes);
}

pub(crate) fn trainer_state(bytes: &[u8]) {
    resume("trainer_state.json", bytes);
}

/// Resumes a run of two steps from a checkpoint after its first one, with these bytes in the place of one of its files.
fn resume(name: &str, bytes: &[u8]) {
    let run = folder(&[]).join("run");
    let checkpoint = checkpoint(&run);
    let whole = fs::read(checkpoint.join(name)).expect("a file of the checkpoint");
    fs::write(checkpoint.join(name), bytes).expect("a file of the checkpoint");
    let manifest = checkpoint.join("manifest.json");
    let sealed = fs::read(&manifest).expect("the checkpoint's manifest");
    if name != "manifest.json" {
        fs::remove_file(&manifest).expect("the checkpoint's manifest");
    }
    let args = TrainingArguments {
        resume_from_checkpoint: checkpoint.to_str().map(str::to_owned),
        include_num_input_tokens_seen: TokenCount::All,
        ..arguments_in(&run.with_extension("resumed"))
    };
    let resumed = build(args).and_then(|mut trainer| trainer.train());
    let _ = resumed.map_err(|error| error.to_string());
    fs::write(checkpoint.join(name), whole).expect("a file of the checkpoint");
    if name != "manifest.json" {
        fs::write(manifest, sealed).expect("the checkpoint's manifest");
    }
}

fn arguments_in(folder: &Path) -> TrainingArguments {
    TrainingArguments {
        max_steps: 2,
        save_steps: 1.0,
        logging_steps: 1.0,
        per_device_train_batch_size: 1,
        ..TrainingArguments::new(folder)
    }
}

/// A checkpoint after one step, written once.
fn checkpoint(run: &Path) -> &'static Path {
    static CHECKPOINT: OnceLock<PathBuf> = OnceLock::new();
    CHECKPOINT.get_or_init(|| {
        let mut trainer = build(arguments_in(run)).expect("a trainer");
        trainer.train().expect("two steps");
        run.join("checkpoint-1")
    })
}
