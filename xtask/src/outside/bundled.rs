//! The program and its bundle, started where libtorch is, and where it is not.

use super::shell::{Shell, must};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Output};

/// Starts the program by libtorch in the cache; bundles it; then, with the cache empty, starts the bundle, lets the dynamic linker
/// say what it loads, and the program, which has to be told of a libtorch.
pub(super) fn check(shell: &Shell<'_>) -> Result<()> {
    let program = shell.built("debug/my-program");
    let libtorch = shell
        .libtorch()
        .canonicalize()
        .context("libtorch in the cache")?;
    let out = shell.path("out");
    succeeds(
        "the program, by the cache",
        &output(bare(&program).arg(&out))?,
    )?;

    let bundle = shell.path("bundle");
    let mut pack = shell.in_crate("trainer", &["bundle"])?;
    must(pack.arg(&program).arg("--into").arg(&bundle))?;
    for file in [
        "licenses/libraries.txt",
        "licenses/crates.txt",
        "licenses/trainer/LICENSE-MIT",
    ] {
        if !bundle.join(file).is_file() {
            bail!("the bundle has no {file}");
        }
    }

    shell.empty_cache()?;
    let bundled = output(
        bare(&bundle.join("my-program"))
            .arg(&out)
            .env("LD_DEBUG", "libs"),
    )?;
    succeeds("the bundle", &bundled)?;
    loads_nothing_else(&bundled, &bundle)?;

    if output(bare(&program).arg(&out))?.status.success() {
        bail!("the program starts without a libtorch: what proves that its bundle needs none?");
    }
    let mut run = shell.in_crate("trainer", &["run"])?;
    // No Python with a torch of its own.
    let alone = output(
        run.arg(&program)
            .arg(&out)
            .env("PATH", shell.path("installed/bin")),
    )?;
    let said = String::from_utf8_lossy(&alone.stderr).into_owned();
    if alone.status.success() || !said.contains("LIBTORCH: it is not set") {
        bail!("`trainer run` without a libtorch does not say where it looked: {said}");
    }
    let mut run = shell.in_crate("trainer", &["run"])?;
    let told = output(run.arg(&program).arg(&out).env("LIBTORCH", libtorch))?;
    succeeds("the program, by `trainer run` and LIBTORCH", &told)
}

/// A program without any variable.
fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command
}

fn output(command: &mut Command) -> Result<Output> {
    command
        .output()
        .with_context(|| format!("{} did not start", command.get_program().display()))
}

fn succeeds(what: &str, output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !said.contains("wrong: ") {
        bail!(
            "{what}: {}\n{said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    println!("{what}: {}", said.lines().last().unwrap_or_default());
    Ok(())
}

/// By the dynamic linker's own words, all that it initialised lies in the bundle or is glibc's.
fn loads_nothing_else(output: &Output, bundle: &Path) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    let loaded: Vec<&Path> = said
        .lines()
        .filter_map(|line| line.split_once("calling init: "))
        .map(|(_, file)| Path::new(file.trim()))
        .collect();
    let bundle = bundle.canonicalize().context("the bundle")?;
    let (own, others): (Vec<&Path>, Vec<&Path>) = loaded.into_iter().partition(|file| {
        file.canonicalize()
            .is_ok_and(|file| file.starts_with(&bundle))
    });
    let glibc = |file: &&Path| {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        [
            "ld-linux",
            "libc.",
            "libdl.",
            "libm.",
            "libpthread.",
            "librt.",
            "libutil.",
        ]
        .iter()
        .any(|start| name.starts_with(start))
    };
    let strange: Vec<&&Path> = others.iter().filter(|file| !glibc(file)).collect();
    if !strange.is_empty() || own.len() < 3 {
        bail!("the bundle loads {own:?} of its own, and {strange:?} from elsewhere");
    }
    println!("it loads {} libraries of its own, and glibc", own.len());
    Ok(())
}
