//! What holds for any data.

use std::{collections::BTreeSet, fmt::Write};

use proptest::{collection::vec, option, prelude::*};
use trainer_data::{
    BoxError, Column, Columns, DataLoader, Dataset, MapOptions, RandomSampler, Rows, Sampler,
    Value, collate_fn, load_dataset,
};

fn numbers(values: &[i64]) -> Dataset {
    Dataset::from_columns(Columns::new().with("x", Column::ints(values.iter().copied()))).unwrap()
}

fn read(data: &Dataset) -> Vec<i64> {
    data.iter().map(|row| row.int("x").unwrap()).collect()
}

fn load(name: &str, text: &str) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    load_dataset(path.to_str().unwrap(), None).unwrap()["train"].clone()
}

fn collate(rows: &Rows<'_>) -> Result<Vec<i64>, BoxError> {
    let x = rows.column("x")?;
    (0..rows.len()).map(|k| Ok(x.int(k)?)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn random_order_is_a_permutation(n in 0..2000_usize, seed: u64, epoch in 0..9_u64) {
        let mut order = RandomSampler::new(n, seed).order(epoch);
        order.sort_unstable();
        prop_assert!(order.into_iter().eq(0..n));
    }

    #[test]
    fn loader_order_is_the_samplers(n in 0..120_usize, size in 1..20_usize, workers in 0..4_usize, ahead in 1..4_usize, seed: u64) {
        let data = numbers(&(0..n as i64).collect::<Vec<_>>());
        let loader = DataLoader::builder(data, collate_fn(collate))
            .sampler(RandomSampler::new(n, seed))
            .batch_size(size)
            .num_workers(workers)
            .prefetch_factor(ahead)
            .build()
            .unwrap();
        let batches: Vec<Vec<i64>> = loader.iter(2).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(batches.len(), loader.len());
        let expected: Vec<i64> = RandomSampler::new(n, seed).order(2).into_iter().map(|row| row as i64).collect();
        prop_assert_eq!(batches.concat(), expected);
        for skip in [1, batches.len() / 2] {
            let rest: Vec<Vec<i64>> = loader.iter_from(2, skip).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(&rest[..], &batches[skip.min(batches.len())..]);
        }
    }

    #[test]
    fn filter_is_that_of_a_vector(values in vec(-20..20_i64, 0..300), bound in -20..20_i64, seed: u64) {
        let data = numbers(&values).shuffle(seed);
        let kept = data.filter(|row| Ok(row.int("x")? < bound)).unwrap();
        let expected: Vec<i64> = read(&data).into_iter().filter(|x| *x < bound).collect();
        prop_assert_eq!(read(&kept), expected);
    }

    #[test]
    fn select_of_select_composes(values in vec(any::<i64>(), 1..60), picks in vec(any::<prop::sample::Index>(), 1..40), again in vec(any::<prop::sample::Index>(), 0..40)) {
        let rows: Vec<usize> = picks.iter().map(|pick| pick.index(values.len())).collect();
        let then: Vec<usize> = again.iter().map(|pick| pick.index(rows.len())).collect();
        let chosen = numbers(&values).select(&rows).unwrap().select(&then).unwrap();
        let expected: Vec<i64> = then.iter().map(|at| values[rows[*at]]).collect();
        prop_assert_eq!(read(&chosen), expected);
        prop_assert_eq!(chosen.column("x").unwrap(), Column::ints(read(&chosen)));
    }

    #[test]
    fn split_parts_the_rows(n in 2..300_usize, fraction in 0.01..0.99_f64, seed: u64) {
        let data = numbers(&(0..n as i64).collect::<Vec<_>>());
        let test = (fraction * n as f64).ceil() as usize;
        match data.train_test_split(fraction, seed) {
            Err(_) => prop_assert_eq!(test, n),
            Ok(splits) => {
                prop_assert_eq!(splits["test"].num_rows(), test);
                let all: BTreeSet<i64> = read(&splits["train"]).into_iter().chain(read(&splits["test"])).collect();
                prop_assert_eq!(all.len(), n);
            }
        }
    }

    #[test]
    fn map_does_not_depend_on_its_batches(values in vec(-99..99_i64, 0..200), size in 1..50_usize, threads in 1..4_usize) {
        let double = |rows: &Rows<'_>| -> Result<Columns, BoxError> {
            Ok(Columns::new().with("x", Column::ints(collate(rows)?.into_iter().map(|x| 2 * x))))
        };
        let options = MapOptions::default().batch_size(size).num_proc(threads);
        let mapped = numbers(&values).map_with(&double, &options).unwrap();
        prop_assert_eq!(read(&mapped), values.iter().map(|x| 2 * x).collect::<Vec<_>>());
    }

    #[test]
    fn json_lines_are_read_as_written(rows in vec((option::of(any::<i64>()), option::of("\\PC*"), vec(-1e9..1e9_f64, 0..4)), 1..20)) {
        let mut text = String::new();
        for (number, string, list) in &rows {
            let row = serde_json::json!({ "number": number, "string": string, "list": list });
            writeln!(text, "{row}").unwrap();
        }
        let data = load("a.jsonl", &text);
        prop_assert_eq!(data.num_rows(), rows.len());
        for (read, (number, string, list)) in data.iter().zip(&rows) {
            prop_assert_eq!(read.get("number").unwrap(), Value::from(*number));
            prop_assert_eq!(read.get("string").unwrap(), Value::from(string.clone()));
            prop_assert_eq!(read.float_list("list").unwrap(), list.clone());
        }
        let array = format!("[{}]", text.trim_end().replace('\n', ",\n"));
        let again = load("a.json", &array);
        prop_assert_eq!(again.column("string").unwrap(), data.column("string").unwrap());
    }

    #[test]
    fn csv_is_read_as_written(rows in vec((any::<i64>(), -1e9..1e9_f64, any::<bool>(), "[a-z,\"\n é]{1,9}z"), 1..20)) {
        let mut text = String::from("int,float,bool,string\n");
        for (int, float, bool, string) in &rows {
            writeln!(text, "{int},{float:?},{bool},\"{}\"", string.replace('"', "\"\"")).unwrap();
        }
        let data = load("a.csv", &text);
        for (read, (int, float, bool, string)) in data.iter().zip(&rows) {
            prop_assert_eq!(read.int("int").unwrap(), *int);
            prop_assert_eq!(read.float("float").unwrap(), *float);
            prop_assert_eq!(read.bool("bool").unwrap(), *bool);
            prop_assert_eq!(read.str("string").unwrap(), string);
        }
        prop_assert_eq!(data.num_rows(), rows.len());
    }
}
