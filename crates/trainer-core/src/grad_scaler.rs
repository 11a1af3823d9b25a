use tch::{Device, Kind, Tensor};
use trainer_torch::amp::{self, ScaleNumbers};
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::{PickleError, grad};

use crate::Result;
use crate::optimizer::by_device_and_kind;

/// Keeps gradients of float16 from vanishing: the loss is multiplied by a scale before the backward pass, the gradients are
/// divided by it again, and steps whose gradients have overflowed are left out. `torch.amp.GradScaler`, whose operations it does in
/// its order:
/// [grad_scaler.py](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/amp/grad_scaler.py).
///
/// ```
/// use tch::{Device, Kind, Tensor};
/// use trainer_core::GradScaler;
///
/// let weight = Tensor::f_ones([2], (Kind::Float, Device::Cpu))?.f_set_requires_grad(true)?;
/// let mut scaler = GradScaler::new(Device::Cpu)?;
/// let loss = weight.f_square()?.f_sum(Kind::Float)?;
/// scaler.scale(&loss)?.f_backward()?;
/// scaler.unscale_([&weight])?;
/// if !scaler.found_inf()? {
///     // clip, and step the optimizer
/// }
/// scaler.update()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct GradScaler {
    /// 0-d float32, as `found_inf` is.
    scale: Tensor,
    /// Steps in a row that found nothing, 0-d int32.
    growth_tracker: Tensor,
    /// 1 where gradients of this step are infinite or NaN.
    found_inf: Tensor,
    numbers: ScaleNumbers,
}

impl GradScaler {
    /// With PyTorch's numbers: from 65536, doubled after 2000 steps in a row without overflow, halved after one with.
    ///
    /// # Errors
    /// libtorch's.
    pub fn new(device: Device) -> Result<Self> {
        let numbers = ScaleNumbers {
            growth_factor: 2.0,
            backoff_factor: 0.5,
            growth_interval: 2000,
        };
        Self::with_numbers(device, 65536.0, numbers)
    }

    /// With numbers of one's own.
    ///
    /// # Errors
    /// libtorch's.
    pub fn with_numbers(device: Device, init_scale: f64, numbers: ScaleNumbers) -> Result<Self> {
        let number = |value: f64, kind| Tensor::f_full([0_i64; 0], value, (kind, device));
        Ok(Self {
            scale: number(init_scale, Kind::Float)?,
            growth_tracker: number(0.0, Kind::Int)?,
            found_inf: number(0.0, Kind::Float)?,
            numbers,
        })
    }

    /// The loss, times the scale.
    ///
    /// # Errors
    /// libtorch's.
    pub fn scale(&self, loss: &Tensor) -> Result<Tensor> {
        Ok(loss.f_mul(&self.scale)?)
    }

    /// Divides the gradients of all weights by the scale, once a step, before they are clipped, and looks for those that have
    /// overflowed. Does not wait for the device.
    ///
    /// # Errors
    /// libtorch's.
    pub fn unscale_<'a>(&mut self, weights: impl IntoIterator<Item = &'a Tensor>) -> Result<()> {
        let mut grads = Vec::new();
        for weight in weights {
            grads.extend(grad::get(weight)?);
        }
        // In double precision, as in Python.
        let inverse = self.scale.f_to_kind(Kind::Double)?.f_reciprocal()?;
        let inverse = inverse.f_to_kind(Kind::Float)?;
        let _same = self.found_inf.f_zero_()?;
        for alike in by_device_and_kind(&grads) {
            let list = alike.indices.iter().map(|&at| grads[at].shallow_clone());
            amp::unscale_(&list.collect::<Vec<_>>(), &self.found_inf, &inverse)?;
        }
        Ok(())
    }

    /// Whether gradients of this step have overflowed, so that the optimizer must not step. Waits for the device.
    ///
    /// # Errors
    /// libtorch's.
    pub fn found_inf(&self) -> Result<bool> {
        Ok(self.found_inf.f_double_value(&[])? != 0.0)
    }

    /// Ends a step: the scale follows what was found.
    ///
    /// # Errors
    /// libtorch's.
    pub fn update(&mut self) -> Result<()> {
        let (scale, tracker) = (&self.scale, &self.growth_tracker);
        amp::update_scale_(scale, tracker, &self.found_inf, self.numbers)?;
        Ok(())
    }

    /// What a checkpoint has as `scaler.pt`.
    ///
    /// # Errors
    /// libtorch's.
    pub fn state_dict(&self) -> Result<Value> {
        let state = Dict::new()
            .with("scale", self.scale.f_double_value(&[])?)
            .with("growth_factor", self.numbers.growth_factor)
            .with("backoff_factor", self.numbers.backoff_factor)
            .with("growth_interval", self.numbers.growth_interval)
            .with("_growth_tracker", self.growth_tracker.f_int64_value(&[])?);
        Ok(state.into())
    }

    /// Takes over what [`state_dict`](Self::state_dict) or Python gave.
    ///
    /// # Errors
    /// When it is no such state; nothing is changed then.
    pub fn load_state_dict(&mut self, state: &Value) -> Result<(), PickleError> {
        let dict = state
            .as_dict()
            .ok_or_else(|| state.unexpected("a dict as state of the gradient scaler"))?;
        let float = |key: &str| {
            let value = dict.require(key)?;
            let number = value.as_f64().filter(|number| number.is_finite());
            number.ok_or_else(|| value.unexpected(format!("a finite number as {key:?}")))
        };
        let int = |key: &str| {
            let value = dict.require(key)?;
            let number = value.as_i64();
            number.ok_or_else(|| value.unexpected(format!("a whole number as {key:?}")))
        };
        let (scale, tracker) = (float("scale")?, int("_growth_tracker")?);
        self.numbers = ScaleNumbers {
            growth_factor: float("growth_factor")?,
            backoff_factor: float("backoff_factor")?,
            growth_interval: int("growth_interval")?,
        };
        let _same = self.scale.f_fill_(scale)?;
        let _same = self.growth_tracker.f_fill_(tracker)?;
        Ok(())
    }
}
