//! What `bf16`, `fp16`, the full evaluations and `tf32` do to a run on the CPU; `cargo xtask parity` compares bits with Python.

use std::sync::{Arc, Mutex};

use crate::support::recording::{logged, quick, run};
use crate::support::{alone, builder, dataset, weights};
use tch::Kind;
use trainer_core::{IntervalStrategy, Trainer, TrainerBuilder, TrainingArguments};
use trainer_models::Compute;
use trainer_torch::fast;

fn bf16() -> TrainingArguments {
    TrainingArguments {
        bf16: true,
        logging_steps: 1.0,
        ..quick()
    }
}

fn kinds(trainer: &Trainer) -> Vec<Kind> {
    let parameters = trainer.model().parameters();
    let mut kinds: Vec<_> = parameters.iter().map(|it| it.tensor.kind()).collect();
    kinds.dedup();
    kinds
}

fn losses(trainer: &Trainer) -> Vec<f64> {
    let logged = logged(trainer, "loss").into_iter();
    logged.map(|(_, loss)| loss).collect()
}

/// The largest distance of two runs' losses.
fn apart(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other);
    pairs
        .map(|(one, other)| (one - other).abs())
        .fold(0.0, f64::max)
}

/// Products are rounded to 8 bits, nothing else: weights stay float32, and so does what comes out of the model.
#[test]
fn bf16_trains_float32_weights_by_rounded_products() {
    let _alone = alone();
    let plain = TrainingArguments {
        bf16: false,
        ..bf16()
    };
    let plain = run(&plain, |builder| builder);
    let mixed = run(&bf16(), |builder| builder);
    assert_eq!(kinds(&mixed), [Kind::Float]);
    let apart = apart(&losses(&plain), &losses(&mixed));
    assert!(apart > 0.0 && apart < 0.02, "{apart}");
    assert_eq!(weights(&mixed), weights(&run(&bf16(), |builder| builder)));
}

#[test]
fn a_loss_of_ones_own_gets_float32() {
    let _alone = alone();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let trainer = run(&bf16(), |builder| {
        builder.compute_loss_func(move |output, batch| {
            let logits = output.logits()?;
            let loss = logits.cross_entropy_for_logits(batch.require("labels")?);
            noted.lock().unwrap().extend([logits.kind(), loss.kind()]);
            Ok(loss)
        })
    });
    let mut seen = seen.lock().unwrap().clone();
    seen.dedup();
    assert_eq!(seen, [Kind::Float]);
    // The model's own loss is computed inside: of the same logits before they are float32, which changes nothing.
    assert_eq!(losses(&trainer), losses(&run(&bf16(), |builder| builder)));
}

/// Evaluated, since in training each drops other elements.
#[test]
fn fast_in_bf16_is_the_reference_to_its_rounding() {
    let _alone = alone();
    let full = |args| TrainingArguments {
        bf16_full_eval: true,
        ..args
    };
    let float32 = TrainingArguments {
        bf16: false,
        ..bf16()
    };
    for args in [bf16(), full(bf16()), full(float32)] {
        let of = |compute| {
            let mut trainer = run(&args, |builder| builder.compute(compute));
            let own = trainer.evaluate().unwrap().get_f64("eval_loss").unwrap();
            let fresh = builder(args.clone()).compute(compute).build();
            let metrics = fresh.unwrap().evaluate().unwrap();
            assert!(own.is_finite() && kinds(&trainer) == [Kind::Float]);
            vec![metrics.get_f64("eval_loss").unwrap()]
        };
        let apart = apart(&of(Compute::Reference), &of(Compute::Fast));
        assert!(apart < 4e-3, "{apart}");
    }
}

/// The types that evaluations gave scores in: of the one during the training, and of one behind it.
fn kinds_of_scores(args: &TrainingArguments) -> (Kind, Kind, Trainer) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let args = TrainingArguments {
        eval_strategy: IntervalStrategy::Epoch,
        num_train_epochs: 1.0,
        ..args.clone()
    };
    let mut trainer = run(&args, |builder| {
        builder
            .compute(Compute::Reference)
            .compute_metrics(|_: &trainer_metrics::EvalPrediction| {
                Ok::<_, trainer_metrics::MetricError>(trainer_metrics::Metrics::new())
            })
            .preprocess_logits_for_metrics(move |outputs, _| {
                let kind = outputs.require("logits")?.kind();
                noted.lock().unwrap().push(kind);
                Ok(outputs)
            })
    });
    let during = seen.lock().unwrap()[0];
    let before = weights(&trainer);
    trainer.evaluate().unwrap();
    assert_eq!(weights(&trainer), before);
    let behind = *seen.lock().unwrap().last().unwrap();
    (during, behind, trainer)
}

