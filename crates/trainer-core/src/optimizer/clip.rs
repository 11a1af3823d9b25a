use tch::{Device, Kind, Tensor};
use trainer_torch::norm::vector_norm;
use trainer_torch::{fast, foreach, grad};

use super::alike::by_device_and_kind;
use super::error::Result;

/// Scales the gradients of `tensors` together so that their norm is at most `max_norm`, and gives the norm that they had:
/// 0-d, on the first gradient's device, without waiting for it. With an infinite `max_norm` nothing is scaled.
///
/// `tensors` are the weights, in the model's order, as in `model.parameters()`: the sum over them is rounded in that order.
/// Without any gradient the norm is 0. Does what `torch.nn.utils.clip_grad_norm_` does, in its order, so that norm and
/// gradients are the same to the bit:
/// [clip_grad.py](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/nn/utils/clip_grad.py).
///
/// # Errors
/// libtorch's.
pub fn clip_grad_norm_<T: AsRef<Tensor>>(
    tensors: impl IntoIterator<Item = T>,
    max_norm: f64,
) -> Result<Tensor> {
    let mut grads = Vec::new();
    for tensor in tensors {
        grads.extend(grad::get(tensor.as_ref())?);
    }
    let _no_grad = tch::no_grad_guard();
    let total_norm = total_norm(&grads)?;
    if max_norm.is_infinite() || grads.is_empty() {
        return Ok(total_norm);
    }
    // `max_norm / tensor` is this in Python.
    let coefficient = total_norm
        .f_add_scalar(1e-6)?
        .f_reciprocal()?
        .f_mul_scalar(max_norm)?
        .f_clamp_max(1.0)?;
    for group in by_device_and_kind(&grads) {
        let factor = coefficient.f_to_device(group.device)?;
        let list: Vec<Tensor> = group
            .indices
            .iter()
            .map(|&index| grads[index].shallow_clone())
            .collect();
        match group.device {
            Device::Cpu => scale(&list, &factor)?,
            _ => foreach::mul_tensor_(&list, &factor)?,
        }
    }
    Ok(total_norm)
}

/// Multiplies tensors in host memory by a 0-d one.
fn scale(grads: &[Tensor], factor: &Tensor) -> Result<()> {
    #[expect(clippy::cast_possible_truncation, reason = "read from float32")]
    let number = factor.f_double_value(&[])? as f32;
    let plain =
        |grad: &Tensor| grad.kind() == Kind::Float && !grad.is_sparse() && grad.is_contiguous();
    let keeps_zeros = number.is_finite() && number >= 0.0;
    if factor.kind() == Kind::Float && keeps_zeros && grads.iter().all(plain) {
        return Ok(fast::scale_(grads, number)?);
    }
    for grad in grads {
        let _ = grad.shallow_clone().f_mul_(factor)?;
    }
    Ok(())
}

fn total_norm(grads: &[Tensor]) -> Result<Tensor> {
    let Some(first) = grads.first() else {
        return Ok(Tensor::f_zeros([0i64; 0], (Kind::Float, Device::Cpu))?);
    };
    let mut norms = Vec::with_capacity(grads.len());
    for group in by_device_and_kind(grads) {
        match group.device {
            Device::Cpu => {
                for &index in &group.indices {
                    let grad = &grads[index];
                    let rows = fast::written_rows(grad)?;
                    let norm = vector_norm(rows.as_ref().unwrap_or(grad), 2.0)?;
                    norms.push(norm.f_to_device(first.device())?);
                }
            }
            _ => {
                let list: Vec<Tensor> = group
                    .indices
                    .iter()
                    .map(|&index| grads[index].shallow_clone())
                    .collect();
                for norm in foreach::norm(&list, 2.0)? {
                    norms.push(norm.f_to_device(first.device())?);
                }
            }
        }
    }
    Ok(vector_norm(&Tensor::f_stack(&norms, 0)?, 2.0)?)
}
