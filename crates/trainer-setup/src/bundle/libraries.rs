//! What the dynamic linker would load for a file, as `ldd` tells.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries of glibc, by the start of their names. They belong to the system's kernel and dynamic linker: a copy of another
/// version beside a program does not run.
const GLIBC: [&str; 13] = [
    "linux-vdso.",
    "linux-gate.",
    "ld-linux",
    "libanl.",
    "libc.",
    "libdl.",
    "libm.",
    "libmvec.",
    "libnsl.",
    "libpthread.",
    "libresolv.",
    "librt.",
    "libutil.",
];

/// A library by the name that it is asked for, and the file that is loaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) name: String,
    pub(super) file: PathBuf,
}

/// All libraries but glibc's that are loaded for `file`, with `first` looked into first. An error names those that are missing.
pub(super) fn needed(file: &Path, first: Option<&Path>) -> Result<Vec<Needed>> {
    let mut ldd = Command::new("ldd");
    ldd.arg(file)
        .env("LC_ALL", "C")
        .env_remove("LD_LIBRARY_PATH");
    if let Some(folder) = first {
        ldd.env("LD_LIBRARY_PATH", folder);
    }
    let output = ldd
        .output()
        .context("ldd does not start\nfix: install it; it comes with glibc (`apt install libc-bin`, `dnf install glibc-common`)")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "{} is no program with libraries: ldd says {}",
            file.display(),
            String::from_utf8_lossy(&said).trim()
        );
    }
    parse(&String::from_utf8_lossy(&output.stdout)).with_context(|| format!("{}", file.display()))
}

/// Lines as `libc10.so => /a/libc10.so (0x00007f)`, `libc10.so => not found`, `/lib64/ld-linux-x86-64.so.2 (0x00007f)`.
fn parse(said: &str) -> Result<Vec<Needed>> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for line in said.lines().map(str::trim) {
        let Some((name, rest)) = line.split_once(" => ") else {
            continue;
        };
        if rest == "not found" {
            missing.push(name);
        } else if !GLIBC.iter().any(|start| name.starts_with(start)) {
            let file = rest.rsplit_once(" (").map_or(rest, |(file, _)| file);
            found.push(Needed {
                name: name.to_owned(),
                file: file.into(),
            });
        }
    }
    if !missing.is_empty() {
        bail!("libraries are missing: {}", missing.join(", "));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_stays_and_what_is_missing_is_named() -> Result<()> {
        let said = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc10.so => /a (b)/libc10.so (0x00007f)\n\
                    \tlibc.so.6 => /lib/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let expected = Needed {
            name: "libc10.so".into(),
            file: "/a (b)/libc10.so".into(),
        };
        assert_eq!(parse(said)?, [expected]);
        let error = parse("\tlibx.so => not found\n\tliby.so => not found\n").err();
        assert_eq!(
            error.map(|error| error.to_string()).as_deref(),
            Some("libraries are missing: libx.so, liby.so")
        );
        Ok(())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_no_program_is_refused() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let text = folder.path().join("text");
        std::fs::write(&text, "hello")?;
        let error = needed(&text, None).err().context("was accepted")?;
        assert!(error.to_string().contains("text is no program"), "{error}");
        Ok(())
    }
}
