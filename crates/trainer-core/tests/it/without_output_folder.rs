//! When the output folder is made: by what writes into it, and by nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::recording::OnEvent;
use crate::support::{alone, arguments, builder, dataset};
use trainer_core::{CallbackContext, Event};

#[test]
fn evaluations_and_predictions_leave_no_output_folder() {
    let _alone = alone();
    let place = tempfile::tempdir().unwrap();
    let mut trainer = builder(arguments(&place.path().join("out")))
        .build()
        .unwrap();
    trainer.evaluate().unwrap();
    let predicted = trainer.predict(dataset(5)).unwrap();
    assert_eq!(predicted.logits().unwrap().shape(), [5, 2]);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

/// Not even a folder that cannot be made is in their way.
#[test]
fn what_saves_makes_the_output_folder_or_says_why_it_cannot() {
    let _alone = alone();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("a").join("out");
    let mut trainer = builder(arguments(&out)).build().unwrap();
    let metrics = trainer.evaluate().unwrap();
    for (save, file) in [
        (0, "config.json"),
        (1, "trainer_state.json"),
        (2, "eval_results.json"),
    ] {
        let save = |trainer: &trainer_core::Trainer| match save {
            0 => trainer.save_model(),
            1 => trainer.save_state(),
            _ => trainer.save_metrics("eval", &metrics),
        };
        save(&trainer).unwrap();
        assert!(out.join(file).is_file(), "{file}");
        std::fs::remove_dir_all(place.path().join("a")).unwrap();
        std::fs::write(place.path().join("a"), "a file in the way").unwrap();
        trainer.predict(dataset(5)).unwrap();
        let error = save(&trainer).unwrap_err().to_string();
        assert!(error.contains("create the output folder"), "{error}");
        assert!(error.contains(&out.display().to_string()), "{error}");
        std::fs::remove_file(place.path().join("a")).unwrap();
    }
}

#[test]
fn a_training_whose_output_folder_cannot_be_made_takes_no_step() {
    let _alone = alone();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    std::fs::write(&out, "a file in the way").unwrap();
    let steps = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&steps);
    let mut trainer = builder(arguments(&out))
        .callback(OnEvent(
            move |event: Event<'_>, _: &CallbackContext<'_>, control| {
                if matches!(event, Event::StepBegin) {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                Ok(control)
            },
        ))
        .build()
        .unwrap();
    let error = trainer.train().unwrap_err().to_string();
    assert!(error.contains("create the output folder"), "{error}");
    assert_eq!(steps.load(Ordering::Relaxed), 0);
    std::fs::remove_file(&out).unwrap();
    trainer.train().unwrap();
    assert!(steps.load(Ordering::Relaxed) > 0 && out.join("checkpoint-8").is_dir());
}
