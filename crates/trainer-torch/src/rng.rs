//! Seeds and states of libtorch's default generators, those that dropout and random initialisation draw from.
//!
//! libtorch's CPU generator is a Mersenne twister of which only the low 32 bits of a seed count; its state is 5,056 bytes,
//! the same as `torch.get_rng_state()` gives. A CUDA generator's is 16 bytes: seed and offset of a Philox counter.
#![allow(unsafe_code)]

use std::ffi::c_int;

use tch::{Device, Kind, Tensor};

use crate::ffi::{self, check};
use crate::{Error, Result, cuda};

/// Size of the CPU generator's state, in bytes.
pub const CPU_STATE_BYTES: usize = 5056;

/// Seeds the generators of the CPU and of every CUDA device, as `torch.manual_seed` does.
///
/// # Errors
/// libtorch's, from a CUDA device.
pub fn manual_seed(seed: u64) -> Result<()> {
    // Or else libtorch concludes that there is none, for as long as the process lives.
    cuda::load();
    // SAFETY: takes a number only.
    check("manual_seed", unsafe {
        ffi::trainer_torch_manual_seed(seed)
    })
}

/// The seed that the CPU generator was last given (`torch.initial_seed()`); a [state](set_state) brings its own.
///
/// # Errors
/// None in practice.
pub fn initial_seed() -> Result<u64> {
    let mut seed = 0;
    // SAFETY: writes one number.
    check("initial_seed", unsafe {
        ffi::trainer_torch_initial_seed(&raw mut seed)
    })?;
    Ok(seed)
}

/// State of the CPU generator, [`CPU_STATE_BYTES`] long (`torch.get_rng_state()`).
///
/// # Errors
/// None in practice.
pub fn get_state() -> Result<Vec<u8>> {
    state_of(-1)
}

/// Sets the CPU generator to a state that [`get_state`] or Python gave (`torch.set_rng_state`).
///
/// # Errors
/// When the state has another size, or its contents cannot be a state.
pub fn set_state(state: &[u8]) -> Result<()> {
    if state.len() != CPU_STATE_BYTES {
        return Err(Error::GeneratorState(format!(
            "has {} bytes, expected {CPU_STATE_BYTES}",
            state.len()
        )));
    }
    set_state_of(-1, state)
}

/// State of a CPU generator with the seed `seed`; the generators themselves stay as they are.
///
/// # Errors
/// CUDA's.
pub fn state_of_seed(seed: u64) -> Result<Vec<u8>> {
    let (cpu, cuda) = (get_state()?, get_cuda_states()?);
    manual_seed(seed)?;
    let state = get_state()?;
    set_cuda_states(&cuda)?;
    set_state(&cpu)?;
    Ok(state)
}

/// Calls `function` with the CPU generator in `state`, which goes on to where that leaves it. Afterwards the generator stands where it
/// stood before.
///
/// Other threads that draw at the same time draw from `state` too.
///
/// # Errors
/// When `state` cannot be a state.
///
/// ```
/// use trainer_torch::rng;
/// # use tch::{Device, Kind, Tensor};
/// let draw = || Tensor::rand([4], (Kind::Float, Device::Cpu));
/// let mut state = rng::state_of_seed(7)?;
/// let first = rng::with_state(&mut state, draw)?;
/// rng::manual_seed(7)?;
/// assert_eq!(draw(), first);
/// assert_eq!(rng::get_state()?, state);
/// # Ok::<(), trainer_torch::Error>(())
/// ```
pub fn with_state<T>(state: &mut Vec<u8>, function: impl FnOnce() -> T) -> Result<T> {
    let before = get_state()?;
    set_state(state)?;
    let result = function();
    let after = get_state();
    set_state(&before)?;
    *state = after?;
    Ok(result)
}

/// State of every CUDA device's generator, in their order; empty without CUDA (`torch.cuda.get_rng_state_all()`).
///
/// # Errors
/// CUDA's.
pub fn get_cuda_states() -> Result<Vec<Vec<u8>>> {
    (0..cuda::device_count()?)
        .map(|index| state_of(device_number(index)?))
        .collect()
}

/// Sets the CUDA devices' generators, the first state for the first device; there may be fewer states than devices.
///
/// # Errors
/// When there are more states than devices, or a state has the wrong size.
pub fn set_cuda_states(states: &[Vec<u8>]) -> Result<()> {
    let devices = cuda::device_count()?;
    if states.len() > devices {
        return Err(Error::GeneratorState(format!(
            "is of {} CUDA devices, this machine has {devices}",
            states.len()
        )));
    }
    states
        .iter()
        .enumerate()
        .try_for_each(|(index, state)| set_state_of(device_number(index)?, state))
}

/// Draws what each iteration over a PyTorch `DataLoader` draws for its workers, used or not:
/// `torch.empty((), dtype=torch.int64).random_()`, two 32-bit draws of the CPU generator. Within `0..2^63`.
///
/// # Errors
/// None in practice.
pub fn draw_base_seed() -> Result<i64> {
    Ok(Tensor::f_empty([0i64; 0], (Kind::Int64, Device::Cpu))?
        .f_random_()?
        .f_int64_value(&[])?)
}

fn device_number(index: usize) -> Result<c_int> {
    c_int::try_from(index)
        .map_err(|_| Error::GeneratorState(format!("is of device {index}, which cannot be")))
}

fn state_of(device: c_int) -> Result<Vec<u8>> {
    let mut state = std::ptr::null_mut();
    // SAFETY: the shim writes one owned tensor, which the `Tensor` made of it releases.
    let state = unsafe {
        check(
            "get_state",
            ffi::trainer_torch_rng_get_state(device, &raw mut state),
        )?;
        Tensor::from_ptr(state)
    };
    Ok(Vec::<u8>::try_from(&state)?)
}

fn set_state_of(device: c_int, state: &[u8]) -> Result<()> {
    // SAFETY: the shim reads `state.len()` bytes.
    check("set_state", unsafe {
        ffi::trainer_torch_rng_set_state(device, state.as_ptr(), state.len())
    })
}
