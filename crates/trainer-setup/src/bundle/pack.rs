//! Packing, and the proof that nothing of this machine is needed.

use super::glibc;
use super::libraries::{Needed, needed};
use super::{crates, licenses};
use crate::crate_root;
use crate::disk;
use crate::launch::{self, Program};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// What is packed, and where.
#[derive(clap::Args)]
pub struct Options {
    /// The program, built with `trainer` as a dependency
    pub program: PathBuf,
    /// The folder that is made; by default one of the program's name here
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
    /// With the CUDA libraries of its libtorch: several GB
    #[arg(long)]
    pub cuda: bool,
}

/// As [`run`], for a program of the crate that the current folder belongs to, if any.
pub fn run_here(options: &Options) -> Result<PathBuf> {
    run(options, crate_root::nearest()?.as_deref())
}

/// Make the folder, which appears whole or not at all, and give its path. `root` is the folder of the crate that the program was
/// built in, for the licences of its dependencies.
///
/// An error where the folder is there already, where a library is missing, or where the program would not look into `lib/`.
pub fn run(options: &Options, root: Option<&Path>) -> Result<PathBuf> {
    if !cfg!(target_os = "linux") {
        bail!("programs are bundled on Linux only so far");
    }
    let program = Program::find(&options.program)?;
    let name = program
        .path()
        .file_name()
        .context("the program has no name")?;
    let into = options.into.clone().unwrap_or_else(|| name.into());
    let into = std::path::absolute(&into).with_context(|| format!("{}", into.display()))?;
    if into.symlink_metadata().is_ok() {
        bail!(
            "{} is there already\nfix: remove it, or name another folder with --into",
            into.display()
        );
    }
    let libtorch = launch::find(&program)?;
    let libraries = libraries(&program, &libtorch, options.cuda)?;

    let staging = into.with_added_extension("partial");
    let filled = clear(&staging)
        .and_then(|()| fill(&staging, &program, &libraries))
        .and_then(|()| prove(&staging.join(name), &staging))
        .and_then(|()| licenses::write(&staging.join("licenses"), &libtorch, &libraries))
        .and_then(|()| match root {
            Some(root) => crates::write(&staging.join("licenses"), root).map(Some),
            None => Ok(None),
        });
    let crates = match filled {
        Ok(crates) => crates,
        Err(error) => {
            clear(&staging)?;
            return Err(error);
        }
    };
    fs::rename(&staging, &into).with_context(|| format!("{}", into.display()))?;
    say(&into, &into.join(name), &libraries, &libtorch, crates)?;
    Ok(into)
}

/// What has to lie in `lib/`: all that is loaded for the program, and with CUDA all of libtorch.
fn libraries(program: &Program, libtorch: &Path, cuda: bool) -> Result<Vec<Needed>> {
    let mut libraries = needed(program.path(), Some(libtorch))?;
    if !libraries
        .iter()
        .any(|library| library.name.starts_with("libtorch_cpu."))
    {
        bail!("{} does not use libtorch", program.path().display());
    }
    if !cuda {
        return Ok(libraries);
    }
    if !libtorch.join("libtorch_cuda.so").is_file() {
        bail!(
            "{} has no CUDA libraries\nfix: `trainer setup --cuda`, or leave --cuda out",
            libtorch.display()
        );
    }
    for file in licenses::entries(libtorch) {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let shared = name.ends_with(".so") || name.contains(".so.");
        if shared && name != "libtorch.so" && !libraries.iter().any(|library| library.name == name)
        {
            libraries.push(Needed { name, file });
        }
    }
    Ok(libraries)
}

fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn fill(folder: &Path, program: &Program, libraries: &[Needed]) -> Result<()> {
    licenses::copy(program.path(), folder)?;
    let lib = folder.join("lib");
    fs::create_dir_all(&lib).with_context(|| format!("{}", lib.display()))?;
    for library in libraries {
        // By the name that it is asked for: the file may be a link to one with a longer version.
        let to = lib.join(&library.name);
        fs::copy(&library.file, &to)
            .with_context(|| format!("{} to {}", library.file.display(), to.display()))?;
    }
    Ok(())
}

/// Let the dynamic linker say where each library would come from.
fn prove(program: &Path, folder: &Path) -> Result<()> {
    let folder = folder
        .canonicalize()
        .with_context(|| format!("{}", folder.display()))?;
    let why = match needed(program, None) {
        Ok(libraries) => {
            let outside = libraries.iter().find(|library| {
                library
                    .file
                    .canonicalize()
                    .map_or(true, |file| !file.starts_with(&folder))
            });
            let Some(outside) = outside else {
                return Ok(());
            };
            format!("it would load {}", outside.file.display())
        }
        Err(error) => format!("{error:#}"),
    };
    bail!(
        "the program does not look into lib/ beside itself: {why}\n\
         fix: build it with $ORIGIN/lib in its run path, which `trainer setup` writes into .cargo/config.toml \
         (cargo ignores that where RUSTFLAGS is set)"
    )
}

fn say(
    folder: &Path,
    program: &Path,
    libraries: &[Needed],
    libtorch: &Path,
    crates: Option<usize>,
) -> Result<()> {
    let mut bytes = fs::metadata(program).map_or(0, |data| data.len());
    let mut oldest = glibc::OF_LIBTORCH.max(glibc::asked_for(program)?);
    for library in libraries {
        bytes += fs::metadata(&library.file).map_or(0, |data| data.len());
        if !library.file.starts_with(libtorch) {
            oldest = oldest.max(glibc::asked_for(&library.file)?);
        }
    }
    println!(
        "{}: {} libraries, {}",
        folder.display(),
        libraries.len(),
        disk::size(bytes)
    );
    println!(
        "it runs on Linux ({}) with glibc 2.{oldest} or newer",
        std::env::consts::ARCH
    );
    match crates {
        Some(count) => println!("licenses/ has those of trainer, the libraries and {count} crates"),
        None => println!(
            "note: licenses/ lacks those of the program's crates: there is no Cargo.toml here or above\n\
             fix:  run this in the program's crate"
        ),
    }
    Ok(())
}
