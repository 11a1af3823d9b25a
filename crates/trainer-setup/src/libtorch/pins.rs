//! What is taken from PyPI: the packages, their versions, and the libraries of each.
//!
//! The versions of the CUDA packages are those that the torch wheel's metadata asks for, in part through the package
//! `cuda-toolkit` 13.0.2, whose metadata names them one by one. They move together with [`TORCH`].

use anyhow::{Result, bail};

/// The release of PyTorch that `tch` 0.24 is made for.
pub const TORCH: &str = "2.11.0";

/// A package on PyPI.
pub(super) struct Pin {
    pub(super) package: &'static str,
    pub(super) version: &'static str,
    /// Size of the wheel for Linux on x86-64, in MB, to say before it is downloaded.
    pub(super) megabytes: u64,
}

const fn pin(package: &'static str, version: &'static str, megabytes: u64) -> Pin {
    Pin {
        package,
        version,
        megabytes,
    }
}

/// What `libtorch_cpu.so` is linked to on Linux.
const LINKED: [Pin; 2] = [
    pin("nvidia-cuda-cupti", "13.0.85", 11),
    pin("nvidia-cuda-runtime", "13.0.96", 3),
];

/// What `libtorch_cuda.so` is linked to or opens.
const CUDA: [Pin; 13] = [
    pin("nvidia-cublas", "13.1.0.3", 424),
    pin("nvidia-cuda-nvrtc", "13.0.88", 91),
    pin("nvidia-cudnn-cu13", "9.19.0.56", 367),
    pin("nvidia-cufft", "12.0.0.61", 215),
    pin("nvidia-cufile", "1.15.1.6", 2),
    pin("nvidia-curand", "10.4.0.35", 60),
    pin("nvidia-cusolver", "12.0.4.66", 201),
    pin("nvidia-cusparse", "12.6.3.3", 146),
    pin("nvidia-cusparselt-cu13", "0.8.0", 170),
    pin("nvidia-nccl-cu13", "2.28.9", 197),
    pin("nvidia-nvjitlink", "13.0.88", 41),
    pin("nvidia-nvshmem-cu13", "3.4.5", 61),
    pin("nvidia-nvtx", "13.0.85", 1),
];

/// What the set-up with CUDA leaves on the disk, in MB.
const KEPT_CUDA: u64 = 3560;

/// Libraries that nothing here loads, by the start of their names: Python's side of PyTorch, CUDA's profilers, second
/// implementations, MPI launchers.
const NEVER: [&str; 15] = [
    "libtorch_python",
    "libtorch_global_deps",
    "libshm",
    "libcheckpoint",
    "libcufftw",
    "libcusolverMg",
    "libnvblas",
    "libnvperf",
    "libnvrtc.alt",
    "libnvrtc-builtins.alt",
    "libpcsamplingutil",
    "nvshmem_bootstrap_mpi",
    "nvshmem_bootstrap_pmi",
    "nvshmem_bootstrap_shmem",
    "libcudart_static",
];

/// Libraries of the torch wheel that serve CUDA alone, by the start of their names.
const ONLY_CUDA: [&str; 4] = [
    "libtorch_cuda",
    "libc10_cuda",
    "libcaffe2_nvrtc",
    "libtorch_nvshmem",
];

/// A kind of machine that PyPI has a torch wheel for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Platform {
    LinuxX86,
    LinuxArm,
    MacArm,
}

