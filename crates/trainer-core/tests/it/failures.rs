//! What a call that fails leaves behind, and what users bring of their own.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::recording::OnEvent;
use crate::support::{alone, arguments, builder, dataset, model, weights};
use trainer_core::{
    CallbackContext, Event, IntervalStrategy, Logs, ProcessingClass, SaveStrategy, TokenCount,
    Trainer, TrainingArguments,
};
use trainer_data::{BoxError, Column};
use trainer_metrics::{EvalPrediction, Metrics};
use trainer_models::{AutoModelForSequenceClassification, num_labels};

#[test]
fn gradients_of_a_window_that_failed_do_not_enter_the_next_run() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    // Fails between the first two batches it sees, and never again.
    let trainer = |mut fails| {
        let options = num_labels(2)
            .hidden_dropout_prob(0.0)
            .attention_probs_dropout_prob(0.0);
        let model =
            AutoModelForSequenceClassification::from_config(model().config().unwrap(), options);
        let args = TrainingArguments {
            gradient_accumulation_steps: 2,
            max_steps: 1,
            save_strategy: SaveStrategy::No,
            ..arguments(folder.path())
        };
        Trainer::builder(model.unwrap(), args)
            .train_dataset(dataset(30))
            .callback(OnEvent(
                move |event: Event<'_>, _: &CallbackContext<'_>, control| {
                    if matches!(event, Event::SubstepEnd) && std::mem::take(&mut fails) {
                        return Err("out of memory, say".into());
                    }
                    Ok(control)
                },
            ))
            .build()
            .unwrap()
    };
    let (mut failing, mut other) = (trainer(true), trainer(false));
    assert!(failing.train().is_err());
    failing.train().unwrap();
    other.train().unwrap();
    assert_eq!(weights(&failing), weights(&other));
}

#[test]
fn an_evaluation_that_failed_does_not_count_in_the_next() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let calls = AtomicUsize::new(0);
    let mut trainer = builder(arguments(folder.path()))
        .compute_metrics(move |all: &EvalPrediction| -> Result<Metrics, BoxError> {
            match calls.fetch_add(1, Ordering::Relaxed) {
                0 => Err("not this time".into()),
                _ => Ok(Metrics::new().with("rows", all.logits()?.num_rows() as f64)),
            }
        })
        .build()
        .unwrap();
    assert!(trainer.evaluate().is_err());
    assert_eq!(trainer.evaluate().unwrap().get_f64("eval_rows"), Some(11.0));
}

/// The best step is not always one that is saved: then the best that was saved stays.
#[test]
fn the_best_checkpoint_stays_when_a_better_step_was_not_saved() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let evaluations = AtomicUsize::new(0);
    let args = TrainingArguments {
        max_steps: 4,
        eval_strategy: IntervalStrategy::Steps,
        eval_steps: Some(1.0),
        save_steps: 2.0,
        save_total_limit: Some(1),
        load_best_model_at_end: true,
        metric_for_best_model: Some("score".to_owned()),
        ..arguments(folder.path())
    };
    let mut trainer = builder(args)
        .compute_metrics(move |_: &EvalPrediction| -> Result<Metrics, BoxError> {
            let scores = [0.1, 0.2, 0.3, 0.25];
            let score = scores[evaluations.fetch_add(1, Ordering::Relaxed)];
            Ok(Metrics::new().with("score", score))
        })
        .build()
        .unwrap();
    trainer.train().unwrap();
    let second = folder.path().join("checkpoint-2");
    let named = trainer.state().best_model_checkpoint.as_deref();
    assert_eq!(named, second.to_str());
    assert!(second.is_dir() && !folder.path().join("checkpoint-4").exists());
}

#[test]
fn a_loss_of_ones_own_sees_the_whole_batch_and_the_model_no_labels() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let targets: Vec<[f64; 2]> = (0..12).map(|row| [0.25, f64::from(row) / 12.0]).collect();
    let soft = Column::float_lists(&targets);
    let rows = dataset(12).remove_columns(&["label"]).unwrap();
    let rows = rows.add_column("label", soft).unwrap();
    let args = TrainingArguments {
        per_device_eval_batch_size: 5,
        ..arguments(folder.path())
    };
    let mut trainer = Trainer::builder(model(), args)
        .train_dataset(&rows)
        .eval_dataset(&rows)
        .compute_loss_func(|output, batch| {
            batch.require("attention_mask")?;
            let apart = (output.logits()? - batch.require("labels")?).square();
            assert!(
                output.loss.is_none(),
                "the model has made a loss of its own"
            );
            Ok(apart.mean(tch::Kind::Float))
        })
        .build()
        .unwrap();
    trainer.train().unwrap();
    let loss = trainer.evaluate().unwrap().get_f64("eval_loss").unwrap();
    let output = trainer.predict(&rows).unwrap();
    let scores: Vec<f64> = output.logits().unwrap().values().collect();
    let apart = scores.iter().zip(targets.as_flattened());
    let expected = apart
        .map(|(score, target)| (score - target).powi(2))
        .sum::<f64>()
        / 24.0;
    assert!((loss - expected).abs() < 1e-6, "{loss} {expected}");
    let config = trainer.model().config().unwrap();
    assert_eq!(config.problem_type(), None);
}

