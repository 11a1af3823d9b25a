//! What keeps cargo from using the flags of a crate's configuration, or is kept from being used by them.

use std::path::{Path, PathBuf};
use toml_edit::DocumentMut;

/// Each a problem and its fix, for the configuration `config` of a crate.
pub(crate) fn what_hides_it(config: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, what) in [
        ("CARGO_ENCODED_RUSTFLAGS", "programs do"),
        ("RUSTFLAGS", "programs do"),
        ("CARGO_ENCODED_RUSTDOCFLAGS", "documentation tests do"),
        ("RUSTDOCFLAGS", "documentation tests do"),
    ] {
        if std::env::var_os(name).is_some() {
            found.push((
                format!(
                    "{name} is set: cargo then ignores the flags in {}, and {what} not find libtorch by themselves",
                    config.display()
                ),
                format!("unset {name}, or add its flags to those in that file"),
            ));
        }
    }
    for other in others(config) {
        if flags_every_build(&other) {
            found.push((
                format!(
                    "build.rustflags in {} no longer count here: cargo takes those of the target in {} alone",
                    other.display(),
                    config.display()
                ),
                format!("add them to the rustflags in {}", config.display()),
            ));
        }
    }
    found
}

/// The configurations that cargo joins with this one: of the folders above, and the user's.
fn others(config: &Path) -> Vec<PathBuf> {
    let above = config
        .ancestors()
        .skip(3)
        .map(|folder| folder.join(".cargo"));
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let mut files: Vec<PathBuf> = above
        .chain(home)
        .map(|folder| folder.join("config.toml"))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    files.dedup();
    files
}

fn flags_every_build(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let document: DocumentMut = text.parse().unwrap_or_default();
    document
        .get("build")
        .is_some_and(|build| build.get("rustflags").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_a_folder_above_are_named() -> std::io::Result<()> {
        let above = tempfile::tempdir()?;
        let crates = above.path().join("crates/mine/.cargo");
        std::fs::create_dir_all(&crates)?;
        std::fs::create_dir(above.path().join(".cargo"))?;
        let theirs = above.path().join(".cargo/config.toml");
        let said = || {
            what_hides_it(&crates.join("config.toml"))
                .iter()
                .any(|(problem, _)| problem.contains(&theirs.display().to_string()))
        };
        std::fs::write(&theirs, "[build]\njobs = 2\n")?;
        assert!(!said());
        std::fs::write(&theirs, "[build]\nrustflags = [\"-D\", \"warnings\"]\n")?;
        assert!(said());
        Ok(())
    }
}
