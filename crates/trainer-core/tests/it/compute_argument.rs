//! The argument `compute`, which Python has not.

use serde_json::json;
use trainer_core::{ArgumentFields, TrainingArguments};
use trainer_data::{Column, Columns, Dataset};
use trainer_models::Compute;

use crate::support::recording::{quick, run};
use crate::support::{alone, weights};

#[test]
fn json_has_it_where_it_is_not_the_default_and_reads_it_back() {
    for compute in Compute::ALL {
        let args = TrainingArguments {
            compute,
            ..TrainingArguments::new("out")
        };
        // Python refuses names that it does not know.
        let is_default = compute == Compute::default();
        let written = (!is_default).then(|| json!(compute.as_str()));
        assert_eq!(args.to_dict().get("compute"), written.as_ref());
        assert_eq!(args.to_sanitized_dict().get("compute"), written.as_ref());
        let read = TrainingArguments::from_json_str(&args.to_json_string()).unwrap();
        assert_eq!(read.compute, compute);
        let through_serde = serde_json::to_string(&args).unwrap();
        let read: TrainingArguments = serde_json::from_str(&through_serde).unwrap();
        assert_eq!(read.compute, compute);
        let named = json!({"compute": compute.as_str()});
        let read = TrainingArguments::from_json_str(&named.to_string()).unwrap();
        assert_eq!(read.compute, compute);
    }
}

#[test]
fn another_value_is_refused_by_name() {
    for value in [json!("quick"), json!(true), json!(null)] {
        let mut args = TrainingArguments::default();
        let error = args.set("compute", value.clone()).unwrap_err().to_string();
        for word in ["`compute`", "reference, fast", &value.to_string()] {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}

/// Rows of four tokens and of six.
fn padded_rows() -> Dataset {
    let rows = 0..20_i64;
    let ids = rows
        .clone()
        .map(|row| [3, 4, 5, 6, 7, 8].map(|token| token + row));
    let mask = |row| {
        if row % 2 == 0 {
            [1; 6]
        } else {
            [1, 1, 1, 1, 0, 0]
        }
    };
    let columns = Columns::new()
        .with("input_ids", Column::int_lists(ids))
        .with(
            "attention_mask",
            Column::int_lists::<i64, _>(rows.clone().map(mask)),
        )
        .with("label", Column::ints(rows.map(|row| row % 2)));
    Dataset::from_columns(columns).unwrap()
}

#[test]
fn the_builders_call_wins_over_the_argument() {
    let _alone = alone();
    let trained = |argument, call: Option<Compute>| {
        let args = TrainingArguments {
            compute: argument,
            ..quick()
        };
        let trainer = run(&args, |builder| {
            let builder = builder.train_dataset(padded_rows());
            match call {
                Some(compute) => builder.compute(compute),
                None => builder,
            }
        });
        (trainer.args().compute, weights(&trainer))
    };
    let reference = trained(Compute::Reference, None);
    let fast = trained(Compute::Fast, None);
    // Without padding they drop other values.
    assert_ne!(reference.1, fast.1);
    assert_eq!(trained(Compute::Fast, Some(Compute::Reference)), reference);
    assert_eq!(trained(Compute::Reference, Some(Compute::Fast)), fast);
}
