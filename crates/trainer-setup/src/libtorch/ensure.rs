//! Make sure that there is a libtorch to build with, at the least cost.

use super::choice::Choice;
use super::home::Home;
use super::manifest::{Depth, Manifest};
use super::pins::TORCH;
use super::set_up::{beside, set_up};
use super::version::check_folder;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What a set-up of libtorch can be asked for.
#[derive(clap::Args, Default)]
pub struct Options {
    /// Bring the CUDA libraries of the same version as well: several GB
    #[arg(long)]
    pub cuda: bool,
    /// Read every library and header again and compare it with what was set up
    #[arg(long)]
    pub verify: bool,
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

/// Check the libtorch that will be used, set up our own where it is missing, half there or damaged, and give its folder.
///
/// A checkout without a `libtorch` yet gets a link to the copy in the user's cache. The user's folder (`LIBTORCH`) is
/// checked and never changed.
pub fn ensure(home: &Home, options: &Options) -> Result<PathBuf> {
    match Choice::of(home)? {
        Choice::Users(folder) => users(home, folder, options),
        Choice::Own(_) => match home.link() {
            None => ensure_folder(home.folder(), options),
            Some(link) if link.is_symlink() => linked(link, options),
            Some(folder) if folder.exists() => ensure_folder(folder, options),
            Some(link) => cached(link, options),
        },
    }
}

/// As [`ensure`], in this folder, to which a checkout's `libtorch` becomes a link. `LIBTORCH` still wins.
pub fn ensure_in(home: &Home, into: &Path, options: &Options) -> Result<PathBuf> {
    match Choice::of(home)? {
        Choice::Users(folder) => users(home, folder, options),
        Choice::Own(link) => {
            let into = std::path::absolute(into).with_context(|| format!("{}", into.display()))?;
            link_to(&link, &into, options)
        }
    }
}

fn users(home: &Home, folder: PathBuf, options: &Options) -> Result<PathBuf> {
    let fix = format!(
        "fix: set LIBTORCH to another folder, or unset it and `{}` sets up one of its own",
        home.command()
    );
    if options.cuda {
        bail!(
            "LIBTORCH={} is yours and is left as it is: --cuda is for one that was set up here\n{fix}",
            folder.display()
        );
    }
    let version = match users_version(&folder, options) {
        Ok(version) => version,
        Err(error) => bail!("LIBTORCH: {error:#}\n{fix}"),
    };
    println!("libtorch {version}: {} (LIBTORCH)", folder.display());
    let Some(link) = home.link() else {
        return Ok(folder);
    };
    if !link.is_dir() || link.is_symlink() {
        make_link(link, &folder)?;
    } else if link.canonicalize().ok() != folder.canonicalize().ok() {
        println!(
            "note: programs started without cargo look for libtorch in {} first; remove that folder to let them use yours",
            link.display()
        );
    }
    Ok(folder)
}

fn users_version(folder: &Path, options: &Options) -> Result<String> {
    let version = check_folder(folder)?;
    if folder.join("manifest.json").is_file() {
        Manifest::check(folder, options.depth())?;
    }
    Ok(version)
}

/// Set `into` up and make `link` lead to it.
fn link_to(link: &Path, into: &Path, options: &Options) -> Result<PathBuf> {
    if into != link && link.is_dir() && !link.is_symlink() {
        bail!(
            "{} is a folder\nfix: remove it, then it can become a link to {}",
            link.display(),
            into.display()
        );
    }
    ensure_folder(into, options)?;
    if into != link {
        make_link(link, into)?;
    }
    Ok(into.to_path_buf())
}

/// Use the copy in the user's cache, or a folder of the checkout's own where there is no folder for caches.
fn cached(link: &Path, options: &Options) -> Result<PathBuf> {
    match Home::in_cache() {
        Ok(cache) => link_to(link, cache.folder(), options),
        Err(_) => ensure_folder(link, options),
    }
}

/// What a checkout's link leads to, or else the copy in the cache.
fn linked(link: &Path, options: &Options) -> Result<PathBuf> {
    let folder = link
        .read_link()
        .with_context(|| format!("{}", link.display()))?;
    if folder.join("manifest.json").is_file() {
        return ensure_folder(&folder, options);
    }
    let (from, to) = (link.display(), folder.display());
    match check_folder(&folder) {
        Ok(version) if !options.cuda => {
            println!("libtorch {version}: {to} (linked from {from})");
            return Ok(folder);
        }
        Ok(_) => println!("{from} links to {to}, which is left as it is"),
        Err(error) => println!("{from} links to a folder of no use: {error:#}"),
    }
    fs::remove_file(link).with_context(|| format!("{from}"))?;
    cached(link, options)
}

/// Set `folder` up unless its manifest holds.
fn ensure_folder(folder: &Path, options: &Options) -> Result<PathBuf> {
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
    Ok(folder.to_path_buf())
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
        let checkout = tempfile::tempdir()?;
        let home = Home::in_checkout(checkout.path());
        for _ in 0..2 {
            let folder = users_folder()?;
            for _ in 0..2 {
                let used = users(&home, folder.path().into(), &Options::default())?;
                assert_eq!(used, folder.path());
            }
            assert_eq!(home.folder().read_link()?, folder.path());
        }
        Ok(())
    }

    #[test]
    fn a_real_folder_is_never_replaced_by_a_link() -> Result<()> {
        let checkout = tempfile::tempdir()?;
        let home = Home::in_checkout(checkout.path());
        fs::create_dir(home.folder())?;
        let folder = users_folder()?;
        users(&home, folder.path().into(), &Options::default())?;
        assert!(home.folder().is_dir() && !home.folder().is_symlink());
        let error = link_to(home.folder(), folder.path(), &Options::default()).err();
        assert!(error.is_some());
        Ok(())
    }

    #[test]
    fn a_users_folder_of_another_version_is_refused_with_the_fix() -> Result<()> {
        let folder = users_folder()?;
        fs::write(folder.path().join("build-version"), "2.9.1")?;
        let checkout = tempfile::tempdir()?;
        let home = Home::in_checkout(checkout.path());
        let error = users(&home, folder.path().into(), &Options::default())
            .err()
            .context("was accepted")?;
        let text = format!("{error:#}");
        assert!(
            text.contains("is libtorch 2.9.1") && text.contains("fix: "),
            "{text}"
        );
        assert!(!home.folder().exists());
        Ok(())
    }
}
