//! Compiles the C++ shim against the libtorch that `torch-sys` links.

use std::env;
use std::path::{Path, PathBuf};

const SOURCES: [&str; 10] = [
    "amp",
    "autocast",
    "cuda",
    "foreach",
    "fused",
    "grad",
    "info",
    "norm",
    "pointwise",
    "rng",
];

fn main() {
    println!("cargo:rerun-if-changed=csrc");
    for name in ["LIBTORCH", "LIBTORCH_INCLUDE", "LIBTORCH_CXX11_ABI"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let include = include_folder().unwrap_or_else(|message| {
        eprintln!("{message}");
        std::process::exit(1)
    });
    let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".to_owned());
    cc::Build::new()
        .cpp(true)
        .pic(true)
        .std("c++17")
        .define("_GLIBCXX_USE_CXX11_ABI", abi.as_str())
        .define("GLOG_USE_GLOG_EXPORT", None)
        // libtorch's headers are not ours to warn about: `-isystem` in place of `-I`.
        .flag(format!("-isystem{}", include.display()))
        .files(SOURCES.iter().map(|name| format!("csrc/{name}.cpp")))
        .compile("trainer_torch");
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
