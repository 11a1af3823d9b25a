//! The loader: order, errors, ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use trainer_data::{
    BoxError, Collate, Column, Columns, DataLoader, Dataset, Error, RandomSampler, Rows, Sampler,
    collate_fn,
};

/// Numbers of a column, read by threads that take turns in being slow; counts its calls.
#[derive(Default)]
struct Numbers {
    calls: AtomicUsize,
    fail_at: Option<i64>,
    panic_at: Option<i64>,
}

impl Collate for Numbers {
    type Batch = Vec<i64>;

    fn collate(&self, rows: &Rows<'_>) -> Result<Vec<i64>, BoxError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_micros(if call.is_multiple_of(3) {
            3000
        } else {
            100
        }));
        let x = rows.column("x")?;
        let numbers: Vec<i64> = (0..rows.len())
            .map(|k| x.int(k))
            .collect::<Result<_, _>>()?;
        if self.fail_at.is_some_and(|at| numbers.contains(&at)) {
            return Err("not this one".into());
        }
        assert!(
            !self.panic_at.is_some_and(|at| numbers.contains(&at)),
            "out of order"
        );
        Ok(numbers)
    }
}

fn data(rows: i64) -> Dataset {
    Dataset::from_columns(Columns::new().with("x", Column::ints(0..rows))).unwrap()
}

fn all(loader: &DataLoader<Vec<i64>>, epoch: u64) -> Vec<Vec<i64>> {
    loader.iter(epoch).collect::<Result<_, _>>().unwrap()
}

#[test]
fn workers_do_not_change_the_order() {
    let data = data(103);
    let build = |workers, drop_last| {
        DataLoader::builder(&data, Numbers::default())
            .sampler(Arc::new(RandomSampler::new(103, 42)) as Arc<dyn Sampler>)
            .num_workers(workers)
            .drop_last(drop_last)
            .build()
            .unwrap()
    };
    let expected = all(&build(0, false), 1);
    assert_eq!(expected.len(), 13);
    assert_eq!(expected[12].len(), 7);
    assert_eq!(
        expected.concat(),
        RandomSampler::new(103, 43)
            .order(0)
            .iter()
            .map(|row| *row as i64)
            .collect::<Vec<_>>()
    );
    for workers in [1, 2, 5] {
        assert_eq!(
            all(&build(workers, false), 1),
            expected,
            "{workers} workers"
        );
        assert_eq!(
            all(&build(workers, true), 1),
            expected[..12],
            "{workers} workers"
        );
    }
    let loader = build(2, true);
    assert_eq!(
        (loader.len(), loader.num_examples(), loader.batch_size()),
        (12, 103, 8)
    );
}

#[test]
fn skipped_batches_are_not_read() {
    for workers in [0, 3] {
        let collate = Arc::new(Numbers::default());
        let loader = DataLoader::builder(data(40), Arc::clone(&collate))
            .batch_size(4)
            .num_workers(workers)
            .build();
        let left: Vec<Vec<i64>> = loader
            .unwrap()
            .iter_from(0, 8)
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(left, [[32, 33, 34, 35], [36, 37, 38, 39]]);
        assert_eq!(collate.calls.load(Ordering::SeqCst), 2, "{workers} workers");
    }
    let loader = DataLoader::builder(data(4), Numbers::default())
        .build()
        .unwrap();
    assert!(loader.iter_from(0, 99).next().is_none());
}

#[test]
fn errors_come_in_their_place_and_end_the_epoch() {
    for workers in [0, 3] {
        let collate = Numbers {
            fail_at: Some(9),
            ..Numbers::default()
        };
        let loader = DataLoader::builder(data(40), collate)
            .batch_size(4)
            .num_workers(workers)
            .build()
            .unwrap();
        let mut batches = loader.iter(6);
        assert_eq!(batches.next().unwrap().unwrap(), [0, 1, 2, 3]);
        assert_eq!(batches.next().unwrap().unwrap(), [4, 5, 6, 7]);
        let error = batches.next().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "epoch 6, batch 2 (rows 8, 9, 10, 11): not this one"
        );
        assert!(batches.next().is_none());
    }
}

#[test]
fn a_panic_of_the_collator_is_an_error() {
    for workers in [0, 2] {
        let collate = Numbers {
            panic_at: Some(5),
            ..Numbers::default()
        };
        let loader = DataLoader::builder(data(12), collate)
            .batch_size(4)
            .num_workers(workers)
            .build()
            .unwrap();
        let results: Vec<_> = loader.iter(0).collect();
        assert_eq!(results.len(), 2);
        let error = results[1].as_ref().unwrap_err().to_string();
        assert!(
            error.contains("batch 1") && error.contains("panicked: out of order"),
            "{error}"
        );
    }
}

#[test]
fn little_is_made_ahead_and_an_early_end_stops_the_workers() {
    let collate = Arc::new(Numbers::default());
    let loader = DataLoader::builder(data(4000), Arc::clone(&collate))
        .batch_size(4)
        .num_workers(2)
        .prefetch_factor(3)
        .build()
        .unwrap();
    let mut batches = loader.iter(0);
    batches.next().unwrap().unwrap();
    sleep(Duration::from_millis(100));
    assert!(collate.calls.load(Ordering::SeqCst) <= 1 + 2 * 3);
    drop(batches);
    let calls = collate.calls.load(Ordering::SeqCst);
    sleep(Duration::from_millis(50));
    assert_eq!(collate.calls.load(Ordering::SeqCst), calls);
}

#[test]
fn what_cannot_work_is_refused() {
    let build = |size, factor| {
        DataLoader::builder(data(4), Numbers::default())
            .batch_size(size)
            .prefetch_factor(factor)
            .build()
    };
    assert_eq!(
        build(0, 1).unwrap_err().to_string(),
        "batch_size: must be at least 1"
    );
    assert_eq!(
        build(1, 0).unwrap_err().to_string(),
        "prefetch_factor: must be at least 1"
    );

    struct Wrong(Vec<usize>);
    impl Sampler for Wrong {
        fn num_samples(&self) -> usize {
            2
        }
        fn order(&self, _: u64) -> Vec<usize> {
            self.0.clone()
        }
    }
    for workers in [0, 2] {
        let first = |order| {
            let loader = DataLoader::builder(data(4), Numbers::default())
                .sampler(Wrong(order))
                .num_workers(workers);
            loader.build().unwrap().iter(0).next().unwrap().unwrap_err()
        };
        assert!(matches!(
            first(vec![1, 4]),
            Error::RowOutOfRange { row: 4, .. }
        ));
        assert!(matches!(
            first(vec![1]),
            Error::InvalidArgument {
                name: "sampler",
                ..
            }
        ));
    }
}

#[test]
fn an_empty_data_set_has_no_batches() {
    let collate = collate_fn(|rows: &Rows<'_>| Ok(rows.len()));
    let loader = DataLoader::builder(data(0), collate)
        .num_workers(2)
        .build()
        .unwrap();
    assert!(loader.is_empty());
    assert!(loader.iter(0).next().is_none());
}
