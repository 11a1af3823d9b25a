use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trainer_data::{regular_file, warning};

use super::{MANIFEST, OPTIMIZER, RNG_STATE, SCALER, SCHEDULER, TRAINER_STATE};
use crate::stream_position::STREAM_STATE;
use crate::{Error, Result};

/// What a resumed run needs beside weights and [`TrainerState`](crate::TrainerState).
const STATES: [&str; 5] = [OPTIMIZER, SCHEDULER, SCALER, RNG_STATE, STREAM_STATE];

/// The weights, where they are in one file.
const WEIGHTS: &str = "model.safetensors";

/// So many characters of a name that is refused are shown.
const SHOWN: usize = 60;

/// What a whole checkpoint consists of. Written last, so that a folder without it is not whole.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Manifest {
    files: BTreeMap<String, Entry>,
    /// When, in milliseconds since 1970: copies of a folder have other times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<u64>,
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
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let written = now.ok().and_then(|now| now.as_millis().try_into().ok());
    let text = serde_json::to_string_pretty(&Manifest { files, written }).map_err(|source| {
        Error::Json {
            path: path.clone(),
            source,
        }
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
        regular_file::open(&path)
            .and_then(|(file, _)| file.sync_all())
            .map_err(Error::io("sync", &path))?;
        files.insert(format!("{prefix}{name}"), describe(&path)?);
    }
    crate::durable::sync_folder(folder)
}

/// When the checkpoint was written, in milliseconds since 1970, if its manifest says so.
pub(super) fn written(folder: &Path) -> Option<u64> {
    read(folder).ok()??.written
}

/// Checks that all that a run goes on from is as it was written: weights and states by size and hash. Of other files, such as a
/// `config.json` that the user has edited, a difference is a warning.
///
/// A folder without a manifest, which Python wrote or somebody copied, passes where its files can be opened: one that was cut
/// cannot.
pub(crate) fn verify(folder: &Path) -> Result<()> {
    verify_but(folder, &[])
}

/// As [`verify`], but passes a checkpoint from which the user has removed what only a resumed run needs, to save space.
pub(crate) fn verify_weights(folder: &Path) -> Result<()> {
    verify_but(folder, &STATES)
}

fn verify_but(folder: &Path, may_be_missing: &[&str]) -> Result<()> {
    let Some(manifest) = read(folder)? else {
        return check_unsealed(folder);
    };
    // What is read must have been written; a manifest that says nothing of it is of another folder, or was made up.
    let read = [WEIGHTS, TRAINER_STATE].into_iter().chain(STATES);
    for name in read.filter(|name| !manifest.files.contains_key(*name)) {
        if folder.join(name).exists() {
            let reason = format!("its {MANIFEST} does not name {name}");
            return Err(Error::checkpoint(folder, reason));
        }
    }
    for (name, expected) in &manifest.files {
        let path = inside(folder, name)?;
        if may_be_missing.contains(&name.as_str()) && !path.exists() {
            continue;
        }
        let difference = difference(&path, expected)?;
        match difference {
            Some(difference) if is_guarded(name) => {
                return Err(Error::checkpoint(folder, format!("{name} {difference}")));
            }
            Some(difference) => warning!("{} {difference}: it is taken as it is", path.display()),
            None => {}
        }
    }
    Ok(())
}

fn read(folder: &Path) -> Result<Option<Manifest>> {
    let path = folder.join(MANIFEST);
    match regular_file::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|source| Error::Json { path, source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}

/// All but texts that a user may edit, such as `config.json`.
fn is_guarded(name: &str) -> bool {
    let texts = [".json", ".txt", ".md", ".jinja"];
    name == TRAINER_STATE
        || name == STREAM_STATE
        || name.ends_with(".index.json")
        || !texts.iter().any(|ending| name.ends_with(ending))
}

/// How a file differs from what was written, if it does.
fn difference(path: &Path, expected: &Entry) -> Result<Option<String>> {
    let found = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Some("is missing".to_owned()));
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    if found != expected.size {
        let written = expected.size;
        return Ok(Some(format!("has {found} bytes, {written} were written")));
    }
    let differs = describe(path)? != *expected;
    Ok(differs.then(|| "is not what was written: its SHA-256 differs".to_owned()))
}

/// Opens what has no manifest to be compared with.
fn check_unsealed(folder: &Path) -> Result<()> {
    trainer_models::weights::Checkpoint::open_folder(folder)?;
    for state in STATES {
        let path = folder.join(state);
        if path.exists() {
            trainer_torch::pickle::check_whole(&path)?;
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
    let mut file = regular_file::open_to_end(path).map_err(Error::io("open", path))?;
    let mut hasher = Sha256::new();
    let size = std::io::copy(&mut file, &mut hasher).map_err(Error::io("read", path))?;
    let sha256 = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Entry { size, sha256 })
}
