//! What several tests need; not every one needs all of it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tch::{Kind, Tensor};
use trainer_models::{AutoModelForSequenceClassification, Error, LoadReport, Model, ModelOptions};

/// The folder of a model in the hub cache of `HF_HUB_CACHE`, or of the assets beside the checkout.
pub(crate) fn hub_model(name: &str) -> Option<String> {
    let cache = std::env::var_os("HF_HUB_CACHE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/assets/hub"),
        PathBuf::from,
    );
    let repository = cache.join(format!("models--{}", name.replace('/', "--")));
    let folder = std::fs::read_to_string(repository.join("refs/main"))
        .map(|commit| repository.join("snapshots").join(commit.trim()))
        .ok()
        .filter(|folder| folder.is_dir());
    if folder.is_none() {
        // Not by `println`, which passing tests do not show.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {name} is not in {}",
            cache.display()
        );
    }
    folder.map(|folder| folder.to_str().unwrap().to_owned())
}

/// All tensors of a safetensors file, read by the safetensors crate alone.
pub(crate) fn read_tensors(path: &Path) -> Vec<(String, Tensor)> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = SafeTensors::deserialize(&bytes).unwrap();
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            let kind = match view.dtype() {
                Dtype::F32 => Kind::Float,
                Dtype::I64 => Kind::Int64,
                other => panic!("{name}: {other:?}"),
            };
            let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
            (name, Tensor::from_data_size(view.data(), &shape, kind))
        })
        .collect()
}

/// The bits of a float32 tensor.
pub(crate) fn bits(tensor: &Tensor) -> Vec<u32> {
    let values: Vec<f32> = tensor.detach().contiguous().view([-1]).try_into().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

pub(crate) fn assert_same_bits(what: &str, have: &Tensor, expected: &Tensor) {
    assert_eq!(have.size(), expected.size(), "{what}");
    let (have_bits, expected_bits) = (bits(have), bits(expected));
    let different = have_bits
        .iter()
        .zip(&expected_bits)
        .filter(|(a, b)| a != b)
        .count();
    let furthest = (have.detach() - expected).abs().max().double_value(&[]);
    assert_eq!(
        different,
        0,
        "{what}: {different} of {} differ, by up to {furthest}",
        have_bits.len()
    );
}

/// A file or folder of `tests/data`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// A folder of `tests/data`, as `from_pretrained` takes it.
pub(crate) fn fixture(name: &str) -> String {
    data(name).to_str().unwrap().to_owned()
}

fn shape_and_numbers(value: &Value) -> (Vec<i64>, Vec<f64>) {
    let Value::Array(items) = value else {
        return (vec![], vec![value.as_f64().unwrap()]);
    };
    let parts: Vec<_> = items.iter().map(shape_and_numbers).collect();
    let mut shape = vec![items.len() as i64];
    shape.extend(
        parts
            .first()
            .map(|(inner, _)| inner.clone())
            .unwrap_or_default(),
    );
    (
        shape,
        parts.into_iter().flat_map(|(_, numbers)| numbers).collect(),
    )
}

/// Nested JSON lists as an int64 tensor.
pub(crate) fn integers(value: &Value) -> Tensor {
    floats(value).to_kind(Kind::Int64)
}

/// Nested JSON lists as a float32 tensor.
pub(crate) fn floats(value: &Value) -> Tensor {
    let (shape, numbers) = shape_and_numbers(value);
    Tensor::from_slice(&numbers)
        .to_kind(Kind::Float)
        .view(shape.as_slice())
}

/// Writes float32 tensors with the safetensors crate alone.
pub(crate) fn write_tensors(path: &Path, tensors: &[(String, Tensor)]) {
    let held: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes = bits(tensor)
                .into_iter()
                .flat_map(u32::to_le_bytes)
                .collect();
            (
                name.clone(),
                tensor.size().iter().map(|&size| size as usize).collect(),
                bytes,
            )
        })
        .collect();
    let views = held.iter().map(|(name, shape, bytes)| {
        (
            name,
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// A copy of a fixture in a folder of its own.
pub(crate) fn copy_of(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(data(name).join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// Keeps tests that draw from libtorch's global generator out of each other's way, while it is held.
pub(crate) fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prepares a batch and runs the model on it.
pub(crate) fn run(
    model: &dyn trainer_models::Model,
    batch: &trainer_collate::Batch,
    mode: trainer_models::Mode,
) -> trainer_models::Result<trainer_models::ModelOutput> {
    let prepared = model.prepare(batch.shallow_clone(), trainer_models::Compute::Reference)?;
    model.forward(&prepared, mode)
}

/// A model that scores sequences, and what of the folder did not fit.
pub(crate) fn load(
    folder: &Path,
    options: ModelOptions,
) -> Result<(Box<dyn Model>, LoadReport), Error> {
    let folder = folder.to_str().unwrap();
    let (model, report) =
        AutoModelForSequenceClassification::from_pretrained_with_report(folder, options)?;
    Ok((Box::new(model), report))
}

/// The error of loading, as a user reads it.
pub(crate) fn refusal(folder: &Path, options: ModelOptions) -> String {
    match load(folder, options) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it loaded"),
    }
}

/// Whether a model has the weights of a fixture.
pub(crate) fn assert_equals_fixture(model: &dyn Model, fixture: &str) {
    let expected = read_tensors(&data(fixture).join("model.safetensors"));
    assert_eq!(model.parameters().len(), expected.len());
    for (name, value) in expected {
        assert_same_bits(
            &name,
            &model.parameters().get(&name).unwrap().tensor,
            &value,
        );
    }
}
