use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{
    names::{BlobName, Commit, InnerPath, Misnamed},
    walk::files_in,
};
use crate::{Error, Result, durable, regular_file};

/// A file of `refs` is read so far; a commit needs 40 bytes.
const MAX_REF: u64 = 4096;

/// A file of the cache that should name a commit does not.
#[derive(Debug, thiserror::Error)]
#[error("{} holds {source}", path.display())]
pub(crate) struct BadRef {
    path: PathBuf,
    source: Misnamed,
}

/// The folder of one repository in the cache.
///
/// Its paths are made of checked names only, so that all of them lie inside. Links are followed wherever they lead, as by
/// `huggingface_hub`, which itself may link a blob into a store beside the cache; no server can make one.
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
    pub(crate) fn commit(&self, revision: &InnerPath) -> Result<Option<Commit>, BadRef> {
        if let Ok(commit) = Commit::parse(revision.as_str()) {
            return Ok(Some(commit).filter(|commit| self.snapshot(commit).is_dir()));
        }
        let path = self.ref_of(revision);
        let mut text = Vec::new();
        let read = regular_file::open(&path)
            .and_then(|(file, _)| file.take(MAX_REF).read_to_end(&mut text));
        let text = String::from_utf8_lossy(&text);
        match text.trim() {
            "" => Ok(None),
            _ if read.is_err() => Ok(None),
            text => match Commit::parse(text) {
                Ok(commit) => Ok(Some(commit)),
                Err(source) => Err(BadRef { path, source }),
            },
        }
    }

    pub(crate) fn snapshot(&self, commit: &Commit) -> PathBuf {
        self.path.join("snapshots").join(commit.as_str())
    }

    /// The file `path` of `commit`, if it is there.
    pub(crate) fn file(&self, commit: &Commit, path: &InnerPath) -> Option<PathBuf> {
        Some(self.snapshot(commit).join(path.as_str())).filter(|file| file.is_file())
    }

    /// Where the file `path` of `commit` should be, if a link is there that leads nowhere.
    pub(crate) fn broken(&self, commit: &Commit, path: &InnerPath) -> Option<PathBuf> {
        Some(self.snapshot(commit).join(path.as_str())).filter(|file| is_broken_link(file))
    }

    /// The paths of all files of `commit` that are there, with `/` between folders, sorted.
    pub(crate) fn files(&self, commit: &Commit) -> Result<Vec<InnerPath>> {
        let files = files_in(&self.snapshot(commit))?;
        // What cannot be asked for, as `C:x`, is in no repository that was fetched.
        Ok(files
            .iter()
            .filter_map(|file| InnerPath::parse(file).ok())
            .collect())
    }

    /// Where downloads are until they are whole.
    pub(crate) fn incomplete(&self) -> PathBuf {
        self.path.join(".incomplete")
    }

    /// What has come of a blob.
    pub(crate) fn part_of(&self, blob: &BlobName) -> PathBuf {
        self.incomplete().join(format!("{blob}.part"))
    }

    /// The file that is locked by who fetches a blob.
    pub(crate) fn lock_of(&self, blob: &BlobName) -> PathBuf {
        self.incomplete().join(format!("{blob}.lock"))
    }

    /// Puts a complete `download`, a file in the same file system, where `path` of `commit` belongs.
    ///
    /// The content becomes `blobs/NAME` and the snapshot a link to it, or the file itself where there are no links.
    pub(crate) fn keep(
        &self,
        download: &Path,
        blob: &BlobName,
        commit: &Commit,
        path: &InnerPath,
    ) -> io::Result<PathBuf> {
        let pointer = self.snapshot(commit).join(path.as_str());
        let folder = pointer.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)?;
        let blobs = self.path.join("blobs");
        fs::create_dir_all(&blobs)?;
        let content = blobs.join(blob.as_str());
        fs::File::open(download)?.sync_all()?;
        fs::rename(download, &content)?;
        if pointer.symlink_metadata().is_ok() {
            fs::remove_file(&pointer)?;
        }
        let depth = path.as_str().split('/').count() + 1;
        let target = Path::new(&"../".repeat(depth))
            .join("blobs")
            .join(blob.as_str());
        if link(&target, &pointer).is_err() {
            fs::rename(&content, &pointer)?;
        }
        Ok(pointer)
    }

    /// Notes that `revision` stands for `commit`.
    pub(crate) fn set_commit(&self, revision: &InnerPath, commit: &Commit) -> io::Result<()> {
        if revision.as_str() == commit.as_str() {
            return Ok(());
        }
        let file = self.ref_of(revision);
        let folder = file.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)?;
        durable::write(&file, commit.as_str().as_bytes())
    }

    fn ref_of(&self, revision: &InnerPath) -> PathBuf {
        self.path.join("refs").join(revision.as_str())
    }
}

/// Whether a link is at `path`, and nothing where it leads.
pub(crate) fn is_broken_link(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|found| found.is_symlink())
        && !path.exists()
}

/// The link at `path` leads nowhere.
pub(crate) fn broken_link(path: PathBuf) -> Error {
    let target = fs::read_link(&path).unwrap_or_default();
    Error::File {
        message: format!(
            "it is a link to {}, which is not there; remove the link, or bring the file back",
            target.display()
        ),
        path,
        source: None,
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
