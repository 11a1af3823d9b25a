//! The parts train together, and what a run leaves is read back.

use my_program::{BagOfWords, PadWithZeros, my_trainer, rows};
use std::path::Path;
use trainer::models::register_family;
use trainer::prelude::*;
use trainer::serde_json::Value;

fn arguments(folder: &Path) -> TrainingArguments {
    TrainingArguments {
        learning_rate: 0.01,
        num_train_epochs: 2.0,
        logging_steps: 10.0,
        save_steps: 50.0,
        eval_strategy: IntervalStrategy::Epoch,
        disable_tqdm: Some(true),
        ..TrainingArguments::new(folder)
    }
}

fn predicted(model: impl Model + 'static, folder: &Path) -> trainer::Result<Vec<f64>> {
    let mut trainer = Trainer::builder(model, TrainingArguments::new(folder))
        .data_collator(PadWithZeros)
        .build()?;
    Ok(trainer.predict(&rows(50)?)?.logits()?.values().collect())
}

#[test]
fn they_train_and_what_they_save_is_loaded() -> trainer::Result<()> {
    register_family(&BagOfWords)?;
    let folder = std::env::temp_dir().join(format!("my-program-{}", std::process::id()));
    let mut trainer = my_trainer(arguments(&folder), 90)?;
    let before = trainer
        .evaluate()?
        .get_f64("eval_wrong")
        .unwrap_or_default();
    trainer.train()?;
    assert_eq!(
        trainer.state().global_step,
        90,
        "the callback ends the training"
    );

    let logs = &trainer.state().log_history;
    let rates: Vec<f64> = logs
        .iter()
        .filter_map(|log| log.get_f64("learning_rate"))
        .collect();
    assert_eq!(
        rates,
        [0.01, 0.01, 0.01, 0.01, 0.005, 0.005, 0.005, 0.005, 0.0025],
        "the schedule"
    );

    let after = trainer.evaluate()?.get_f64("eval_wrong").unwrap_or(1.0);
    assert!(
        before > 0.3 && after < 0.2,
        "the metric went from {before} to {after}"
    );

    trainer.save_model()?;
    trainer.save_state()?;
    let expected: Vec<f64> = trainer.predict(&rows(50)?)?.logits()?.values().collect();
    let loaded = AutoModelForSequenceClassification::from_pretrained(
        folder.to_str().unwrap_or_default(),
        num_labels(2),
    )?;
    assert_eq!(predicted(loaded, &folder)?, expected, "the model");
    let state = std::fs::read(folder.join("trainer_state.json"))?;
    let state: Value = trainer::serde_json::from_slice(&state)?;
    assert_eq!(state["global_step"], 90);

    // From step 50 on the resumed run does what the first one did: optimizer and schedule are as they were.
    let args = TrainingArguments {
        resume_from_checkpoint: Some(folder.join("checkpoint-50").display().to_string()),
        ..arguments(&folder)
    };
    let mut resumed = my_trainer(args, 90)?;
    resumed.train()?;
    let again: Vec<f64> = resumed.predict(&rows(50)?)?.logits()?.values().collect();
    assert_eq!(again, expected, "the resumed run");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
