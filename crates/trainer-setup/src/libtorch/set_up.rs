//! The set-up itself: download, take out, write the manifest, rename.

use super::download::download;
use super::manifest::{Depth, Headers, Library, Manifest};
use super::pins::{Pin, Platform, TORCH, library};
use super::wheel::{Extracted, extract, hash_file};
use crate::disk;
use crate::python::Python;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Fill `folder`, replacing what it held. It appears whole or not at all.
pub(super) fn set_up(folder: &Path, cuda: bool, why: &str) -> Result<()> {
    let platform = Platform::current()?;
    if cuda && !platform.is_linux() {
        bail!("CUDA libraries exist for Linux only\nfix: leave --cuda out");
    }
    let staging = beside(folder, "partial");
    println!("setting up libtorch {TORCH} in {}: {why}", folder.display());
    // A set-up that was cut short between its last two steps.
    if Manifest::check(&staging, Depth::Hashes).is_ok_and(|manifest| manifest.cuda == cuda) {
        return replace(folder, &staging);
    }
    let python = Python::with_pip()?;
    let pins = platform.pins(cuda);
    announce(&pins, platform, cuda, &staging)?;

    let wheels = staging.join("wheels");
    clear(&staging, &wheels)?;
    let mut manifest = Manifest {
        torch: TORCH.to_owned(),
        platform: platform.name().to_owned(),
        cuda,
        libraries: Vec::new(),
        headers: Headers::default(),
    };
    for pin in pins {
        let files = fetch(&python, platform, cuda, pin, &wheels, &staging)?;
        note(&mut manifest, &staging, files);
    }
    finish(&mut manifest, platform, &staging)?;
    fs::remove_dir_all(&wheels).with_context(|| format!("{}", wheels.display()))?;
    for library in &manifest.libraries {
        let path = staging.join("lib").join(&library.name);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .with_context(|| format!("{}", path.display()))?;
    }
    manifest.write(&staging)?;
    replace(folder, &staging)
}

/// `libtorch` becomes `libtorch.partial` and the like.
pub(super) fn beside(folder: &Path, end: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(end);
    folder.with_file_name(name)
}

/// Say what will be downloaded and how large it is; fail when the disk has no room for it.
fn announce(pins: &[&Pin], platform: Platform, cuda: bool, staging: &Path) -> Result<()> {
    let download: u64 = pins.iter().map(|pin| pin.megabytes).sum::<u64>() * 1_000_000;
    let kept = platform.megabytes_kept(cuda) * 1_000_000;
    println!(
        "  downloads {} from PyPI with pip; {} stay on the disk ({} while it is being set up)",
        disk::size(download),
        disk::size(kept),
        disk::size(download + kept)
    );
    for pin in pins {
        println!("    {} {}: {} MB", pin.package, pin.version, pin.megabytes);
    }
    let free = disk::free(staging)?;
    // pip downloads into the temporary folder first, which often lies on the same disk.
    let needed =
        download + kept + pins.iter().map(|pin| pin.megabytes).max().unwrap_or(0) * 1_000_000;
    if free < needed {
        bail!(
            "{}: {} are free, the set-up needs {}\nfix: make room, or set LIBTORCH to a libtorch {TORCH} elsewhere",
            staging.display(),
            disk::size(free),
            disk::size(needed)
        );
    }
    Ok(())
}

