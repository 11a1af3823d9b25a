//! libFuzzer, for as long as it is told.

use super::{Build, inputs, one, temporary};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// What lets code say which of it ran, as cargo-fuzz asks for it, and checks that release builds leave out.
const FLAGS: &str = "-C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
    -C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
    -C llvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -C overflow-checks=on -C debug-assertions=on \
    -C codegen-units=1";
/// Instrumented code is slow: what takes longer here is looked at again by `cargo xtask fuzz`, without.
const LONGEST_S: u32 = 20;

/// Runs the targets one after the other; the first finding of each ends it. What is found lies in `out/fuzz`.
pub(super) fn run(build: &Build<'_>, targets: &[String], minutes: u64) -> Result<ExitCode> {
    let host = host()?;
    let mut failed = Vec::new();
    for target in targets {
        // Only the crates of the targets are instrumented: build scripts and macros are of the host, which is named for that.
        let arguments = ["build", "--target", &host, "--bin", target];
        let folder = build.cargo(&arguments, Some(FLAGS))?;
        let program = folder.join(&host).join("debug").join(target);
        println!("\n=== {target}, {minutes} min");
        if !one_target(build, &program, target, minutes)? {
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "\nfound something: {}; see out/fuzz/TARGET/found-*",
        failed.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

fn one_target(build: &Build<'_>, program: &Path, target: &str, minutes: u64) -> Result<bool> {
    let out = build.workspace.path("out/fuzz").join(target);
    let (own, seeds) = (out.join("corpus"), out.join("seeds"));
    for folder in [&own, &seeds] {
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    let kept = inputs::kept(build.workspace, target)?;
    let whole = inputs::whole(build.workspace, target)?;
    for (number, input) in kept.iter().chain(&whole).enumerate() {
        fs::copy(input, seeds.join(number.to_string()))
            .with_context(|| format!("{}", input.display()))?;
    }
    let temporary = temporary()?;
    let status = build
        .bounded(program, temporary.path(), None)
        .arg(&own)
        .arg(&seeds)
        .arg(format!("-max_total_time={}", minutes * 60))
        .arg(format!("-timeout={LONGEST_S}"))
        .arg(format!("-rss_limit_mb={}", one::MOST_KIB / 1024))
        .arg(format!("-artifact_prefix={}/found-", out.display()))
        .args(["-max_len=65536", "-print_final_stats=1", "-verbosity=1"])
        .status()
        .context("sh did not start")?;
    Ok(status.success())
}

/// The triple of the compiler's own machine.
fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("rustc did not start")?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("rustc -vV names no host"),
    }
}