#[test]
fn rows_without_labels_are_predicted_whatever_the_loss() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let rows = dataset(11).remove_columns(&["label"]).unwrap();
    let mut trainer = builder(arguments(folder.path()))
        .compute_loss_func(|_, batch| Ok(batch.require("labels")?.shallow_clone()))
        .build()
        .unwrap();
    let output = trainer.predict(&rows).unwrap();
    assert_eq!(output.predictions.shape(), [11, 2]);
    assert_eq!(output.metrics.get("test_loss"), None);
}

/// Where no evaluation was due at the epoch's end, there is none to make up for.
#[test]
fn a_checkpoint_at_an_epochs_end_before_the_first_evaluation_is_gone_on_from() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let events = |resume: Option<String>| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let args = TrainingArguments {
            num_train_epochs: 3.0,
            eval_strategy: IntervalStrategy::Epoch,
            save_strategy: SaveStrategy::Epoch,
            eval_delay: 2.0,
            resume_from_checkpoint: resume,
            ..arguments(folder.path())
        };
        let noted = Arc::clone(&seen);
        let callback = OnEvent(move |event: Event<'_>, cx: &CallbackContext<'_>, control| {
            let name = match event {
                Event::EpochEnd => "end",
                Event::Evaluate(_) => "evaluate",
                Event::Save => "save",
                _ => return Ok(control),
            };
            let step = cx.state.global_step;
            noted.lock().unwrap().push(format!("{name} {step}"));
            Ok(control)
        });
        builder(args)
            .callback(callback)
            .build()
            .unwrap()
            .train()
            .unwrap();
        std::mem::take(&mut *seen.lock().unwrap())
    };
    let whole = events(None);
    assert_eq!(
        whole,
        [
            "end 4",
            "save 4",
            "end 8",
            "evaluate 8",
            "save 8",
            "end 12",
            "evaluate 12",
            "save 12"
        ]
    );
    let first = folder.path().join("checkpoint-4");
    assert_eq!(events(first.to_str().map(str::to_owned)), whole[2..]);
}

/// Saves a folder, as slow tokenizers of some models do, and knows a padding token.
#[derive(Clone)]
struct Vocabularies;

impl ProcessingClass for Vocabularies {
    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        std::fs::create_dir_all(folder.join("vocabularies"))?;
        Ok(std::fs::write(
            folder.join("vocabularies/english.txt"),
            "a\n",
        )?)
    }

    fn pad_token_id(&self) -> Option<i64> {
        Some(3)
    }
}

#[test]
fn a_checkpoint_holds_folders_too() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let trained = |resume: Option<&str>| {
        let args = TrainingArguments {
            max_steps: 2,
            save_steps: 1.0,
            resume_from_checkpoint: resume.map(str::to_owned),
            ..arguments(folder.path())
        };
        let mut trainer = builder(args).processing_class(&Vocabularies).build()?;
        trainer.train().map(|output| output.global_step)
    };
    assert_eq!(trained(None).unwrap(), 2);
    let saved = folder.path().join("checkpoint-2");
    let english = "vocabularies/english.txt";
    assert_eq!(std::fs::read_to_string(saved.join(english)).unwrap(), "a\n");
    let manifest = std::fs::read_to_string(saved.join("manifest.json")).unwrap();
    assert!(manifest.contains(english), "{manifest}");
    assert_eq!(trained(Some("last")).unwrap(), 2);
}

#[test]
fn padding_is_told_by_its_token_where_there_is_no_mask() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let rows = dataset(8).remove_columns(&["attention_mask"]).unwrap();
    let tokens = rows
        .iter()
        .flat_map(|row| row.int_list("input_ids").unwrap().to_vec());
    let expected = tokens.filter(|token| *token != 3).count();
    assert!(expected < 48, "some of the tokens are the padding token");
    let args = TrainingArguments {
        num_train_epochs: 1.0,
        include_num_input_tokens_seen: TokenCount::NonPadding,
        ..arguments(folder.path())
    };
    let mut trainer = Trainer::builder(model(), args)
        .train_dataset(&rows)
        .processing_class(&Vocabularies)
        .build()
        .unwrap();
    trainer.train().unwrap();
    assert_eq!(trainer.state().num_input_tokens_seen, expected as u64);
}

#[test]
fn results_of_other_programs_stay() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all_results.json");
    std::fs::write(
        &path,
        r#"{"note": "by hand", "eval_loss": 2.0, "bleu": NaN}"#,
    )
    .unwrap();
    let trainer = builder(arguments(folder.path())).build().unwrap();
    let metrics = Logs::new().with("eval_loss", 0.5);
    trainer.save_metrics("eval", &metrics).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let expected = "{\n    \"bleu\": NaN,\n    \"eval_loss\": 0.5,\n    \"note\": \"by hand\"\n}";
    assert_eq!(text, expected);
}

#[test]
fn named_sets_and_one_without_a_name_are_all_evaluated() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = Trainer::builder(model(), arguments(folder.path()))
        .named_eval_dataset("near", dataset(5))
        .eval_dataset(dataset(7))
        .named_eval_dataset("near", dataset(6))
        .compute_metrics(|all: &EvalPrediction| -> Result<Metrics, BoxError> {
            Ok(Metrics::new().with("rows", all.logits()?.num_rows() as f64))
        })
        .build()
        .unwrap();
    let metrics = trainer.evaluate().unwrap();
    assert_eq!(metrics.get_f64("eval_rows"), Some(7.0));
    assert_eq!(metrics.get_f64("eval_near_rows"), Some(6.0));
}