/// Empty the staging folder, except for wheels of an earlier attempt: pip compares them with the index's hashes.
fn clear(staging: &Path, wheels: &Path) -> Result<()> {
    fs::create_dir_all(wheels).with_context(|| format!("{}", wheels.display()))?;
    for entry in staging
        .read_dir()
        .with_context(|| format!("{}", staging.display()))?
        .flatten()
    {
        let path = entry.path();
        if path == wheels {
            continue;
        }
        let removed = if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}

/// Download one wheel and take its files out; a wheel that turns out damaged is fetched once more.
fn fetch(
    python: &Python,
    platform: Platform,
    cuda: bool,
    pin: &Pin,
    wheels: &Path,
    staging: &Path,
) -> Result<Vec<Extracted>> {
    let destination = |name: &str| {
        if let Some(file) = library(name, platform, cuda) {
            return Some(staging.join("lib").join(file));
        }
        if let Some((_, file)) = name.split_once(".dist-info/licenses/") {
            return Some(staging.join("licenses").join(pin.package).join(safe(file)?));
        }
        (pin.package == "torch")
            .then(|| name.strip_prefix("torch/include/").and_then(safe))?
            .map(|file| staging.join("include").join(file))
    };
    let wheel = download(python, platform, pin, wheels)?;
    let error = match extract(&wheel, destination) {
        Ok(files) => return Ok(files),
        Err(error) => error,
    };
    fs::remove_file(&wheel).with_context(|| format!("{}", wheel.display()))?;
    println!("{error:#}; downloading it again");
    extract(&download(python, platform, pin, wheels)?, destination)
}

/// A path inside the folder it is joined to.
fn safe(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    path.components()
        .all(|part| matches!(part, std::path::Component::Normal(_)))
        .then_some(path)
}

fn note(manifest: &mut Manifest, staging: &Path, files: Vec<Extracted>) {
    let lib = staging.join("lib");
    let include = staging.join("include");
    for file in files {
        if file.path.starts_with(&include) {
            manifest.headers.files += 1;
            manifest.headers.bytes += file.size;
        } else if let Ok(name) = file.path.strip_prefix(&lib) {
            let name = name.to_string_lossy().into_owned();
            manifest.libraries.push(Library {
                name,
                size: file.size,
                sha256: file.sha256,
            });
        }
    }
}

/// What no wheel holds: the linker script in place of `libtorch.so`, and the version for `torch-sys`.
fn finish(manifest: &mut Manifest, platform: Platform, staging: &Path) -> Result<()> {
    if platform.is_linux() {
        let script = staging.join("lib/libtorch.so");
        fs::write(&script, "INPUT(-ltorch_cpu)\n")
            .with_context(|| format!("{}", script.display()))?;
        let (size, sha256) = hash_file(&script)?;
        manifest.libraries.push(Library {
            name: "libtorch.so".to_owned(),
            size,
            sha256,
        });
    }
    let version = staging.join("build-version");
    fs::write(&version, TORCH).with_context(|| format!("{}", version.display()))?;
    for name in platform.required() {
        if !manifest
            .libraries
            .iter()
            .any(|library| library.name == *name)
        {
            bail!("the wheels have no {name}; their layout has changed");
        }
    }
    Ok(())
}

/// Put the finished staging folder in the place of `folder`.
fn replace(folder: &Path, staging: &Path) -> Result<()> {
    if folder.exists() {
        // A crash after this line leaves a staging folder with a manifest: the next start finds it and renames it.
        fs::remove_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    fs::rename(staging, folder)
        .with_context(|| format!("{} to {}", staging.display(), folder.display()))?;
    if let Some(parent) = folder.parent() {
        File::open(parent)
            .and_then(|parent| parent.sync_all())
            .with_context(|| format!("{}", parent.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staging_lies_beside_the_folder() {
        assert_eq!(
            beside(Path::new("/a/libtorch"), "partial"),
            Path::new("/a/libtorch.partial")
        );
    }

    #[test]
    fn a_wheel_cannot_write_outside_its_folder() {
        assert!(safe("a/b.h").is_some());
        assert!(
            safe("../b.h").is_none() && safe("/b.h").is_none() && safe("a/../../b.h").is_none()
        );
    }

    #[test]
    fn an_earlier_attempt_leaves_only_its_wheels() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let staging = folder.path().join("libtorch.partial");
        let wheels = staging.join("wheels");
        fs::create_dir_all(staging.join("lib"))?;
        fs::create_dir_all(&wheels)?;
        fs::write(staging.join("lib/libc10.so"), "half")?;
        fs::write(wheels.join("torch.whl"), "whole")?;
        clear(&staging, &wheels)?;
        assert!(wheels.join("torch.whl").is_file() && !staging.join("lib").exists());
        Ok(())
    }
}
