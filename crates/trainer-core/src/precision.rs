use tch::{Device, Kind, Tensor};
use trainer_collate::NamedTensors;
use trainer_models::ModelOutput;
use trainer_torch::autocast::{HalfKind, autocast};
use trainer_torch::cuda;

use crate::arguments::ArgumentsError;
use crate::{Result, TrainingArguments};

/// The types that a run computes in: what `bf16`, `fp16`, `bf16_full_eval` and `fp16_full_eval` ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Precision {
    device: Device,
    /// Forward passes compute products in this type. Weights, gradients and the optimizer's state stay float32.
    mixed: Option<HalfKind>,
    /// The weights are cast to this type while a set is evaluated outside of a training.
    full_eval: Option<HalfKind>,
}

impl Precision {
    /// What valid arguments ask for on a device. Sets whether the device may shorten float32 products, see `tf32`.
    pub(crate) fn new(args: &TrainingArguments, device: Device) -> Result<Self> {
        if args.fp16 && device == Device::Cpu {
            return Err(refused("fp16", "needs a GPU; on the CPU `bf16` is there"));
        }
        if let Some(tf32) = args.tf32 {
            set_tf32(device, tf32)?;
        }
        Ok(Self {
            device,
            mixed: chosen(args.bf16, args.fp16),
            full_eval: chosen(args.bf16_full_eval, args.fp16_full_eval),
        })
    }

    /// The type of weights in evaluations outside of a training, where it is not their own.
    pub(crate) fn full_eval(&self) -> Option<HalfKind> {
        self.full_eval
    }

    /// The same, but for forward passes, which compute products in this type.
    pub(crate) fn with_mixed(self, kind: HalfKind) -> Self {
        Self {
            mixed: Some(kind),
            ..self
        }
    }

    /// Whether losses are to be scaled, because gradients would vanish.
    pub(crate) fn scales_losses(&self) -> bool {
        self.mixed == Some(HalfKind::Float16)
    }

    /// Runs a forward pass, the model's own loss included, as Accelerate's `prepare_model` wraps it: inside autocast, and
    /// what comes out as float32.
    pub(crate) fn forward(
        &self,
        forward: impl FnOnce() -> trainer_models::Result<ModelOutput>,
    ) -> Result<ModelOutput> {
        match self.mixed {
            None => Ok(forward()?),
            Some(kind) => in_float32(autocast(self.device, kind, forward)??),
        }
    }
}

fn chosen(bf16: bool, fp16: bool) -> Option<HalfKind> {
    match (bf16, fp16) {
        (true, _) => Some(HalfKind::BFloat16),
        (_, true) => Some(HalfKind::Float16),
        _ => None,
    }
}

/// `convert_outputs_to_fp32`.
fn in_float32(output: ModelOutput) -> Result<ModelOutput> {
    let outputs = output
        .outputs
        .iter()
        .map(|(name, tensor)| Ok((name, float32(tensor)?)))
        .collect::<Result<NamedTensors>>()?;
    let loss = output.loss.as_ref().map(float32).transpose()?;
    Ok(ModelOutput::new(outputs).with_loss(loss))
}

fn float32(tensor: &Tensor) -> Result<Tensor> {
    Ok(match tensor.kind() {
        Kind::Half | Kind::BFloat16 => tensor.f_to_kind(Kind::Float)?,
        _ => tensor.shallow_clone(),
    })
}

/// The first generation of GPUs that have TF32.
const AMPERE: u32 = 8;

fn set_tf32(device: Device, tf32: bool) -> Result<()> {
    if device == Device::Cpu {
        return match tf32 {
            true => Err(refused("tf32", "needs a GPU")),
            false => Ok(()),
        };
    }
    let oldest = cuda::devices()?.iter().map(|it| it.capability.0).min();
    if oldest.is_some_and(|generation| generation >= AMPERE) {
        cuda::allow_tf32(tf32)?;
    } else if tf32 {
        let problem = "needs a GPU of compute capability 8.0 (Ampere) or newer";
        return Err(refused("tf32", problem));
    }
    Ok(())
}

fn refused(name: &'static str, problem: &str) -> crate::Error {
    let problem = problem.to_owned();
    ArgumentsError::Invalid { name, problem }.into()
}
