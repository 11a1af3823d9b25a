//! What arguments do to the rows of a run, its loss and its optimizer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::recording::{Rows, logged, losses, quick, run, run_in};
use crate::support::{alone, builder, dataset, weights};
use tch::Kind;
use trainer_collate::DefaultDataCollator;
use trainer_core::{
    IntervalStrategy, OptimizerNames, SamplingStrategy, SaveStrategy, SchedulerType, Trainer,
    TrainingArguments,
};
use trainer_data::Collate;
use trainer_torch::pickle;

#[test]
fn collators_see_columns_that_the_model_does_not_take_only_where_they_are_kept() {
    let _alone = alone();
    let columns = |remove_unused_columns| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let collator = trainer_data::collate_fn(move |rows: &trainer_data::Rows<'_>| {
            let mut names: Vec<_> = rows.column_names().map(str::to_owned).collect();
            names.sort();
            noted.lock().unwrap().push(names);
            DefaultDataCollator.collate(rows)
        });
        let args = TrainingArguments {
            remove_unused_columns,
            eval_strategy: IntervalStrategy::Epoch,
            ..quick()
        };
        let trainer = run(&args, |builder| builder.data_collator(collator));
        let mut seen = seen.lock().unwrap().clone();
        // The first rows of both sets, which are looked at before, and two epochs of 4 batches to train on and 2 to evaluate on.
        assert_eq!(seen.len(), 14);
        seen.dedup();
        assert_eq!(seen.len(), 1);
        (seen.remove(0), weights(&trainer))
    };
    let (used, without) = columns(true);
    let (all, with) = columns(false);
    assert_eq!(used, ["attention_mask", "input_ids", "label"]);
    assert_eq!(all, ["attention_mask", "idx", "input_ids", "label"]);
    // What the batch has too many the model leaves alone.
    assert_eq!(with, without);
}

/// The rows of two epochs of ten rows.
fn orders(args: TrainingArguments) -> [Vec<i64>; 2] {
    let rows = Rows::default();
    let args = TrainingArguments {
        per_device_train_batch_size: 4,
        ..args
    };
    run(&args, |builder| {
        let builder = builder.train_dataset(dataset(10));
        builder.compute_loss_func(rows.noting())
    });
    let batches = rows.seen();
    let sizes: Vec<_> = batches.iter().map(Vec::len).collect();
    assert_eq!(sizes, [4, 4, 2, 4, 4, 2]);
    [batches[..3].concat(), batches[3..].concat()]
}

// The orders are those of `torch.randperm(10)` after `torch.manual_seed` of the seed plus the epoch.
#[test]
fn the_order_of_rows_follows_from_the_strategy_and_the_data_seed() {
    let _alone = alone();
    let seed_42 = vec![2, 6, 1, 8, 4, 5, 0, 9, 3, 7];
    let seed_43 = vec![8, 4, 9, 0, 5, 1, 6, 7, 2, 3];
    let seed_44 = vec![2, 6, 3, 8, 7, 9, 1, 4, 5, 0];
    let with_seed = |data_seed| {
        orders(TrainingArguments {
            data_seed,
            ..quick()
        })
    };
    assert_eq!(with_seed(None), [seed_42, seed_43.clone()]);
    assert_eq!(with_seed(Some(43)), [seed_43, seed_44]);
    let sequential = orders(TrainingArguments {
        train_sampling_strategy: SamplingStrategy::Sequential,
        ..quick()
    });
    let in_order: Vec<i64> = (0..10).collect();
    assert_eq!(sequential, [in_order.clone(), in_order]);
}

#[test]
fn the_data_seed_leaves_dropout_alone() {
    let _alone = alone();
    // Equal rows, so that their order makes no difference.
    let rows = dataset(1).select(&[0; 30]).unwrap();
    let trained = |seed, data_seed| {
        let args = TrainingArguments {
            seed,
            data_seed,
            ..quick()
        };
        weights(&run(&args, |builder| builder.train_dataset(&rows)))
    };
    assert_eq!(trained(42, Some(1)), trained(42, None));
    assert_ne!(trained(1, Some(42)), trained(42, Some(42)));
}

