//! The real data sets of the assets folder; skipped where that is absent.

use std::io::Write;
use std::path::PathBuf;

use trainer_data::{DatasetDict, Feature, Value, hub::Hub, load_dataset};

/// The folder of the hub's cache with the assets, which becomes the one that `load_dataset` reads.
fn assets() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/assets/hub");
    let folder = std::env::var_os("HF_HUB_CACHE").map_or(beside, PathBuf::from);
    match folder.join("datasets--nyu-mll--glue").is_dir() {
        true => Some(folder),
        false => {
            // Not by `println`, which passing tests do not show.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: there is no data set nyu-mll/glue in {}",
                folder.display()
            );
            None
        }
    }
}

fn load(name: &str, config: Option<&str>) -> Option<trainer_data::Result<DatasetDict>> {
    let hub = Hub::with_cache(assets()?).offline(true);
    Some(trainer_data::load_dataset_with(&hub, name, config))
}

fn sizes(data: &DatasetDict) -> Vec<(&str, usize)> {
    data.iter()
        .map(|(split, data)| (split, data.num_rows()))
        .collect()
}

#[test]
fn mrpc_is_glues() {
    let Some(mrpc) = load("glue", Some("mrpc")) else {
        return;
    };
    let mrpc = mrpc.unwrap();
    assert_eq!(
        sizes(&mrpc),
        [("train", 3668), ("validation", 408), ("test", 1725)]
    );
    let validation = &mrpc["validation"];
    assert_eq!(
        validation.column_names().collect::<Vec<_>>(),
        ["sentence1", "sentence2", "label", "idx"]
    );
    let features = validation.features();
    assert_eq!(
        features.get("label"),
        Some(&Feature::class_label(["not_equivalent", "equivalent"]))
    );
    assert_eq!(features.get("idx"), Some(&Feature::Int32));
    let idx: Vec<i64> = validation
        .iter()
        .take(5)
        .map(|row| row.int("idx").unwrap())
        .collect();
    assert_eq!(idx, [9, 18, 25, 32, 33]);
    let positive = validation.filter(|row| Ok(row.int("label")? == 1)).unwrap();
    assert_eq!(positive.num_rows(), 279);
    let first = mrpc["train"].row(0).unwrap();
    assert!(
        first
            .str("sentence1")
            .unwrap()
            .starts_with("Amrozi accused his brother")
    );
}

#[test]
fn the_other_configurations_load() {
    let Some(stsb) = load("nyu-mll/glue", Some("stsb")) else {
        return;
    };
    let stsb = stsb.unwrap();
    assert_eq!(
        sizes(&stsb),
        [("train", 5749), ("validation", 1500), ("test", 1379)]
    );
    assert_eq!(
        stsb["train"].features().get("label"),
        Some(&Feature::Float32)
    );
    assert_eq!(stsb["train"].row(0).unwrap().float("label").unwrap(), 5.0);
    let cola = load("glue", Some("cola")).unwrap().unwrap();
    assert_eq!(
        sizes(&cola),
        [("train", 8551), ("validation", 1043), ("test", 1063)]
    );
    // GLUE keeps the labels of its test splits to itself.
    assert_eq!(cola["test"].row(0).unwrap().int("label").unwrap(), -1);
}

#[test]
fn lists_and_structs_load() {
    let Some(wnut) = load("leondz/wnut_17", None) else {
        return;
    };
    let wnut = wnut.unwrap();
    assert_eq!(
        sizes(&wnut),
        [("train", 3394), ("validation", 1009), ("test", 1287)]
    );
    let train = &wnut["train"];
    let tags = train
        .features()
        .get("ner_tags")
        .unwrap()
        .as_class_label()
        .unwrap()
        .clone();
    assert_eq!(
        (tags.num_classes(), tags.int2str(7).unwrap()),
        (13, "B-location")
    );
    let rows = train.rows(&[0]).unwrap();
    let tokens = rows.column("tokens").unwrap().str_list(0).unwrap().len();
    assert_eq!(
        rows.column("ner_tags").unwrap().int_list(0).unwrap().len(),
        tokens
    );

    let xquad = load("google/xquad", Some("xquad.en")).unwrap().unwrap();
    assert_eq!(sizes(&xquad), [("train", 906), ("validation", 284)]);
    let row = xquad["train"].row(0).unwrap();
    let answers = row.get("answers").unwrap();
    let text = answers.field("text").and_then(Value::as_list).unwrap()[0]
        .as_str()
        .unwrap()
        .to_owned();
    let start = answers
        .field("answer_start")
        .and_then(Value::as_list)
        .unwrap()[0]
        .as_int()
        .unwrap();
    let context: Vec<char> = row.str("context").unwrap().chars().collect();
    assert_eq!(
        context[start as usize..][..text.chars().count()]
            .iter()
            .collect::<String>(),
        text
    );

    let shakespeare = load("karpathy/tiny_shakespeare", None).unwrap().unwrap();
    assert_eq!(
        shakespeare["train"]
            .row(0)
            .unwrap()
            .str("text")
            .unwrap()
            .len(),
        1_003_854
    );
}

#[test]
fn a_wrong_configuration_is_told_with_those_there_are() {
    let Some(missing) = load("glue", None) else {
        return;
    };
    let expected = "data set nyu-mll/glue of the hub has several configurations and none was asked for; \
                    the configurations are cola, mrpc, stsb";
    assert_eq!(missing.unwrap_err().to_string(), expected);
    let expected = "data set nyu-mll/glue of the hub has no configuration \"mprc\" (did you mean \"mrpc\"?); \
                    the configurations are cola, mrpc, stsb";
    assert_eq!(
        load("glue", Some("mprc")).unwrap().unwrap_err().to_string(),
        expected
    );
    let absent = load("nyu-mll/nothing", None)
        .unwrap()
        .unwrap_err()
        .to_string();
    assert!(absent.starts_with(
        "there is no file or folder \"nyu-mll/nothing\", and data set nyu-mll/nothing is not"
    ));
    assert!(absent.contains("HF_HUB_OFFLINE"), "{absent}");
}

#[test]
fn the_snapshot_folder_itself_loads() {
    let Some(assets) = assets() else { return };
    let hub = Hub::with_cache(assets).offline(true);
    let card = hub.dataset("nyu-mll/glue").file("README.md").unwrap();
    let folder = card.parent().unwrap().to_str().unwrap();
    let mrpc = load_dataset(folder, "mrpc").unwrap();
    assert_eq!(mrpc["train"].num_rows(), 3668);
}
