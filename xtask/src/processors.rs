//! `cargo xtask processors`: the tests that compare recorded floats, once more as other processors would compute them.
//!
//! libtorch, MKL and oneDNN choose their kernels by the processor's instruction sets, and each kernel rounds in an order of its
//! own. Their environment variables hold them to older sets than the processor has.

use crate::assets::Assets;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::process::ExitCode;
use trainer_setup::{libtorch, prerequisites};

/// An instruction set, as each library calls it.
struct InstructionSet {
    name: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const INSTRUCTION_SETS: [InstructionSet; 3] = [
    // Libraries that have no variable here take what the processor has.
    InstructionSet {
        name: "without AMX, and bfloat16 by AVX-512 where there is one for it",
        environment: &[("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16")],
    },
    InstructionSet {
        name: "AVX2",
        environment: &[
            ("ATEN_CPU_CAPABILITY", "avx2"),
            ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
            ("MKL_CBWR", "AVX2"),
            ("ONEDNN_MAX_CPU_ISA", "AVX2"),
        ],
    },
    InstructionSet {
        name: "the oldest (SSE)",
        environment: &[
            ("ATEN_CPU_CAPABILITY", "default"),
            ("MKL_ENABLE_INSTRUCTIONS", "SSE4_2"),
            ("MKL_CBWR", "COMPATIBLE"),
            ("ONEDNN_MAX_CPU_ISA", "SSE41"),
        ],
    },
];

/// Packages, and the names that their tests which compare what libtorch computes with recorded values begin with.
const TESTS: [(&str, &[&str]); 6] = [
    (
        "trainer-core",
        &[
            "optimizers::",
            "schedules::",
            "differences::",
            "python_checkpoint::",
        ],
    ),
    ("trainer-models", &["bert_recorded::", "fast::"]),
    ("trainer-torch", &["fast_operations::"]),
    ("trainer-collate", &["recorded::"]),
    ("trainer-metrics", &["recorded::"]),
    // The others take minutes, and do the same operations.
    (
        "trainer",
        &[
            "recorded_cases::small_models_end_as_in_python",
            "recorded_cases::families_for_sequences_end_as_in_python",
        ],
    ),
];

/// Runs the tests under each instruction set with one thread and with two, all of them whatever fails.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    prerequisites::check_compilers()?;
    libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
    let assets = Assets::find(workspace);
    println!("{assets}");
    let mut failed = Vec::new();
    for set in &INSTRUCTION_SETS {
        for threads in ["1", "2"] {
            let what = format!("{}, {threads} thread(s)", set.name);
            println!("\n=== {what}");
            for (package, names) in TESTS {
                let status = workspace
                    .cargo()
                    .args([
                        "test",
                        "--quiet",
                        "--package",
                        package,
                        "--test",
                        "it",
                        "--",
                    ])
                    .args(names)
                    .envs(assets.environment())
                    .envs(set.environment.iter().copied())
                    .env("OMP_NUM_THREADS", threads)
                    .status()
                    .context("cargo test")?;
                if !status.success() {
                    failed.push(format!("{package} ({what})"));
                }
            }
        }
    }
    if failed.is_empty() {
        println!("\nevery test passes under each of them");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nfailed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use super::TESTS;
    use crate::workspace::Workspace;

    #[test]
    fn every_name_is_that_of_a_test() -> anyhow::Result<()> {
        let workspace = Workspace::find()?;
        for (package, names) in TESTS {
            for name in names {
                let (module, test) = name.split_once("::").unwrap_or((name, ""));
                let file = workspace.path(&format!("crates/{package}/tests/it/{module}.rs"));
                let text = std::fs::read_to_string(&file)?;
                assert!(text.contains(&format!("fn {test}")), "{package} {name}");
            }
        }
        Ok(())
    }
}