/// As in Python: only outside of a training. Unlike there the weights are again what they were behind it.
#[test]
fn full_evaluations_cast_the_weights_and_give_them_back() {
    let _alone = alone();
    let full = |bf16_full_eval, fp16_full_eval, bf16| TrainingArguments {
        bf16_full_eval,
        fp16_full_eval,
        bf16,
        ..quick()
    };
    let (during, behind, _) = kinds_of_scores(&full(true, false, false));
    assert_eq!((during, behind), (Kind::Float, Kind::BFloat16));
    let (during, behind, _) = kinds_of_scores(&full(false, true, false));
    assert_eq!((during, behind), (Kind::Float, Kind::Half));
    // Autocast gives back float32.
    let (during, behind, mut trainer) = kinds_of_scores(&full(true, false, true));
    assert_eq!((during, behind), (Kind::Float, Kind::Float));
    let scores = trainer.predict(dataset(5)).unwrap();
    assert!(scores.logits().unwrap().values().all(f64::is_finite));
    assert_eq!(kinds(&trainer), [Kind::Float]);
}

/// Weights are rounded and stay float32, but where products are left to libtorch. What they are multiplied with is rounded where the
/// processor has products in bfloat16.
#[test]
fn fast_full_evaluations_compute_with_rounded_weights() {
    let _alone = alone();
    let predict = |bf16_full_eval, round: bool| {
        let args = TrainingArguments {
            bf16_full_eval,
            ..quick()
        };
        let seen = Arc::new(Mutex::new(Kind::Double));
        let noted = Arc::clone(&seen);
        let builder = builder(args).compute(Compute::Fast);
        let builder = builder.preprocess_logits_for_metrics(move |outputs, _| {
            *noted.lock().unwrap() = outputs.require("logits")?.kind();
            Ok(outputs)
        });
        let mut trainer = builder.build().unwrap();
        if round {
            for entry in trainer.model().parameters() {
                let mut weight = entry.tensor.detach();
                weight.copy_(&weight.to_kind(Kind::BFloat16));
            }
        }
        let output = trainer.predict(dataset(5)).unwrap();
        let scores: Vec<f64> = output.logits().unwrap().values().collect();
        let kind = *seen.lock().unwrap();
        (kind, scores)
    };
    let (kind, scores) = predict(true, false);
    let (_, rounded) = predict(false, true);
    match fast::leaves_bfloat16() {
        true => assert_eq!(kind, Kind::BFloat16),
        false => assert_eq!(kind, Kind::Float),
    }
    if fast::has_bfloat16_products() || fast::leaves_bfloat16() {
        assert!(apart(&scores, &rounded) < 4e-3);
    } else {
        assert_eq!(scores, rounded);
    }
    assert_ne!(scores, predict(false, false).1);
}

#[test]
fn an_evaluation_that_fails_gives_the_weights_back_too() {
    let _alone = alone();
    let args = TrainingArguments {
        bf16_full_eval: true,
        ..quick()
    };
    let failing = |builder: TrainerBuilder| {
        builder.preprocess_logits_for_metrics(|_, _| Err("of a test".into()))
    };
    let mut trainer = failing(builder(args)).build().unwrap();
    let before = weights(&trainer);
    assert!(trainer.predict(dataset(5)).is_err());
    assert_eq!(weights(&trainer), before);
}

#[test]
fn what_the_cpu_lacks_is_refused_by_name() {
    let _alone = alone();
    let with = |fp16, tf32| TrainingArguments {
        fp16,
        tf32,
        ..quick()
    };
    for (args, words) in [
        (with(true, None), "`fp16`: needs a GPU"),
        (with(false, Some(true)), "`tf32`: needs a GPU"),
    ] {
        assert!(args.validate().is_ok());
        let refused = builder(args).build().unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    assert!(builder(with(false, Some(false))).build().is_ok());
}