#[test]
fn dataloader_drop_last_leaves_out_the_short_batch() {
    let _alone = alone();
    let rows = Rows::default();
    let args = TrainingArguments {
        dataloader_drop_last: true,
        logging_steps: 1.0,
        ..quick()
    };
    let trainer = run(&args, |builder| builder.compute_loss_func(rows.noting()));
    assert_eq!(
        (trainer.state().max_steps, trainer.state().global_step),
        (6, 6)
    );
    let sizes: Vec<_> = rows.seen().iter().map(Vec::len).collect();
    assert_eq!(sizes, [8; 6]);
    let epochs: Vec<_> = logged(&trainer, "epoch")
        .iter()
        .map(|(step, epoch)| (epoch * 3.0 - *step as f64).abs() < 1e-12)
        .collect();
    assert_eq!(epochs, [true; 7]);
}

#[test]
fn dataloader_drop_last_leaves_out_the_short_batch_of_an_evaluation() {
    let _alone = alone();
    let eval_loss = |dataloader_drop_last| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            output_dir: folder.path().to_owned(),
            dataloader_drop_last,
            ..quick()
        };
        let builder = builder(args).compute_loss_func(losses(&[1.0, 12.0]));
        let metrics = builder.build().unwrap().evaluate().unwrap();
        metrics.get_f64("eval_loss").unwrap()
    };
    // 11 rows: batches of 8 and 3.
    assert_eq!(eval_loss(true), 1.0);
    assert_eq!(eval_loss(false), (8.0 + 3.0 * 12.0) / 11.0);
}

#[test]
fn workers_change_neither_rows_nor_weights() {
    let _alone = alone();
    // Some batches take longer than those after them.
    let slow = || {
        trainer_data::collate_fn(|rows: &trainer_data::Rows<'_>| {
            let token = rows.column("input_ids")?.int_list(0)?[0];
            std::thread::sleep(Duration::from_millis(token.unsigned_abs() % 3 * 8));
            DefaultDataCollator.collate(rows)
        })
    };
    let trained = |dataloader_num_workers, dataloader_prefetch_factor| {
        let rows = Rows::default();
        let args = TrainingArguments {
            dataloader_num_workers,
            dataloader_prefetch_factor,
            per_device_train_batch_size: 3,
            num_train_epochs: 1.0,
            ..quick()
        };
        let trainer = run(&args, |builder| {
            let builder = builder.data_collator(slow());
            builder.compute_loss_func(rows.noting())
        });
        (rows.seen(), weights(&trainer))
    };
    let without = trained(0, None);
    assert_eq!(without.0.len(), 10);
    assert_eq!(trained(1, None), without);
    assert_eq!(trained(4, None), without);
    assert_eq!(trained(4, Some(1)), without);
}

fn sgd(optim_args: Option<&str>) -> TrainingArguments {
    TrainingArguments {
        optim: OptimizerNames::Sgd,
        optim_args: optim_args.map(str::to_owned),
        ..quick()
    }
}

#[test]
fn optim_args_reach_the_optimizer() {
    let _alone = alone();
    let groups = |optim, optim_args: &str| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            optim,
            optim_args: Some(optim_args.to_owned()),
            save_strategy: SaveStrategy::Steps,
            max_steps: 1,
            ..quick()
        };
        run_in(folder.path(), &args, |builder| builder);
        let saved = pickle::load(&folder.path().join("checkpoint-1/optimizer.pt")).unwrap();
        let groups = saved.as_dict().unwrap().require("param_groups").unwrap();
        let groups = groups.as_slice().unwrap();
        assert_eq!(groups.len(), 2);
        let value = |group: usize, name: &str| {
            let group = groups[group].as_dict().unwrap();
            group.require(name).unwrap().as_f64().unwrap()
        };
        let names = [
            "momentum", "nesterov", "alpha", "centered", "lr_decay", "eps",
        ];
        names
            .into_iter()
            .filter(|name| groups[0].as_dict().unwrap().get(name).is_some())
            .map(|name| (name, [value(0, name), value(1, name)]))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        groups(OptimizerNames::Sgd, "momentum=0.9, nesterov=YES"),
        [("momentum", [0.9; 2]), ("nesterov", [1.0; 2])]
    );
    assert_eq!(
        groups(
            OptimizerNames::Rmsprop,
            "alpha=0.9,momentum=0.5,centered=True,eps=1e-6"
        ),
        [
            ("momentum", [0.5; 2]),
            ("alpha", [0.9; 2]),
            ("centered", [1.0; 2]),
            ("eps", [1e-6; 2])
        ]
    );
    assert_eq!(
        groups(OptimizerNames::Adagrad, "lr_decay=0.1,eps=1e-6"),
        [("lr_decay", [0.1; 2]), ("eps", [1e-6; 2])]
    );
}

