use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{MANIFEST, OPTIMIZER, RNG_STATE, SCHEDULER};
use crate::{Error, Result};

/// So many characters of a name that is refused are shown.
const SHOWN: usize = 60;

/// What a whole checkpoint consists of. Written last, so that a folder without it is not whole.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Manifest {
    files: BTreeMap<String, Entry>,
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Entry {
    size: u64,
    sha256: String,
}

/// Writes the manifest of all files in `folder`, those in its subfolders too, and makes them durable. Links are left out:
/// what they lead to is not the checkpoint's own.
pub(super) fn seal(folder: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    enter(folder, "", &mut files)?;
    let path = folder.join(MANIFEST);
    let text = serde_json::to_string_pretty(&Manifest { files }).map_err(|source| Error::Json {
        path: path.clone(),
        source,
    })?;
    crate::durable::write(&path, text.as_bytes())
}

/// `prefix` is where `folder` lies in the checkpoint: empty, or with a `/` at its end.
fn enter(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Entry>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let path = entry.map_err(Error::io("list", folder))?.path();
        if path.is_symlink() {
            continue;
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if path.is_dir() {
            enter(&path, &format!("{prefix}{name}/"), files)?;
            continue;
        }
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(Error::io("sync", &path))?;
        files.insert(format!("{prefix}{name}"), describe(&path)?);
    }
    crate::durable::sync_folder(folder)
}

/// Checks that every file is there with the size and hash it was written with. A folder without a manifest, such as one
/// that Python wrote, passes.
pub(crate) fn verify(folder: &Path) -> Result<()> {
    verify_but(folder, &[])
}

/// As [`verify`], but passes a checkpoint from which the user has removed what only a resumed run needs, to save space.
pub(crate) fn verify_weights(folder: &Path) -> Result<()> {
    verify_but(folder, &[OPTIMIZER, SCHEDULER, RNG_STATE])
}

fn verify_but(folder: &Path, may_be_missing: &[&str]) -> Result<()> {
    let path = folder.join(MANIFEST);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|source| Error::Json { path, source })?;
    for (name, expected) in &manifest.files {
        let path = inside(folder, name)?;
        if may_be_missing.contains(&name.as_str()) && !path.exists() {
            continue;
        }
        let found_size = std::fs::metadata(&path)
            .map_err(Error::io("read", &path))?
            .len();
        if found_size != expected.size {
            let reason = format!(
                "{name} has {found_size} bytes, {} were written",
                expected.size
            );
            return Err(Error::checkpoint(folder, reason));
        }
        if describe(&path)? != *expected {
            let reason = format!("{name} is not what was written: its SHA-256 differs");
            return Err(Error::checkpoint(folder, reason));
        }
    }
    Ok(())
}

/// Where the file `name` of a manifest lies: a path of plain names, which no link leads out of the folder.
///
/// What is not there is not refused here.
fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let plain = |part: &str| {
        let mut components = Path::new(part).components();
        components.next() == Some(Component::Normal(part.as_ref())) && components.next().is_none()
    };
    let path = folder.join(name);
    let leaves = || match (folder.canonicalize(), path.canonicalize()) {
        (Ok(folder), Ok(path)) => !path.starts_with(folder),
        _ => false,
    };
    let why = if name.contains('\0') || !name.split('/').all(plain) {
        "where the path of a file in the folder is expected"
    } else if leaves() {
        "which a link leads out of the folder"
    } else {
        return Ok(path);
    };
    let shown: String = name.chars().take(SHOWN).collect();
    let reason = format!("its {MANIFEST} names {shown:?}, {why}");
    Err(Error::checkpoint(folder, reason))
}

fn describe(path: &Path) -> Result<Entry> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(Error::io("read", path))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
    let sha256 = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Entry { size, sha256 })
}
