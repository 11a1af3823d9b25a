//! One forward and backward pass without dropout, on the device and by `Compute::Reference` on the CPU: losses, outputs, gradients.

use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};
use trainer::core::set_seed;
use trainer::prelude::*;
use trainer::torch::autocast::{HalfKind, autocast};
use trainer::torch::grad;

use crate::report::{Outcome, Report};
use crate::rows::{Pad, Sizes};

/// float32 on both sides: roundings of sums in another order, over two layers.
const FLOAT32: f64 = 1e-4;
/// bfloat16 products have 8 bits, of which two layers leave about 6.
const BFLOAT16: f64 = 6e-2;
/// A gradient is compared by its own largest element, or by this part of the largest of all where its own are smaller: that of a key's
/// bias is zero but for rounding.
const FLOOR: f64 = 1e-3;

const ROWS: usize = 13;
const PADDING: i64 = 1;

/// The families, without dropout. RoBERTa counts positions from behind the number of padding.
fn families() -> [(&'static str, Value); 2] {
    let none = json!({"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "pad_token_id": PADDING});
    let (mut bert, mut roberta) = (none.clone(), none);
    bert["model_type"] = "bert".into();
    roberta["model_type"] = "roberta".into();
    [("BERT", bert), ("RoBERTa", roberta)]
}

pub(crate) fn check(report: &mut Report, sizes: &Sizes, device: Device) {
    for (family, config) in families() {
        for compute in Compute::ALL {
            let name =
                format!("{family}, {compute}, float32: loss, logits, gradients as on the CPU");
            report.run(&name, || compare(sizes, &config, (device, compute), None));
            let half = Some(HalfKind::BFloat16);
            let name = format!(
                "{family}, {compute}, bfloat16: loss, logits, gradients as float32 on the CPU"
            );
            report.run(&name, || compare(sizes, &config, (device, compute), half));
        }
    }
}

fn compare(
    sizes: &Sizes,
    config: &Value,
    (device, compute): (Device, Compute),
    half: Option<HalfKind>,
) -> trainer::Result<Outcome> {
    set_seed(42)?;
    let size = &sizes.tiny;
    let model =
        AutoModelForSequenceClassification::from_config(size.config(config)?, num_labels(3))?;
    let rows = sizes.rows(ROWS, size.vocabulary())?;
    let mut farthest: f64 = 0.0;
    // All rows, with padding; and one alone, without.
    for numbers in [(0..ROWS).collect::<Vec<_>>(), vec![3]] {
        let batch = Pad(PADDING).collate(&rows.rows(&numbers)?)?;
        model.parameters().to_device(Device::Cpu)?;
        let on_cpu = (Device::Cpu, Compute::Reference);
        let expected = pass(&*model, batch.shallow_clone(), on_cpu, None)?;
        model.parameters().to_device(device)?;
        let found = pass(&*model, batch, (device, compute), half)?;
        farthest = farthest.max(distance(&found, &expected)?);
    }
    let limit = if half.is_some() { BFLOAT16 } else { FLOAT32 };
    Ok(Outcome::within(farthest, limit, "relative difference"))
}

/// Loss, logits and gradients by name, in host memory.
type Found = Vec<(String, Tensor)>;

fn pass(
    model: &dyn Model,
    batch: Batch,
    (device, compute): (Device, Compute),
    half: Option<HalfKind>,
) -> trainer::Result<Found> {
    for entry in model.parameters() {
        grad::set_to_none(&entry.tensor)?;
    }
    let prepared = model.prepare(batch, compute)?.to_device(device)?;
    let forward = || model.forward(&prepared, Mode::Train);
    let output = match half {
        Some(kind) => autocast(device, kind, forward)??,
        None => forward()?,
    };
    let loss = output.loss.as_ref().ok_or("the model gave no loss")?;
    loss.f_backward()?;
    let on_host = |name: &str, tensor: &Tensor| -> trainer::Result<(String, Tensor)> {
        let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?;
        Ok((name.to_owned(), tensor.f_to_kind(Kind::Double)?))
    };
    let mut found = vec![on_host("loss", loss)?, on_host("logits", output.logits()?)?];
    for entry in model.parameters() {
        let gradient = grad::get(&entry.tensor)?;
        let gradient = gradient.ok_or_else(|| format!("{} has no gradient", entry.name))?;
        found.push(on_host(&entry.name, &gradient)?);
    }
    Ok(found)
}

/// The largest difference, relative to the largest expected number; infinite where a number is none.
fn distance(found: &Found, expected: &Found) -> trainer::Result<f64> {
    let largest = |tensor: &Tensor| -> trainer::Result<f64> {
        Ok(tensor.f_abs()?.f_max()?.f_double_value(&[])?)
    };
    let mut of_all: f64 = 0.0;
    for (_, gradient) in &expected[2..] {
        of_all = of_all.max(largest(gradient)?);
    }
    let mut farthest: f64 = 0.0;
    for ((name, found), (_, expected)) in found.iter().zip(expected) {
        let scale = largest(expected)?.max(FLOOR * of_all);
        let apart = largest(&found.f_sub(expected)?)? / scale;
        if !apart.is_finite() {
            return Err(format!("{name} has numbers that are none").into());
        }
        farthest = farthest.max(apart);
    }
    Ok(farthest)
}
