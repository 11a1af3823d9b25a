//! Weights in files that `torch.save` wrote; `parity/models_pickles.py` made them, and Python loads them so.

use std::fs;
use std::path::Path;

use crate::support::{
    assert_equals_fixture, assert_same_bits, bits, copy_of, data, generator, load, read_tensors,
    refusal,
};
use tch::{Kind, Tensor};
use trainer_models::{ModelOptions, num_labels};
use trainer_torch::pickle::{self, Dict, Value};

const WHOLE: &str = "pytorch_model.bin";

/// A copy of the tiny model with the pickles of a folder of `tests/data/pickles` in place of its weights.
fn pickled(name: &str) -> tempfile::TempDir {
    let copy = copy_of("tiny_bert_3");
    fs::remove_file(copy.path().join("model.safetensors")).unwrap();
    for file in fs::read_dir(data("pickles").join(name)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

/// The same with a pickle made here.
fn saved(value: impl Into<Value>) -> tempfile::TempDir {
    let copy = copy_of("tiny_bert_3");
    fs::remove_file(copy.path().join("model.safetensors")).unwrap();
    pickle::save(&copy.path().join(WHOLE), &value.into()).unwrap();
    copy
}

fn weights() -> Vec<(String, Tensor)> {
    read_tensors(&data("tiny_bert_3").join("model.safetensors"))
}

#[test]
fn pickled_weights_load_as_in_python() {
    for name in ["old_names", "sharded", "double", "one_storage"] {
        let folder = pickled(name);
        let (model, report) = load(folder.path(), ModelOptions::new()).unwrap();
        assert!(report.is_exact(), "{name}: {report}");
        assert_equals_fixture(model.as_ref(), "tiny_bert_3");
        for entry in model.parameters() {
            assert!(entry.tensor.is_leaf() && entry.tensor.is_contiguous());
        }
    }
    for (name, kind) in [("half", Kind::Half), ("bfloat16", Kind::BFloat16)] {
        let (model, _) = load(pickled(name).path(), ModelOptions::new()).unwrap();
        for (weight, value) in weights() {
            let have = &model.parameters().get(&weight).unwrap().tensor;
            assert_same_bits(&weight, have, &value.to_kind(kind).to_kind(Kind::Float));
        }
    }
}

#[test]
fn pickled_weights_lie_where_pythons_would_and_share_nothing() {
    let folder = pickled("one_storage");
    let (model, _) = load(folder.path(), ModelOptions::new()).unwrap();
    let mut start = 0;
    let mut ordered = weights();
    ordered.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, value) in ordered {
        // The classifier's lies by columns in a storage of its own.
        if name != "classifier.weight" {
            let weight = &model.parameters().get(&name).unwrap().tensor;
            assert_eq!(weight.data_ptr() as usize % 64, start * 4 % 64, "{name}");
        }
        start += value.numel();
    }
    let first = &model.parameters().iter().next().unwrap().tensor;
    let _zeros = first.detach().zero_();
    for (name, value) in weights() {
        let have = &model.parameters().get(&name).unwrap().tensor;
        assert!(
            have.data_ptr() == first.data_ptr() || bits(have) == bits(&value),
            "{name}"
        );
    }
}

#[test]
fn pickled_weights_are_restored_in_place() {
    for name in ["old_names", "sharded"] {
        let (model, _) = load(&data("tiny_bert_3"), ModelOptions::new()).unwrap();
        for entry in model.parameters() {
            let _zeros = entry.tensor.detach().zero_();
        }
        model.load_weights(pickled(name).path()).unwrap();
        assert_equals_fixture(model.as_ref(), "tiny_bert_3");
    }
}

#[test]
fn safetensors_are_taken_first() {
    let copy = copy_of("tiny_bert_3");
    fs::write(copy.path().join(WHOLE), b"not looked at").unwrap();
    load(copy.path(), ModelOptions::new()).unwrap();
    let folder = pickled("old_names");
    fs::write(
        folder.path().join("pytorch_model.bin.index.json"),
        b"neither",
    )
    .unwrap();
    load(folder.path(), ModelOptions::new()).unwrap();
}

#[test]
fn shapes_that_differ_are_named_with_the_file() {
    let message = refusal(pickled("sharded").path(), num_labels(5));
    for part in [
        "pytorch_model-0000",
        "classifier.weight",
        "[3, 8]",
        "[5, 8]",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

fn assert_refused(folder: &Path, parts: &[&str]) {
    let message = refusal(folder, ModelOptions::new());
    for part in [&["pytorch_model"], parts].concat() {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn what_is_more_than_weights_is_refused_with_a_way_out_that_keeps_the_head() {
    let way_out =
        "AutoModelForSequenceClassification.from_pretrained(folder).save_pretrained(folder)";
    assert_refused(
        pickled("module").path(),
        &[
            "asks for torch.nn.modules.linear.Linear",
            way_out,
            "writes model.safetensors",
        ],
    );
    let cut = pickled("old_names");
    let path = cut.path().join(WHOLE);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_refused(cut.path(), &["not a file that torch.save writes", way_out]);
}

#[test]
fn pickles_without_weights_say_what_they_hold() {
    let _alone = generator();
    let list: Value = [Value::from(1_i64)].into_iter().collect();
    assert_refused(saved(list).path(), &["found list"]);
    assert_refused(
        saved(Dict::from_iter([(Value::Int(3), Value::None)])).path(),
        &["found a key that is of type int"],
    );
    let mut dict = Dict::new();
    for (name, weight) in weights() {
        dict.push(name.as_str(), weight);
    }
    dict.push("step", 3_i64);
    let (model, report) = load(saved(dict).path(), ModelOptions::new()).unwrap();
    assert_eq!(report.unexpected, ["step"]);
    assert_equals_fixture(model.as_ref(), "tiny_bert_3");
    assert_refused(
        saved(Dict::new().with("classifier.weight", 3_i64)).path(),
        &["classifier.weight must be a tensor, found int"],
    );
}

#[test]
fn a_wrong_index_names_the_file() {
    for (change, expected) in [
        (
            "pytorch_model-00002-of-00002.bin",
            "the shard pytorch_model-00002-of-00002.bin that it names is not there",
        ),
        (
            "pytorch_model.bin.index.json",
            "is not the name of a .bin file",
        ),
    ] {
        let folder = pickled("sharded");
        let path = folder.path().join(change);
        match change.strip_suffix(".json") {
            Some(_) => {
                let text = fs::read_to_string(&path).unwrap();
                fs::write(
                    &path,
                    text.replace("pytorch_model-00002", "../pytorch_model-00002"),
                )
                .unwrap();
            }
            None => fs::remove_file(&path).unwrap(),
        }
        assert_refused(folder.path(), &["pytorch_model.bin.index.json", expected]);
    }
}

#[test]
fn weights_of_other_frameworks_say_how_to_convert_them() {
    for (file, argument) in [
        ("tf_model.h5", "from_tf=True"),
        ("flax_model.msgpack", "from_flax=True"),
    ] {
        let copy = copy_of("tiny_bert_3");
        fs::rename(
            copy.path().join("model.safetensors"),
            copy.path().join(file),
        )
        .unwrap();
        let message = refusal(copy.path(), ModelOptions::new());
        let way_out =
            format!("AutoModelForSequenceClassification.from_pretrained(folder, {argument})");
        for part in [file, way_out.as_str(), "transformers 4"] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
}
