//! Mixed precision: operations that gain by it compute in a type of 16 bits, whatever their inputs are.
//!
//! libtorch decides which: its lists are
//! [in PyTorch's documentation](https://docs.pytorch.org/docs/stable/amp.html#autocast-op-reference). Products and attention are
//! computed in the lower type, losses in float32, the others in the types that they are given.
#![allow(unsafe_code)]

use std::marker::PhantomData;

use tch::Device;

use crate::Result;
use crate::ffi::{self, AutocastState, check};

/// A floating type of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HalfKind {
    /// The range of float32, 8 bits of precision.
    BFloat16,
    /// 11 bits of precision, from 6e-8 to 65504.
    Float16,
}

impl HalfKind {
    /// The type as a tensor's.
    #[must_use]
    pub fn kind(self) -> tch::Kind {
        match self {
            Self::BFloat16 => tch::Kind::BFloat16,
            Self::Float16 => tch::Kind::Half,
        }
    }
}

/// Runs `body` inside `torch.autocast(device_type, dtype=kind)`: the operations that it starts on the type of `device`, in this
/// thread. What was set before is set again when `body` ends, also by a panic. May be nested.
///
/// A float32 weight that requires a gradient is cast once, and the cast is kept until the outermost call ends. The backward
/// pass belongs outside: it computes in the types of the forward pass.
///
/// # Errors
/// libtorch's, in practice none.
///
/// ```
/// use tch::{Device, Kind, Tensor};
/// use trainer_torch::autocast::{HalfKind, autocast};
///
/// let weight = Tensor::f_ones([2, 3], (Kind::Float, Device::Cpu))?;
/// let input = Tensor::f_ones([1, 3], (Kind::Float, Device::Cpu))?;
/// let product = || input.f_linear(&weight, None::<Tensor>);
/// assert_eq!(autocast(Device::Cpu, HalfKind::BFloat16, product)??.kind(), Kind::BFloat16);
/// assert_eq!(product()?.kind(), Kind::Float);
/// # Ok::<(), trainer_torch::Error>(())
/// ```
pub fn autocast<T>(device: Device, kind: HalfKind, body: impl FnOnce() -> T) -> Result<T> {
    let within = Within::enter(device, kind)?;
    let output = body();
    within.exit()?;
    Ok(output)
}

/// Whether this thread is inside [`autocast`] for the type of `device`.
#[must_use]
pub fn is_enabled(device: Device) -> bool {
    // SAFETY: reads a flag of the thread.
    unsafe { ffi::trainer_torch_autocast_is_enabled(is_cuda(device)) }
}

/// The time between the two; it belongs to its thread.
struct Within {
    cuda: bool,
    before: AutocastState,
    of_this_thread: PhantomData<*const ()>,
}

impl Within {
    fn enter(device: Device, kind: HalfKind) -> Result<Self> {
        let cuda = is_cuda(device);
        let half = kind == HalfKind::Float16;
        let mut before = AutocastState::default();
        // SAFETY: writes one state.
        check("autocast", unsafe {
            ffi::trainer_torch_autocast_enter(cuda, half, &raw mut before)
        })?;
        Ok(Self {
            cuda,
            before,
            of_this_thread: PhantomData,
        })
    }

    fn exit(self) -> Result<()> {
        let exited = self.restore();
        std::mem::forget(self);
        exited
    }

    fn restore(&self) -> Result<()> {
        // SAFETY: reads one state, which `enter` wrote.
        check("autocast", unsafe {
            ffi::trainer_torch_autocast_exit(self.cuda, &raw const self.before)
        })
    }
}

impl Drop for Within {
    /// Runs when `body` panics, whose message is the one to be told.
    fn drop(&mut self) {
        let _ = self.restore();
    }
}

fn is_cuda(device: Device) -> bool {
    matches!(device, Device::Cuda(_))
}