#[test]
fn momentum_adds_up_and_an_unknown_option_is_refused_by_name() {
    let _alone = alone();
    // The gradient of the last bias is 1 at every step, whatever the weights are.
    let moved = |optim_args| {
        let args = TrainingArguments {
            lr_scheduler_type: SchedulerType::Constant,
            max_grad_norm: 0.0,
            max_steps: 3,
            ..sgd(optim_args)
        };
        let trainer = run(&args, |builder| {
            builder.compute_loss_func(|output, _| Ok(output.logits()?.mean(Kind::Float) * 2.0))
        });
        let mut weights = trainer.model().parameters().iter();
        let bias = weights.find(|entry| entry.name == "classifier.bias");
        Vec::<f32>::try_from(bias.unwrap().tensor.detach()).unwrap()
    };
    // The learning rate is 0.001. With momentum 0.5 the steps are 1, 1 + 0.5 and 1 + 0.5 * 1.5.
    for (optim_args, expected) in [
        (None, 3.0),
        (Some("momentum=0.5"), 4.25),
        (Some("momentum=0.5, nesterov=true"), 1.5 + 1.75 + 1.875),
    ] {
        for bias in moved(optim_args) {
            assert!(
                (f64::from(bias) + 1e-3 * expected).abs() < 1e-8,
                "{optim_args:?}: {bias}"
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let unknown = TrainingArguments {
        output_dir: folder.path().to_owned(),
        ..sgd(Some("speed=2"))
    };
    let error = builder(unknown).build().unwrap().train().unwrap_err();
    assert!(error.to_string().contains("\"speed\""), "{error}");
}

#[test]
fn a_loss_of_ones_own_replaces_the_models_in_training_and_evaluation() {
    let _alone = alone();
    let first = |double: bool, label_smoothing_factor| {
        let args = TrainingArguments {
            max_steps: 1,
            max_grad_norm: 0.0,
            logging_steps: 1.0,
            label_smoothing_factor,
            ..quick()
        };
        let trainer = run(&args, |builder| match double {
            false => builder,
            true => builder.compute_loss_func(|output, batch| {
                let labels = batch.require("labels")?;
                Ok(output.logits()?.cross_entropy_for_logits(labels) * 2.0)
            }),
        });
        ["loss", "grad_norm"].map(|name| logged(&trainer, name)[0].1)
    };
    let plain = first(false, 0.0);
    assert_eq!(first(true, 0.0), plain.map(|value| 2.0 * value));
    // There is nothing left to smooth.
    assert_eq!(first(true, 0.3), plain.map(|value| 2.0 * value));
    assert_ne!(first(false, 0.3)[0], plain[0]);

    let evaluated = |trainer: &mut Trainer| trainer.evaluate().unwrap().get_f64("eval_loss");
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        output_dir: folder.path().to_owned(),
        ..quick()
    };
    let mut squares = builder(args)
        .compute_loss_func(|output, _| Ok(output.logits()?.square().mean(Kind::Float)))
        .build()
        .unwrap();
    let output = squares.predict(dataset(11)).unwrap();
    let scores = output.logits().unwrap();
    let mean = scores.values().map(|score| score * score).sum::<f64>() / 22.0;
    let loss = evaluated(&mut squares).unwrap();
    assert!((loss - mean).abs() <= 1e-6 * mean, "{loss} and {mean}");
}
