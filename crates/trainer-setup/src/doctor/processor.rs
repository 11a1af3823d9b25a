//! Cores, threads, and the instructions that libtorch's kernels choose by.

use super::report::Report;

/// Instruction sets and the flags that stand for them in Linux's `/proc/cpuinfo`, on x86-64 and on Arm.
const FEATURES: [(&str, &[&str]); 8] = [
    ("AVX2", &["avx2"]),
    ("AVX512F", &["avx512f"]),
    ("AVX512_VNNI", &["avx512_vnni"]),
    ("AVX512_BF16", &["avx512_bf16"]),
    ("AMX", &["amx_tile", "amx_bf16"]),
    ("NEON", &["asimd"]),
    ("SVE", &["sve"]),
    ("BF16", &["bf16"]),
];

pub(super) fn examine(report: &Report) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    match std::env::var("OMP_NUM_THREADS") {
        Err(_) => report.found(
            "threads",
            format!("{cores} cores; OMP_NUM_THREADS is not set"),
        ),
        Ok(set) => {
            report.found("threads", format!("{cores} cores; OMP_NUM_THREADS={set}"));
            match set.parse::<usize>() {
                Ok(0) | Err(_) => {
                    report.warn("OMP_NUM_THREADS is not a number of threads", "unset it")
                }
                Ok(threads) if threads > cores => {
                    report.warn(
                        "more threads than cores are slower",
                        format!("set OMP_NUM_THREADS to {cores} or unset it"),
                    );
                }
                Ok(_) => {}
            }
        }
    }
    let (model, flags) = processor();
    report.found("processor", model);
    report.found("", features(&flags));
}

fn features(flags: &[String]) -> String {
    let arm = std::env::consts::ARCH == "aarch64";
    let shown = FEATURES
        .iter()
        .filter(|(name, _)| ["NEON", "SVE", "BF16"].contains(name) == arm);
    let has = |wanted: &[&str]| {
        wanted
            .iter()
            .all(|flag| flags.iter().any(|found| found == flag))
    };
    let words: Vec<String> = shown
        .map(|(name, wanted)| format!("{name} {}", if has(wanted) { "yes" } else { "no" }))
        .collect();
    words.join(", ")
}

/// Model name and flags: from `/proc/cpuinfo`, or on macOS what the standard library detects.
fn processor() -> (String, Vec<String>) {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    let model = field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let flags = field("flags").or_else(|| field("Features"));
    let flags = flags.map(|line| line.split_whitespace().map(str::to_owned).collect());
    (model, flags.unwrap_or_else(detected))
}

#[cfg(target_arch = "aarch64")]
fn detected() -> Vec<String> {
    let mut found = vec!["asimd".to_owned()];
    if std::arch::is_aarch64_feature_detected!("bf16") {
        found.push("bf16".to_owned());
    }
    found
}

#[cfg(not(target_arch = "aarch64"))]
fn detected() -> Vec<String> {
    Vec::new()
}
