//! `manifest.json`: what a set-up put into its folder, written last, compared at each start.

use super::pins::{Platform, TORCH};
use super::wheel::hash_file;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

const FILE: &str = "manifest.json";

/// Which libraries and how many headers a set-up holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(super) torch: String,
    pub(super) platform: String,
    pub(crate) cuda: bool,
    pub(crate) libraries: Vec<Library>,
    pub(super) headers: Headers,
}

/// A file in `lib/`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// The files in `include/`.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug, Default)]
pub(super) struct Headers {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// How closely a folder is compared with its manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The size of each library: a moment, done at each start.
    Sizes,
    /// The bytes of each library, and the number and size of the headers.
    Hashes,
}

impl Manifest {
    /// The manifest of a folder that holds what it says; an error says what is missing or different.
    pub(crate) fn check(folder: &Path, depth: Depth) -> Result<Self> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let manifest: Self =
            serde_json::from_str(&text).with_context(|| format!("{}", path.display()))?;
        let platform = Platform::current()?.name();
        if (manifest.torch.as_str(), manifest.platform.as_str()) != (TORCH, platform) {
            bail!(
                "{}: torch {} for {}, not {TORCH} for {platform}",
                path.display(),
                manifest.torch,
                manifest.platform
            );
        }
        for library in &manifest.libraries {
            library.check(folder, depth)?;
        }
        if !folder.join("include/torch/headeronly/version.h").is_file() {
            bail!(
                "{}: the headers are missing",
                folder.join("include").display()
            );
        }
        if depth == Depth::Hashes {
            let found = Headers::count(&folder.join("include"))?;
            if found != manifest.headers {
                bail!(
                    "{}: {} files of {} bytes, not {} of {}",
                    folder.join("include").display(),
                    found.files,
                    found.bytes,
                    manifest.headers.files,
                    manifest.headers.bytes
                );
            }
        }
        Ok(manifest)
    }

    /// Write it, to the disk itself, into a folder that is otherwise complete.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let mut file = File::create(&path).with_context(|| format!("{}", path.display()))?;
        file.write_all(&serde_json::to_vec_pretty(self)?)
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .with_context(|| format!("{}", path.display()))
    }
}

impl Library {
    fn check(&self, folder: &Path, depth: Depth) -> Result<()> {
        let path = folder.join("lib").join(&self.name);
        let size = fs::metadata(&path)
            .with_context(|| format!("{}", path.display()))?
            .len();
        if size != self.size {
            bail!("{}: {size} bytes, not {}", path.display(), self.size);
        }
        if depth == Depth::Hashes && hash_file(&path)?.1 != self.sha256 {
            bail!(
                "{}: its bytes are not those that were set up (SHA-256 {})",
                path.display(),
                self.sha256
            );
        }
        Ok(())
    }
}

impl Headers {
    fn count(folder: &Path) -> Result<Self> {
        let mut found = Self::default();
        for entry in folder
            .read_dir()
            .with_context(|| format!("{}", folder.display()))?
        {
            let entry = entry.with_context(|| format!("{}", folder.display()))?;
            let metadata = entry
                .metadata()
                .with_context(|| format!("{}", entry.path().display()))?;
            if metadata.is_dir() {
                let below = Self::count(&entry.path())?;
                found.files += below.files;
                found.bytes += below.bytes;
            } else {
                found.files += 1;
                found.bytes += metadata.len();
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        let lib = folder.path().join("lib");
        let headers = folder.path().join("include/torch/headeronly");
        fs::create_dir_all(&lib)?;
        fs::create_dir_all(&headers)?;
        fs::write(lib.join("libc10.so"), "hello")?;
        fs::write(headers.join("version.h"), "1234567")?;
        let sha256 = hash_file(&lib.join("libc10.so"))?.1;
        Manifest {
            torch: TORCH.into(),
            platform: Platform::current()?.name().into(),
            cuda: false,
            libraries: vec![Library {
                name: "libc10.so".into(),
                size: 5,
                sha256,
            }],
            headers: Headers { files: 1, bytes: 7 },
        }
        .write(folder.path())?;
        Ok(folder)
    }

    fn refused(folder: &Path, depth: Depth) -> Result<String> {
        Ok(format!(
            "{:#}",
            Manifest::check(folder, depth)
                .err()
                .context("was accepted")?
        ))
    }

    #[test]
    fn holds_for_what_was_written() -> Result<()> {
        let folder = folder()?;
        assert_eq!(
            Manifest::check(folder.path(), Depth::Hashes)?
                .libraries
                .len(),
            1
        );
        Ok(())
    }

    #[test]
    fn every_damage_is_named() -> Result<()> {
        let same_size = folder()?;
        fs::write(same_size.path().join("lib/libc10.so"), "jello")?;
        Manifest::check(same_size.path(), Depth::Sizes)?;
        assert!(refused(same_size.path(), Depth::Hashes)?.contains("libc10.so: its bytes"));

        let short = folder()?;
        fs::write(short.path().join("lib/libc10.so"), "hell")?;
        assert!(refused(short.path(), Depth::Sizes)?.contains("libc10.so: 4 bytes, not 5"));

        let gone = folder()?;
        fs::remove_file(gone.path().join("lib/libc10.so"))?;
        assert!(refused(gone.path(), Depth::Sizes)?.contains("libc10.so: No such file"));

        let header = folder()?;
        fs::write(header.path().join("include/more.h"), "")?;
        assert!(refused(header.path(), Depth::Hashes)?.contains("2 files of 7 bytes, not 1 of 7"));

        let no_headers = folder()?;
        fs::remove_dir_all(no_headers.path().join("include"))?;
        assert!(refused(no_headers.path(), Depth::Sizes)?.contains("headers are missing"));

        let cut = folder()?;
        let text = fs::read_to_string(cut.path().join(FILE))?;
        fs::write(cut.path().join(FILE), &text[..text.len() / 2])?;
        assert!(refused(cut.path(), Depth::Sizes)?.contains(FILE));

        let other = folder()?;
        fs::write(other.path().join(FILE), text.replace(TORCH, "2.10.0"))?;
        assert!(refused(other.path(), Depth::Sizes)?.contains("torch 2.10.0"));
        Ok(())
    }
}
