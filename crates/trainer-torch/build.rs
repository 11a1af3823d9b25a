//! Compiles the C++ shim against the libtorch that `torch-sys` links.

use std::env;
use std::path::{Path, PathBuf};

const SOURCES: [&str; 16] = [
    "amp",
    "autocast",
    "checkpoint",
    "cuda",
    "fast",
    "foreach",
    "fused",
    "grad",
    "info",
    "kernels/choose",
    "norm",
    "parallel",
    "pointwise",
    "products",
    "rng",
    "varlen",
];

/// The kernels once for each kind of processor, with what the compiler may use there.
const KERNELS_X86: [(&str, &[&str]); 2] = [
    ("avx2", &["-mavx2", "-mfma"]),
    (
        "avx512",
        &[
            "-mavx512f",
            "-mavx512bw",
            "-mavx512dq",
            "-mavx512vl",
            "-mfma",
        ],
    ),
];

/// Products in bfloat16, which compilers from GCC 11 and Clang 12 on know. In GCC's own header what a shuffle leaves is undefined.
const KERNELS_BFLOAT16: [(&str, &[&str]); 2] = [
    (
        "amx",
        &[
            "-mavx512bf16",
            "-mamx-tile",
            "-mamx-bf16",
            "-Wno-uninitialized",
        ],
    ),
    ("avx512_bf16", &["-mavx512bf16", "-Wno-uninitialized"]),
];

/// What `cargo xtask sanitize` has this compiled with: names for GCC's `-fsanitize`, such as `address,undefined`.
const SANITIZE: &str = "TRAINER_SANITIZE";
/// GCC's libraries for its `-fsanitize`.
const SANITIZERS: [(&str, &str); 3] = [
    ("address", "asan"),
    ("undefined", "ubsan"),
    ("thread", "tsan"),
];

fn main() {
    println!("cargo:rerun-if-changed=csrc");
    for name in [
        "LIBTORCH",
        "LIBTORCH_INCLUDE",
        "LIBTORCH_CXX11_ABI",
        SANITIZE,
    ] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let include = include_folder().unwrap_or_else(|message| {
        eprintln!("{message}");
        std::process::exit(1)
    });
    let x86 = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|architecture| architecture == "x86_64");
    let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".to_owned());
    let mut shim = cpp();
    shim.define("_GLIBCXX_USE_CXX11_ABI", abi.as_str())
        .define("GLOG_USE_GLOG_EXPORT", None)
        // libtorch's headers are not ours to warn about: `-isystem` in place of `-I`.
        .flag(format!("-isystem{}", include.display()))
        .files(SOURCES.iter().map(|name| format!("csrc/{name}.cpp")));
    compile_kernels("plain", &[]);
    if x86 {
        shim.define("TRAINER_X86", None);
        for (name, flags) in KERNELS_X86 {
            compile_kernels(name, flags);
        }
        if compile_bfloat16() {
            shim.define("TRAINER_BFLOAT16", None);
        }
    }
    shim.compile("trainer_torch");
    for (name, library) in SANITIZERS {
        if sanitizers().split(',').any(|one| one == name) {
            println!("cargo:rustc-link-lib=dylib={library}");
        }
    }
}

fn sanitizers() -> String {
    env::var(SANITIZE).unwrap_or_default()
}

fn cpp() -> cc::Build {
    let mut build = cc::Build::new();
    build.cpp(true).pic(true).std("c++17");
    if !sanitizers().is_empty() {
        build
            .flag(format!("-fsanitize={}", sanitizers()))
            .flag("-fno-sanitize-recover=all")
            .flag("-fno-omit-frame-pointer");
    }
    build
}

/// Whether the compiler and its assembler do.
fn compile_bfloat16() -> bool {
    KERNELS_BFLOAT16.iter().all(|(name, flags)| {
        let build = cpp();
        let known = flags
            .iter()
            .all(|flag| build.is_flag_supported(flag).unwrap_or(false));
        known
            && kernels(name, &[KERNELS_X86[1].1, flags].concat())
                .try_compile(&library(name))
                .is_ok()
    })
}

fn compile_kernels(name: &str, flags: &[&str]) {
    kernels(name, flags).compile(&library(name));
}

fn library(name: &str) -> String {
    format!("trainer_torch_{name}")
}

/// Optimised in every profile: a test would take a hundred times as long.
fn kernels(name: &str, flags: &[&str]) -> cc::Build {
    let mut build = cpp();
    build
        .opt_level(3)
        .flag("-ffp-contract=fast")
        .flag("-fno-math-errno")
        // GCC's own header leaves undefined what a mask will cover.
        .flag_if_supported("-Wno-maybe-uninitialized")
        .flags(flags)
        .file(format!("csrc/kernels/{name}.cpp"));
    build
}

/// libtorch's `include/`: what the user named, else beside the `lib/` that `torch-sys` reports.
fn include_folder() -> Result<PathBuf, String> {
    let candidates = [
        env::var_os("LIBTORCH_INCLUDE").map(|root| Path::new(&root).join("include")),
        env::var_os("DEP_TCH_LIBTORCH_LIB").map(|lib| Path::new(&lib).join("../include")),
        env::var_os("LIBTORCH").map(|root| Path::new(&root).join("include")),
    ];
    candidates
        .into_iter()
        .flatten()
        .find(|include| include.join("ATen/core/Tensor.h").exists())
        .ok_or_else(|| "libtorch's headers (include/ATen/core/Tensor.h) were not found: run `trainer setup` (in a checkout of trainer `cargo xtask libtorch`) or set LIBTORCH".to_owned())
}
