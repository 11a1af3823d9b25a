//! Files that Python wrote (`parity/checkpoint_files.py write`), read; and written again for Python to check
//! (`parity/checkpoint_files.py check target/tmp/python_files`).

use crate::support::generator;
use std::path::{Path, PathBuf};

use tch::{Kind, Tensor};
use trainer_torch::pickle::{self, Dict, Value};
use trainer_torch::rng_state::RngState;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn doubles(value: &Value) -> Vec<f64> {
    let tensor = value
        .as_tensor()
        .unwrap()
        .to_kind(Kind::Double)
        .reshape([-1]);
    Vec::try_from(&tensor).unwrap()
}

fn dict(value: &Value) -> &Dict {
    value.as_dict().unwrap()
}

#[test]
fn every_kind_of_value_is_read() {
    let mixed = pickle::load(&data("mixed.pt")).unwrap();
    let mixed = dict(&mixed);
    assert!(matches!(mixed.get("none"), Some(Value::None)));
    let bools: Vec<_> = mixed
        .get("bools")
        .unwrap()
        .as_slice()
        .unwrap()
        .iter()
        .map(Value::as_bool)
        .collect();
    assert_eq!(bools, [Some(true), Some(false)]);
    let ints: Vec<_> = mixed
        .get("ints")
        .unwrap()
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    assert_eq!(ints, [0, 255, 256, 65536, -1, 1 << 31, -(1 << 40), 1 << 62]);
    assert_eq!(mixed.get("float").and_then(Value::as_f64), Some(0.1));
    assert_eq!(mixed.get("text").and_then(Value::as_str), Some("naïve ✓"));
    assert!(matches!(mixed.get("tuple"), Some(Value::Tuple(empty)) if empty.is_empty()));
    assert_eq!(mixed.get_int(7).and_then(Value::as_str), Some("seven"));
    let one_and_a_half = mixed
        .iter()
        .find(|(key, _)| matches!(key, Value::Float(_)))
        .unwrap();
    assert_eq!(one_and_a_half.1.as_str(), Some("one and a half"));
    assert_eq!(
        dict(dict(mixed.get("defaultdict").unwrap()).get("a").unwrap())
            .get_int(1)
            .unwrap()
            .as_i64(),
        Some(2)
    );
    let ordered: Vec<_> = dict(mixed.get("ordered").unwrap())
        .iter()
        .filter_map(|(key, _)| key.as_str())
        .collect();
    assert_eq!(ordered, ["z", "a"]);
    assert!(matches!(mixed.get("bytes"), Some(Value::Bytes(bytes)) if bytes == &[0, 255]));
    assert_eq!(mixed.get("numpy").and_then(Value::as_f64), Some(2.5));
    assert!(matches!(mixed.get("size"), Some(Value::Tuple(size)) if size.len() == 2));
    assert_eq!(doubles(mixed.get("parameter").unwrap()), [1.0, 1.0]);
    assert_eq!(doubles(mixed.get("scalar").unwrap()), [3.5]);
    assert_eq!(mixed.get("scalar").unwrap().as_tensor().unwrap().dim(), 0);
    assert_eq!(
        mixed.get("empty").unwrap().as_tensor().unwrap().size(),
        [0, 3]
    );
}

