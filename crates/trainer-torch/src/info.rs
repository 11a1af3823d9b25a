//! What libtorch was built with, and what it found on this machine.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};

use crate::ffi::{self, check, owned_text};
use crate::{Error, Result};

/// libtorch's version, such as `2.11.0`: the one that this program was built against.
#[must_use]
pub fn version() -> &'static str {
    // SAFETY: the shim gives a literal.
    unsafe { CStr::from_ptr(ffi::trainer_torch_version()) }
        .to_str()
        .unwrap_or_default()
}

/// The instructions that libtorch's own CPU kernels use here: `DEFAULT`, `AVX2`, `AVX512`, on Arm `SVE256` and others.
/// `ATEN_CPU_CAPABILITY` in the environment lowers it.
///
/// # Errors
/// None in practice.
pub fn cpu_capability() -> Result<String> {
    let mut text = std::ptr::null_mut();
    // SAFETY: writes one text, which `owned_text` releases.
    check("get_cpu_capability", unsafe {
        ffi::trainer_torch_cpu_capability(&raw mut text)
    })?;
    Ok(owned_text(text))
}

/// libtorch's own account of its build, several lines (`torch.__config__.show()`); it names the version that is loaded.
///
/// # Errors
/// None in practice.
pub fn show_config() -> Result<String> {
    let mut text = std::ptr::null_mut();
    // SAFETY: writes one text, which `owned_text` releases.
    check("show_config", unsafe {
        ffi::trainer_torch_show_config(&raw mut text)
    })?;
    Ok(owned_text(text))
}

/// The mathematical libraries that libtorch was built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Libraries {
    /// Intel's MKL: matrix products, and on Intel processors the random numbers of `bernoulli_`.
    pub mkl: bool,
    /// oneDNN (formerly MKL-DNN): bfloat16 matrix products and fused layers.
    pub mkldnn: bool,
}

/// Which mathematical libraries libtorch has.
///
/// # Errors
/// None in practice.
pub fn libraries() -> Result<Libraries> {
    let (mut mkl, mut mkldnn) = (false, false);
    // SAFETY: writes two booleans.
    check("libraries", unsafe {
        ffi::trainer_torch_libraries(&raw mut mkl, &raw mut mkldnn)
    })?;
    Ok(Libraries { mkl, mkldnn })
}

/// Threads that one operation uses on the CPU.
///
/// # Errors
/// None in practice.
pub fn num_threads() -> Result<usize> {
    let mut threads: c_int = 0;
    // SAFETY: writes one number.
    check("get_num_threads", unsafe {
        ffi::trainer_torch_get_num_threads(&raw mut threads)
    })?;
    Ok(usize::try_from(threads).unwrap_or(1))
}

/// Sets the threads that one operation uses on the CPU. Sums are split by it, so results depend on it in the last digits.
///
/// # Errors
/// When `threads` is 0.
pub fn set_num_threads(threads: usize) -> Result<()> {
    let number = c_int::try_from(threads).map_err(|_| Error::Libtorch {
        function: "set_num_threads",
        message: format!("{threads} threads are too many"),
    })?;
    // SAFETY: takes a number only.
    check("set_num_threads", unsafe {
        ffi::trainer_torch_set_num_threads(number)
    })
}

/// Processor features that decide how fast training is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuFeatures {
    /// 256-bit vectors.
    pub avx2: bool,
    /// 512-bit vectors.
    pub avx512: bool,
    /// Products of bfloat16 in hardware (AVX-512 BF16, or Arm's BF16).
    pub bf16: bool,
    /// Matrix tiles of bfloat16 in hardware (Intel AMX).
    pub amx_bf16: bool,
}

/// What the processor has, whatever libtorch makes of it.
#[must_use]
pub fn cpu_features() -> CpuFeatures {
    features()
}

#[cfg(target_arch = "x86_64")]
fn features() -> CpuFeatures {
    use std::arch::x86_64::__cpuid_count;

    // AMX and AVX-512 BF16 are asked for by number: leaf 7, sub-leaf 0, EDX bit 22, and sub-leaf 1, EAX bit 5.
    let leaf7 = __cpuid_count(7, 0);
    let leaf7_1 = if leaf7.eax >= 1 {
        __cpuid_count(7, 1).eax
    } else {
        0
    };
    let avx512 = std::arch::is_x86_feature_detected!("avx512f");
    CpuFeatures {
        avx2: std::arch::is_x86_feature_detected!("avx2"),
        avx512,
        bf16: avx512 && leaf7_1 & (1 << 5) != 0,
        amx_bf16: avx512 && leaf7.edx & (1 << 22) != 0,
    }
}

#[cfg(target_arch = "aarch64")]
fn features() -> CpuFeatures {
    CpuFeatures {
        bf16: std::arch::is_aarch64_feature_detected!("bf16"),
        ..CpuFeatures::default()
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> CpuFeatures {
    CpuFeatures::default()
}
