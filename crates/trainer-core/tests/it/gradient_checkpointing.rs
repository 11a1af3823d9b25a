//! `gradient_checkpointing`: layers that are computed again in the backward pass change no bit.

use serde_json::json;

use crate::support::recording::{quick, run};
use crate::support::{alone, builder, weights};
use trainer_core::TrainingArguments;
use trainer_models::Compute;

/// Trains as `args` say, with and without, and compares weights to the bit.
fn changes_nothing(args: &TrainingArguments, freeze: Option<&str>) {
    let trained = |gradient_checkpointing| {
        let args = TrainingArguments {
            gradient_checkpointing,
            ..args.clone()
        };
        let trainer = run(&args, |builder| match freeze {
            Some(pattern) => builder.freeze(pattern),
            None => builder,
        });
        let loss = trainer.state().log_history.last().unwrap().clone();
        (weights(&trainer), loss.get_f64("train_loss"))
    };
    let kept = trained(None);
    assert!(kept.1.is_some());
    let (compute, bf16, window) = (args.compute, args.bf16, args.gradient_accumulation_steps);
    let what = format!("{compute} bf16 {bf16} in windows of {window}");
    assert!(trained(Some(true)) == kept, "{what}");
}

#[test]
fn weights_are_the_same_to_the_bit() {
    let _alone = alone();
    for compute in Compute::ALL {
        for args in [
            quick(),
            TrainingArguments {
                gradient_accumulation_steps: 2,
                ..quick()
            },
            TrainingArguments {
                bf16: true,
                ..quick()
            },
        ] {
            changes_nothing(&TrainingArguments { compute, ..args }, None);
        }
    }
}

#[test]
fn what_is_frozen_below_a_layer_does_not_matter() {
    let _alone = alone();
    for compute in Compute::ALL {
        let args = TrainingArguments { compute, ..quick() };
        changes_nothing(&args, Some("bert.embeddings.*"));
    }
}

#[test]
fn the_newer_name_wins_and_kwargs_are_looked_at() {
    let _alone = alone();
    let args = |newer, older| TrainingArguments {
        activation_checkpointing: newer,
        gradient_checkpointing: older,
        ..quick()
    };
    for (newer, older, expected) in [
        (None, None, false),
        (None, Some(true), true),
        (Some(false), Some(true), false),
        (Some(true), None, true),
    ] {
        let args = args(newer, older);
        assert_eq!(args.effective_activation_checkpointing(), expected);
        assert_eq!(args.to_dict()["gradient_checkpointing"], json!(expected));
    }
    let built = |kwargs| {
        let args = TrainingArguments {
            gradient_checkpointing: Some(true),
            gradient_checkpointing_kwargs: Some(kwargs),
            ..quick()
        };
        builder(args).build().map(drop)
    };
    for kwargs in [json!({}), json!({"use_reentrant": false}), json!(null)] {
        built(kwargs).unwrap();
    }
    for kwargs in [
        json!({"use_reentrant": 1}),
        json!({"debug": true}),
        json!([]),
    ] {
        let error = built(kwargs.clone()).unwrap_err().to_string();
        for words in [
            "gradient_checkpointing_kwargs",
            "use_reentrant",
            &kwargs.to_string(),
        ] {
            assert!(error.contains(words), "{error}");
        }
    }
}
