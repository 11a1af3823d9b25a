use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::walk::files_in;
use crate::{Result, durable};

/// The folder of one repository in the cache.
#[derive(Debug, Clone)]
pub(crate) struct RepositoryFolder {
    path: PathBuf,
}

impl RepositoryFolder {
    pub(crate) fn new(cache: &Path, folder_name: &str) -> Self {
        Self {
            path: cache.join(folder_name),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The commit that `revision` stands for, as far as the cache knows.
    pub(crate) fn commit(&self, revision: &str) -> Option<String> {
        let commit = fs::read_to_string(self.path.join("refs").join(revision)).ok();
        let commit = commit
            .map(|commit| commit.trim().to_owned())
            .filter(|commit| !commit.is_empty());
        commit.or_else(|| {
            self.snapshot(revision)
                .is_dir()
                .then(|| revision.to_owned())
        })
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.path.join("snapshots").join(commit)
    }

    /// The file `path` of `commit`, if it is there.
    pub(crate) fn file(&self, commit: &str, path: &str) -> Option<PathBuf> {
        Some(self.snapshot(commit).join(path)).filter(|file| file.is_file())
    }

    /// The paths of all files of `commit` that are there, with `/` between folders, sorted.
    pub(crate) fn files(&self, commit: &str) -> Result<Vec<String>> {
        files_in(&self.snapshot(commit))
    }

    /// Puts a complete `download`, a file in the same file system, where `path` of `commit` belongs.
    ///
    /// The content becomes `blobs/ETAG` and the snapshot a link to it, or the file itself where there are no links.
    pub(crate) fn keep(
        &self,
        download: &Path,
        etag: &str,
        commit: &str,
        path: &str,
    ) -> io::Result<PathBuf> {
        let pointer = self.snapshot(commit).join(path);
        let folder = pointer.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)?;
        let blobs = self.path.join("blobs");
        fs::create_dir_all(&blobs)?;
        let blob = blobs.join(etag);
        fs::File::open(download)?.sync_all()?;
        fs::rename(download, &blob)?;
        if pointer.symlink_metadata().is_ok() {
            fs::remove_file(&pointer)?;
        }
        let depth = path.split('/').count() + 1;
        let target = Path::new(&"../".repeat(depth)).join("blobs").join(etag);
        if link(&target, &pointer).is_err() {
            fs::rename(&blob, &pointer)?;
        }
        Ok(pointer)
    }

    /// Notes that `revision` stands for `commit`.
    pub(crate) fn set_commit(&self, revision: &str, commit: &str) -> io::Result<()> {
        if revision == commit {
            return Ok(());
        }
        let file = self.path.join("refs").join(revision);
        let folder = file.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)?;
        durable::write(&file, commit.as_bytes())
    }
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(_target: &Path, _at: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
