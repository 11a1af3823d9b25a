//! Where weights lie in memory: the kernel of a product with a single row, and with it the last bit, depends on it.

use std::fs;
use std::path::Path;

use crate::support::{assert_same_bits, copy_of, data, generator, read_tensors, write_tensors};
use tch::{Device, Kind, Tensor};
use trainer_models::{AutoModelForSequenceClassification, Model, ModelOptions, num_labels};

fn load(folder: &Path, options: ModelOptions) -> Box<dyn Model> {
    AutoModelForSequenceClassification::from_pretrained(folder.to_str().unwrap(), options).unwrap()
}

/// How far each weight lies from a multiple of 64 bytes.
fn offsets(model: &dyn Model) -> Vec<(String, usize)> {
    let entries = model.parameters().iter();
    entries
        .map(|entry| (entry.name.clone(), entry.tensor.data_ptr() as usize % 64))
        .collect()
}

/// How far each tensor of a safetensors file does.
fn offsets_in(file: &Path) -> serde_json::Map<String, serde_json::Value> {
    let bytes = fs::read(file).unwrap();
    let length = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let tensors = header.as_object().unwrap().iter();
    tensors
        .filter(|(name, _)| *name != "__metadata__")
        .map(|(name, info)| {
            let start = 8 + length as u64 + info["data_offsets"][0].as_u64().unwrap();
            (name.clone(), (start % 64).into())
        })
        .collect()
}

#[test]
fn loaded_weights_lie_as_in_the_file_that_python_maps() {
    let folder = data("tiny_bert_3");
    let model = load(&folder, ModelOptions::new());
    let expected = offsets_in(&folder.join("model.safetensors"));
    let mut found: Vec<usize> = Vec::new();
    for (name, offset) in offsets(model.as_ref()) {
        assert_eq!(expected[&name], offset, "{name}");
        found.push(offset);
    }
    found.sort_unstable();
    found.dedup();
    assert!(found.len() > 1 && found != [0], "the file says nothing");
    for entry in model.parameters() {
        assert!(entry.tensor.is_leaf() && entry.tensor.is_contiguous());
    }
}

#[test]
fn weights_that_are_drawn_or_converted_are_aligned_as_in_python() {
    let _alone = generator();
    let copy = copy_of("tiny_bert_3");
    let resized = num_labels(5).ignore_mismatched_sizes(true);
    for (name, offset) in offsets(load(copy.path(), resized).as_ref()) {
        assert!(offset == 0 || !name.starts_with("classifier"), "{name}");
    }
    let path = copy.path().join("model.safetensors");
    let halves: Vec<(String, Tensor)> = read_tensors(&path)
        .into_iter()
        .map(|(name, tensor)| (name, tensor.to_kind(Kind::Half)))
        .collect();
    Tensor::write_safetensors(&halves, &path).unwrap();
    for (name, offset) in offsets(load(copy.path(), ModelOptions::new()).as_ref()) {
        assert_eq!(offset, 0, "{name}");
    }
}

#[test]
fn weights_stay_where_they_are_when_others_are_loaded_into_them() {
    let copy = copy_of("tiny_bert_3");
    let model = load(copy.path(), ModelOptions::new());
    let before = offsets(model.as_ref());
    // The same weights elsewhere: a header of another length.
    let path = copy.path().join("model.safetensors");
    let tensors = read_tensors(&path);
    write_tensors(&path, &tensors);
    let again = load(copy.path(), ModelOptions::new());
    assert_ne!(offsets(again.as_ref()), before);
    model.load_weights(copy.path()).unwrap();
    model.parameters().to_device(Device::Cpu).unwrap();
    assert_eq!(offsets(model.as_ref()), before);
    // What is saved is the weights alone, not the memory before them.
    let saved = tempfile::tempdir().unwrap();
    model.save_pretrained(saved.path()).unwrap();
    let whole = fs::read(data("tiny_bert_3").join("model.safetensors")).unwrap();
    assert!(fs::read(saved.path().join("model.safetensors")).unwrap() == whole);
    for (name, tensor) in read_tensors(&path) {
        assert_same_bits(
            &name,
            &again.parameters().get(&name).unwrap().tensor,
            &tensor,
        );
    }
}
