//! Make sure that there is a libtorch to build with, at the least cost.

use super::choice::Choice;
use super::manifest::{Depth, Manifest};
use super::pins::TORCH;
use super::set_up::{beside, set_up};
use super::version::check_folder;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What `cargo xtask libtorch` can be asked for.
#[derive(Default)]
pub(crate) struct Options {
    /// With the CUDA libraries.
    pub(crate) cuda: bool,
    /// Compare the bytes of the libraries, not their sizes alone.
    pub(crate) verify: bool,
    /// Set up in this folder and make the workspace's `libtorch` a link to it.
    pub(crate) into: Option<PathBuf>,
}

impl Options {
    fn depth(&self) -> Depth {
        if self.verify {
            Depth::Hashes
        } else {
            Depth::Sizes
        }
    }
}

/// Check the libtorch that will be used, and set up the workspace's own when it is missing, half there or damaged.
pub(crate) fn ensure(workspace: &Workspace, options: &Options) -> Result<()> {
    match Choice::of(workspace)? {
        Choice::Users(folder) => users(&workspace.path("libtorch"), &folder, options),
        Choice::Own(folder) => own(&folder, options),
    }
}

fn users(link: &Path, folder: &Path, options: &Options) -> Result<()> {
    let fix = "fix: set LIBTORCH to another folder, or unset it and the workspace sets up its own";
    if options.cuda {
        bail!(
            "LIBTORCH={} is yours and is left as it is: --cuda is for the workspace's own\n{fix}",
            folder.display()
        );
    }
    let version = match users_version(folder, options) {
        Ok(version) => version,
        Err(error) => bail!("LIBTORCH: {error:#}\n{fix}"),
    };
    println!("libtorch {version}: {} (LIBTORCH)", folder.display());
    if link.is_dir() && !link.is_symlink() {
        if link.canonicalize().ok() != folder.canonicalize().ok() {
            println!(
                "note: programs started without cargo look for libtorch in {} first; remove that folder to let them use yours",
                link.display()
            );
        }
        return Ok(());
    }
    make_link(link, folder)
}

fn users_version(folder: &Path, options: &Options) -> Result<String> {
    let version = check_folder(folder)?;
    if folder.join("manifest.json").is_file() {
        Manifest::check(folder, options.depth())?;
    }
    Ok(version)
}

fn own(folder: &Path, options: &Options) -> Result<()> {
    if let Some(into) = &options.into {
        let into = std::path::absolute(into).with_context(|| format!("{}", into.display()))?;
        ensure_folder(&into, options)?;
        if into == folder {
            return Ok(());
        }
        if folder.is_dir() && !folder.is_symlink() {
            bail!(
                "{} is a folder\nfix: remove it, then it can become a link to {}",
                folder.display(),
                into.display()
            );
        }
        return make_link(folder, &into);
    }
    if folder.is_symlink() {
        let linked = folder
            .read_link()
            .with_context(|| format!("{}", folder.display()))?;
        if linked.join("manifest.json").is_file() {
            return ensure_folder(&linked, options);
        }
        match check_folder(&linked) {
            Ok(version) if !options.cuda => {
                println!(
                    "libtorch {version}: {} (linked from {})",
                    linked.display(),
                    folder.display()
                );
                return Ok(());
            }
            Ok(_) => println!(
                "{} links to {}, which is left as it is",
                folder.display(),
                linked.display()
            ),
            Err(error) => println!(
                "{} links to a folder of no use: {error:#}",
                folder.display()
            ),
        }
        fs::remove_file(folder).with_context(|| format!("{}", folder.display()))?;
    }
    ensure_folder(folder, options)
}

/// Set `folder` up unless its manifest holds.
fn ensure_folder(folder: &Path, options: &Options) -> Result<()> {
    if wanting(folder, options).is_some() {
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent).with_context(|| format!("{}", parent.display()))?;
        }
        let lock = beside(folder, "lock");
        let file = File::create(&lock).with_context(|| format!("{}", lock.display()))?;
        file.lock().with_context(|| format!("{}", lock.display()))?;
        // Another process may have done it meanwhile.
        if let Some(why) = wanting(folder, options) {
            let cuda = options.cuda || folder.join("lib/libtorch_cuda.so").is_file();
            set_up(folder, cuda, &why)?;
        }
    }
    println!("libtorch {TORCH}: {}", folder.display());
    Ok(())
}

/// Why `folder` has to be set up; `None` when it need not be.
fn wanting(folder: &Path, options: &Options) -> Option<String> {
    match Manifest::check(folder, options.depth()) {
        Ok(manifest) if options.cuda && !manifest.cuda => {
            Some("it has no CUDA libraries yet".to_owned())
        }
        Ok(_) => None,
        Err(_) if !folder.exists() => Some("it is not there yet".to_owned()),
        Err(error) => Some(format!("it is not whole: {error:#}")),
    }
}

/// Make `link` point to `folder`, so that programs find the libraries relative to themselves.
fn make_link(link: &Path, folder: &Path) -> Result<()> {
    if link.read_link().is_ok_and(|linked| linked == folder) {
        return Ok(());
    }
    if link.is_symlink() {
        fs::remove_file(link).with_context(|| format!("{}", link.display()))?;
    }
    std::os::unix::fs::symlink(folder, link).with_context(|| format!("{}", link.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users_folder() -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("lib"))?;
        for name in ["libtorch.so", "libtorch_cpu.so", "libc10.so"] {
            fs::write(folder.path().join("lib").join(name), "")?;
        }
        fs::write(folder.path().join("build-version"), TORCH)?;
        Ok(folder)
    }

    #[test]
    fn the_users_folder_is_linked_and_a_link_follows_it() -> Result<()> {
        let workspace = tempfile::tempdir()?;
        let link = workspace.path().join("libtorch");
        for _ in 0..2 {
            let folder = users_folder()?;
            users(&link, folder.path(), &Options::default())?;
            users(&link, folder.path(), &Options::default())?;
            assert_eq!(link.read_link()?, folder.path());
        }
        Ok(())
    }

    #[test]
    fn a_real_folder_is_never_replaced_by_a_link() -> Result<()> {
        let workspace = tempfile::tempdir()?;
        let own = workspace.path().join("libtorch");
        fs::create_dir(&own)?;
        users(&own, users_folder()?.path(), &Options::default())?;
        assert!(own.is_dir() && !own.is_symlink());
        Ok(())
    }

    #[test]
    fn a_users_folder_of_another_version_is_refused_with_the_fix() -> Result<()> {
        let folder = users_folder()?;
        fs::write(folder.path().join("build-version"), "2.9.1")?;
        let workspace = tempfile::tempdir()?;
        let link = workspace.path().join("libtorch");
        let error = users(&link, folder.path(), &Options::default())
            .err()
            .context("was accepted")?;
        let text = format!("{error:#}");
        assert!(
            text.contains("is libtorch 2.9.1") && text.contains("fix: "),
            "{text}"
        );
        assert!(!link.exists());
        Ok(())
    }
}