impl Platform {
    pub(super) fn current() -> Result<Self> {
        match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") => Ok(Self::LinuxX86),
            ("linux", "aarch64") => Ok(Self::LinuxArm),
            ("macos", "aarch64") => Ok(Self::MacArm),
            (os, arch) => bail!(
                "PyPI has no torch {TORCH} wheel for {os} on {arch}\n\
                 fix: set LIBTORCH to the folder of a libtorch {TORCH} that you have built for it"
            ),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::LinuxX86 => "linux-x86_64",
            Self::LinuxArm => "linux-aarch64",
            Self::MacArm => "macos-aarch64",
        }
    }

    /// pip's names of the platform, to ask for the wheel of another Python: the tags of the wheels that are wanted.
    /// (A pip that is asked for one platform does not think of older ones.)
    pub(super) const fn pip_names(self) -> &'static [&'static str] {
        match self {
            Self::LinuxX86 => &[
                "manylinux_2_28_x86_64",
                "manylinux_2_27_x86_64",
                "manylinux_2_25_x86_64",
                "manylinux_2_18_x86_64",
                "manylinux2014_x86_64",
            ],
            Self::LinuxArm => &[
                "manylinux_2_28_aarch64",
                "manylinux_2_27_aarch64",
                "manylinux_2_25_aarch64",
                "manylinux_2_18_aarch64",
                "manylinux2014_aarch64",
            ],
            Self::MacArm => &["macosx_11_0_arm64"],
        }
    }

    /// About how much a set-up leaves on the disk, in MB.
    pub(super) const fn megabytes_kept(self, cuda: bool) -> u64 {
        match (self, cuda) {
            (Self::LinuxX86 | Self::LinuxArm, true) => KEPT_CUDA,
            (Self::LinuxX86, false) => 520,
            (Self::LinuxArm, false) => 370,
            (Self::MacArm, _) => 290,
        }
    }

    pub(super) const fn is_linux(self) -> bool {
        matches!(self, Self::LinuxX86 | Self::LinuxArm)
    }

    /// The packages to download, torch first.
    pub(super) fn pins(self, cuda: bool) -> Vec<&'static Pin> {
        const TORCH_LINUX: Pin = pin("torch", TORCH, 531);
        const TORCH_LINUX_ARM: Pin = pin("torch", TORCH, 420);
        const TORCH_MAC: Pin = pin("torch", TORCH, 81);
        let mut pins: Vec<&'static Pin> = match self {
            Self::LinuxX86 => vec![&TORCH_LINUX],
            Self::LinuxArm => vec![&TORCH_LINUX_ARM],
            Self::MacArm => vec![&TORCH_MAC],
        };
        if self.is_linux() {
            pins.extend(&LINKED);
            if cuda {
                pins.extend(&CUDA);
            }
        }
        pins
    }

    /// The libraries without which nothing can be linked to a folder.
    pub(super) const fn required(self) -> &'static [&'static str] {
        match self {
            Self::LinuxX86 => &[
                "libtorch.so",
                "libtorch_cpu.so",
                "libc10.so",
                "libgomp.so.1",
                "libcudart.so.13",
                "libcupti.so.13",
            ],
            Self::LinuxArm => &[
                "libtorch.so",
                "libtorch_cpu.so",
                "libc10.so",
                "libcudart.so.13",
                "libcupti.so.13",
            ],
            Self::MacArm => &[
                "libtorch.dylib",
                "libtorch_cpu.dylib",
                "libc10.dylib",
                "libomp.dylib",
            ],
        }
    }
}

/// Whether a file of a wheel goes into `lib/`. `name` is its path in the wheel.
pub(super) fn library(name: &str, platform: Platform, cuda: bool) -> Option<&str> {
    let (folder, file) = name.rsplit_once('/')?;
    let of_torch = folder == "torch/lib";
    let of_nvidia = folder.starts_with("nvidia/") && folder.ends_with("/lib");
    let shared = file.ends_with(".dylib") || file.ends_with(".so") || file.contains(".so.");
    let starts = |list: &[&str]| list.iter().any(|start| file.starts_with(start));
    // On Linux this file becomes a linker script.
    let replaced = platform.is_linux() && file == "libtorch.so";
    let taken = shared
        && (of_torch || of_nvidia)
        && !replaced
        && !starts(&NEVER)
        && (cuda || !starts(&ONLY_CUDA));
    taken.then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_needs_few_libraries() {
        let names = [
            "torch/lib/libtorch_cpu.so",
            "torch/lib/libc10.so",
            "torch/lib/libgomp.so.1",
            "torch/lib/libtorch.so",
            "torch/lib/libtorch_cuda_linalg.so",
            "torch/lib/libtorch_python.so",
            "torch/_C.cpython-312-x86_64-linux-gnu.so",
            "nvidia/cu13/lib/libcudart.so.13",
            "nvidia/cu13/lib/libcudart_static.a",
            "nvidia/cu13/lib/libnvperf_host.so",
        ];
        let taken = |cuda| {
            names
                .iter()
                .filter_map(|name| library(name, Platform::LinuxX86, cuda))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            taken(false),
            [
                "libtorch_cpu.so",
                "libc10.so",
                "libgomp.so.1",
                "libcudart.so.13"
            ]
        );
        assert_eq!(
            taken(true),
            [
                "libtorch_cpu.so",
                "libc10.so",
                "libgomp.so.1",
                "libtorch_cuda_linalg.so",
                "libcudart.so.13"
            ]
        );
        assert_eq!(
            library("torch/lib/libtorch.dylib", Platform::MacArm, false),
            Some("libtorch.dylib")
        );
    }

    #[test]
    fn only_linux_has_cuda() {
        let count = |platform: Platform, cuda| platform.pins(cuda).len();
        assert_eq!(
            (
                count(Platform::LinuxX86, false),
                count(Platform::LinuxX86, true)
            ),
            (3, 16)
        );
        assert_eq!(
            (
                count(Platform::MacArm, false),
                count(Platform::MacArm, true)
            ),
            (1, 1)
        );
    }
}
