//! Weights in files that have them in another type than float32.

use crate::support::{assert_same_bits, copy_of, data, generator, load, read_tensors, refusal};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tch::{Kind, Tensor};
use trainer_models::ModelOptions;

#[test]
fn other_float_types_become_float32() {
    let exact = read_tensors(&data("tiny_bert_3").join("model.safetensors"));
    for (kind, tolerance) in [
        (Kind::Half, 2e-3),
        (Kind::BFloat16, 2e-2),
        (Kind::Double, 0.0),
    ] {
        let copy = copy_of("tiny_bert_3");
        let converted: Vec<(String, Tensor)> = exact
            .iter()
            .map(|(name, tensor)| (name.clone(), tensor.to_kind(kind)))
            .collect();
        // tch's own writer, which knows these types.
        Tensor::write_safetensors(&converted, copy.path().join("model.safetensors")).unwrap();
        let (model, report) = load(copy.path(), ModelOptions::new()).unwrap();
        assert!(report.is_exact());
        for (name, value) in &exact {
            let have = &model.parameters().get(name).unwrap().tensor;
            assert_eq!(have.kind(), Kind::Float);
            assert!(
                (have - value).abs().max().double_value(&[]) <= tolerance,
                "{name} {kind:?}"
            );
        }
    }
}

#[test]
fn whole_numbers_become_float32_too() {
    for kind in [Kind::Int64, Kind::Int, Kind::Int16, Kind::Int8, Kind::Uint8] {
        let copy = copy_of("tiny_bert_3");
        let path = copy.path().join("model.safetensors");
        let tensors: Vec<_> = read_tensors(&path)
            .into_iter()
            .map(|(name, tensor)| (name, (tensor * 10).abs().to_kind(kind)))
            .collect();
        Tensor::write_safetensors(&tensors, &path).unwrap();
        let (model, report) = load(copy.path(), ModelOptions::new()).unwrap();
        assert!(report.is_exact(), "{kind:?}");
        for (name, value) in tensors {
            let have = &model.parameters().get(&name).unwrap().tensor;
            assert_same_bits(&name, have, &value.to_kind(Kind::Float));
        }
    }
}

#[test]
fn other_types_are_no_weights() {
    let _alone = generator();
    let copy = copy_of("tiny_bert_3");
    let path = copy.path().join("model.safetensors");
    let bytes = vec![0_u8; 24];
    let eighths = TensorView::new(Dtype::F8_E4M3, vec![3, 8], &bytes).unwrap();
    safetensors::serialize_to_file([("classifier.weight", eighths)], None, &path).unwrap();
    let message = refusal(copy.path(), ModelOptions::new());
    assert!(
        message.contains("F8_E4M3") && message.contains("model.safetensors"),
        "{message}"
    );
}
