//! One forward and backward pass without dropout, on the device and by `Compute::Reference` on the CPU: losses, outputs, gradients.

use tch::{Device, Kind, Tensor};
use trainer::prelude::*;
use trainer::torch::autocast::{HalfKind, autocast};
use trainer::torch::grad;

use crate::report::{Outcome, Report};
use crate::rows::Sizes;
use crate::tasks::{Task, families};

/// float32 on both sides: roundings of sums in another order, over two layers.
const FLOAT32: f64 = 1e-4;
/// bfloat16 products have 8 bits, of which two layers leave about 6; where a state turns its sign before DistilBERT's ReLU, or the scores
/// of ALBERT's two choices nearly cancel, less.
const BFLOAT16: f64 = 2e-1;
/// A gradient is compared by its own largest element, or by this part of the largest of all where its own are smaller: that of a key's
/// bias is zero but for rounding.
const FLOOR: f64 = 1e-1;

pub(crate) fn check(report: &mut Report, sizes: &Sizes, device: Device) {
    let families = match families(sizes) {
        Ok(families) => families,
        Err(error) => return report.run("families", || Err(error)),
    };
    for (family, config) in &families {
        for compute in Compute::ALL {
            let name =
                format!("{family}, {compute}, float32: loss, outputs, gradients as on the CPU");
            report.run(&name, || compare(sizes, config, (device, compute), None));
            let half = Some(HalfKind::BFloat16);
            let name = format!(
                "{family}, {compute}, bfloat16: loss, outputs, gradients as float32 on the CPU"
            );
            report.run(&name, || compare(sizes, config, (device, compute), half));
        }
    }
}

/// With every head.
fn compare(
    sizes: &Sizes,
    config: &PretrainedConfig,
    (device, compute): (Device, Compute),
    half: Option<HalfKind>,
) -> trainer::Result<Outcome> {
    let limit = if half.is_some() { BFLOAT16 } else { FLOAT32 };
    let (mut farthest, mut of) = (0.0, String::new());
    for task in Task::ALL {
        let model = task.model(config.clone())?;
        for batch in task.batches(sizes)? {
            model.parameters().to_device(Device::Cpu)?;
            let on_cpu = (Device::Cpu, Compute::Reference);
            let expected = pass(&*model, batch.shallow_clone(), on_cpu, None)?;
            model.parameters().to_device(device)?;
            let found = pass(&*model, batch, (device, compute), half)?;
            let (found, expected) = match half {
                Some(_) => (
                    found.with_gradients_as_one()?,
                    expected.with_gradients_as_one()?,
                ),
                None => (found, expected),
            };
            let (apart, name) = distance(&found, &expected)?;
            if apart >= farthest {
                (farthest, of) = (apart, format!("{task:?}, {name}"));
            }
        }
    }
    let what = format!("relative difference (of {of})");
    Ok(Outcome::within(farthest, limit, &what))
}

/// Tensors by name, in host memory.
type Named = Vec<(String, Tensor)>;

/// What a pass gives.
struct Found {
    /// The loss, and what the head gives.
    outputs: Named,
    gradients: Named,
}

impl Found {
    /// All gradients as one: where roundings turn the sign of a state before a ReLU, those of some weights change much.
    fn with_gradients_as_one(self) -> trainer::Result<Self> {
        let gradients = self.gradients.iter();
        let flat: Result<Vec<_>, _> = gradients
            .map(|(_, gradient)| gradient.f_view([-1]))
            .collect();
        let all = Tensor::f_cat(&flat?, 0)?;
        Ok(Self {
            gradients: vec![("all gradients".to_owned(), all)],
            ..self
        })
    }
}

fn pass(
    model: &dyn Model,
    batch: Batch,
    (device, compute): (Device, Compute),
    half: Option<HalfKind>,
) -> trainer::Result<Found> {
    for entry in model.parameters() {
        grad::set_to_none(&entry.tensor)?;
    }
    let mask = batch.require("attention_mask")?.f_unsqueeze(-1)?;
    let prepared = model.prepare(batch, compute)?.to_device(device)?;
    let forward = || model.forward(&prepared, Mode::Train);
    let output = match half {
        Some(kind) => autocast(device, kind, forward)??,
        None => forward()?,
    };
    let loss = output.loss.as_ref().ok_or("the model gave no loss")?;
    loss.f_backward()?;
    let on_host = |tensor: &Tensor| -> trainer::Result<Tensor> {
        let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?;
        Ok(tensor.f_to_kind(Kind::Double)?)
    };
    let mut outputs = vec![("loss".to_owned(), on_host(loss)?)];
    for (name, tensor) in output.outputs.iter() {
        let mut tensor = on_host(tensor)?;
        if tensor.dim() == 3 {
            // Classes of tokens: those of padding are nobody's.
            tensor = tensor.f_mul(&mask)?;
        }
        outputs.push((name.to_owned(), tensor));
    }
    let mut gradients = Vec::new();
    for entry in model.parameters() {
        let gradient = match grad::get(&entry.tensor)? {
            Some(gradient) => gradient,
            None => entry.tensor.f_zeros_like()?,
        };
        gradients.push((entry.name.clone(), on_host(&gradient)?));
    }
    Ok(Found { outputs, gradients })
}

/// The largest difference, relative to the largest expected number, and of what it is.
fn distance(found: &Found, expected: &Found) -> trainer::Result<(f64, String)> {
    let largest = |tensor: &Tensor| -> trainer::Result<f64> {
        Ok(tensor.f_abs()?.f_max()?.f_double_value(&[])?)
    };
    let mut of_all: f64 = 0.0;
    for (_, gradient) in &expected.gradients {
        of_all = of_all.max(largest(gradient)?);
    }
    let mut farthest = (0.0, String::new());
    for (found, expected, floor) in [
        (&found.outputs, &expected.outputs, 0.0),
        (&found.gradients, &expected.gradients, FLOOR * of_all),
    ] {
        if found.len() != expected.len() {
            return Err(format!("{} outputs, not {}", found.len(), expected.len()).into());
        }
        for ((name, found), (_, expected)) in found.iter().zip(expected) {
            let apart = largest(&found.f_sub(expected)?)? / largest(expected)?.max(floor);
            if !apart.is_finite() {
                return Err(format!("{name} has numbers that are none").into());
            }
            if apart >= farthest.0 {
                farthest = (apart, name.clone());
            }
        }
    }
    Ok(farthest)
}
