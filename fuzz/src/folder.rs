use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use tempfile::TempDir;

/// A folder with these files, and with what earlier calls of this process left there. Whoever starts the process says by
/// `TMPDIR` where, and removes it: libFuzzer ends without clearing up.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| TempDir::new().expect("a temporary folder"));
    for (name, bytes) in files {
        let path = folder.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a folder in the temporary one");
        }
        fs::write(path, bytes).expect("a file in the temporary folder");
    }
    folder.path()
}

/// A file of that name with these bytes.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    folder(&[(name, bytes)]).join(name)
}