#[test]
fn tensors_keep_dtype_shape_and_shared_memory() {
    let mixed = pickle::load(&data("mixed.pt")).unwrap();
    let kinds = [
        Kind::Double,
        Kind::Float,
        Kind::Half,
        Kind::BFloat16,
        Kind::Int64,
        Kind::Int,
        Kind::Int16,
        Kind::Int8,
        Kind::Uint8,
        Kind::Bool,
        Kind::ComplexFloat,
    ];
    let tensors = dict(&mixed).get("dtypes").unwrap().as_slice().unwrap();
    for (tensor, kind) in tensors.iter().zip(kinds) {
        assert_eq!(tensor.as_tensor().unwrap().kind(), kind);
        let expected = if kind == Kind::Bool {
            [1.0, 1.0]
        } else {
            [1.0, 2.0]
        };
        if kind != Kind::ComplexFloat {
            assert_eq!(doubles(tensor), expected, "{kind:?}");
        }
    }
    let [whole, part, transposed] = dict(&mixed).get("shared").unwrap().as_slice().unwrap() else {
        unreachable!()
    };
    assert_eq!(doubles(part), [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert_eq!(transposed.as_tensor().unwrap().size(), [6, 4]);
    assert_eq!(transposed.as_tensor().unwrap().double_value(&[1, 2]), 13.0);
    let _ = whole.as_tensor().unwrap().shallow_clone().fill_(-1.0);
    assert_eq!(doubles(part), [-1.0; 6]);
}

#[test]
fn code_is_refused_by_name() {
    let error = pickle::load(&data("refused.pt")).unwrap_err().to_string();
    assert!(
        error.contains("refused.pt") && error.contains("__builtin__.print"),
        "{error}"
    );
}

#[test]
fn a_checkpoint_of_python_goes_through() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python_files");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["optimizer.pt", "scheduler.pt", "mixed.pt"] {
        let read = pickle::load(&data(name)).unwrap();
        pickle::save(&folder.join(name), &read).unwrap();
        let again = pickle::load(&folder.join(name)).unwrap();
        assert_same(&read, &again);
    }
    let optimizer = pickle::load(&data("optimizer.pt")).unwrap();
    let state = dict(dict(&optimizer).get("state").unwrap());
    assert_eq!(
        state
            .iter()
            .filter_map(|(key, _)| key.as_i64())
            .collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_eq!(
        doubles(dict(state.get_int(0).unwrap()).get("step").unwrap()),
        [3.0]
    );

    let rng = RngState::load(&data("rng_state.pth")).unwrap();
    assert_eq!(
        (
            rng.python.version,
            rng.python.words.len(),
            rng.numpy.key.len()
        ),
        (3, 625, 624)
    );
    assert!(rng.python.gauss_next.is_some() && rng.numpy.has_gauss == 1 && rng.cuda.is_empty());
    rng.save(&folder.join("rng_state.pth")).unwrap();
    assert_eq!(RngState::load(&folder.join("rng_state.pth")).unwrap(), rng);

    let _alone = generator();
    trainer_torch::rng::manual_seed(1234).unwrap();
    RngState::capture(None, 1234)
        .unwrap()
        .save(&folder.join("seeded.pth"))
        .unwrap();
}

fn assert_same(left: &Value, right: &Value) {
    match (left, right) {
        (Value::Tensor(left), Value::Tensor(right)) => {
            assert_eq!((left.kind(), left.size()), (right.kind(), right.size()));
            assert!(left.equal(right));
        }
        (Value::List(left), Value::List(right)) | (Value::Tuple(left), Value::Tuple(right)) => {
            assert_eq!(left.len(), right.len());
            left.iter()
                .zip(right)
                .for_each(|(left, right)| assert_same(left, right));
        }
        (Value::Dict(left), Value::Dict(right)) => {
            assert_eq!(left.len(), right.len());
            for ((key, left), (other, right)) in left.iter().zip(right) {
                assert_same(key, other);
                assert_same(left, right);
            }
        }
        _ => assert_eq!(format!("{left:?}"), format!("{right:?}")),
    }
}

#[test]
fn damage_is_an_error_and_never_a_panic_or_other_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("optimizer.pt");
    let sound = std::fs::read(data("optimizer.pt")).unwrap();
    let expected = pickle::load(&data("optimizer.pt")).unwrap();
    for at in (0..sound.len()).step_by(7) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&file, &bytes).unwrap();
        match pickle::load(&file) {
            Ok(read) => assert_same(&expected, &read),
            Err(error) => assert!(error.to_string().contains("optimizer.pt"), "{error}"),
        }
        std::fs::write(&file, &sound[..at]).unwrap();
        assert!(pickle::load(&file).is_err());
    }
}

#[test]
fn tensors_of_a_slice_are_written_as_they_look() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slice.pt");
    let matrix = Tensor::arange(12, (Kind::Float, tch::Device::Cpu)).reshape([3, 4]);
    let column = matrix.select(1, 2);
    let weight = matrix.shallow_clone().set_requires_grad(true);
    pickle::save(
        &file,
        &Value::List(vec![
            column.into(),
            matrix.transpose(0, 1).into(),
            weight.into(),
        ]),
    )
    .unwrap();
    let read = pickle::load(&file).unwrap();
    let [column, transposed, weight] = read.as_slice().unwrap() else {
        unreachable!()
    };
    assert_eq!(doubles(column), [2.0, 6.0, 10.0]);
    assert_eq!(transposed.as_tensor().unwrap().size(), [4, 3]);
    assert_eq!(doubles(transposed)[..3], [0.0, 4.0, 8.0]);
    assert!(!weight.as_tensor().unwrap().requires_grad());
}
