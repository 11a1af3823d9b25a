//! Is a folder a libtorch that trainer can be built with?

use super::pins::TORCH;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// The version of a libtorch folder that is not of our making; an error when it cannot be used.
///
/// The version comes from `build-version`, which the archives of pytorch.org have, or else from the headers.
pub fn check_folder(folder: &Path) -> Result<String> {
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    let version = version(folder)?;
    let release = |version: &str| {
        version
            .splitn(3, '.')
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if release(&version) != release(TORCH) {
        bail!(
            "{} is libtorch {version}; trainer needs {TORCH}",
            folder.display()
        );
    }
    let lib = folder.join("lib");
    for name in ["torch", "torch_cpu", "c10"] {
        if !["so", "dylib"]
            .iter()
            .any(|end| lib.join(format!("lib{name}.{end}")).is_file())
        {
            bail!("{}: lib{name} is missing", lib.display());
        }
    }
    Ok(version)
}

/// Whether a folder of libraries has those of a libtorch.
pub(crate) fn holds_libraries(folder: &Path) -> bool {
    ["torch_cpu", "c10"].iter().all(|name| {
        ["so", "dylib"]
            .iter()
            .any(|end| folder.join(format!("lib{name}.{end}")).exists())
    })
}

fn version(folder: &Path) -> Result<String> {
    if let Ok(text) = fs::read_to_string(folder.join("build-version")) {
        return Ok(text.trim().to_owned());
    }
    // The first is where 2.11 has it, the second where it was before and where 2.11 includes the first.
    for below in [
        "include/torch/headeronly/version.h",
        "include/torch/csrc/api/include/torch/version.h",
    ] {
        if let Some(found) = fs::read_to_string(folder.join(below))
            .ok()
            .and_then(|text| in_header(&text))
        {
            return Ok(found);
        }
    }
    Err(anyhow::anyhow!(
        "it has neither build-version nor include/torch/headeronly/version.h"
    ))
    .with_context(|| format!("{} is not a libtorch", folder.display()))
}

fn in_header(text: &str) -> Option<String> {
    let number = |name: &str| {
        text.lines().find_map(|line| {
            let value = line.strip_prefix("#define ")?.strip_prefix(name)?.trim();
            value.parse::<u32>().ok()
        })
    };
    Some(format!(
        "{}.{}.{}",
        number("TORCH_VERSION_MAJOR")?,
        number("TORCH_VERSION_MINOR")?,
        number("TORCH_VERSION_PATCH")?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(version: &str) -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("lib"))?;
        for name in ["libtorch.so", "libtorch_cpu.so", "libc10.so"] {
            fs::write(folder.path().join("lib").join(name), "")?;
        }
        fs::write(folder.path().join("build-version"), version)?;
        Ok(folder)
    }

    #[test]
    fn any_patch_of_the_release_will_do() -> Result<()> {
        for version in ["2.11.0", "2.11.1+cu130\n"] {
            assert_eq!(check_folder(folder(version)?.path())?, version.trim());
        }
        for version in ["2.10.0", "2.1.1", "3.11.0", ""] {
            let error = check_folder(folder(version)?.path())
                .err()
                .context(version.to_owned())?;
            assert!(
                format!("{error:#}").contains("trainer needs 2.11"),
                "{error:#}"
            );
        }
        Ok(())
    }

    #[test]
    fn the_headers_tell_too() {
        let header = "#define TORCH_VERSION_MAJOR 2\n\n/// minor\n#define TORCH_VERSION_MINOR 11\n#define TORCH_VERSION_PATCH 0\n";
        assert_eq!(in_header(header).as_deref(), Some("2.11.0"));
        assert_eq!(in_header("#include <torch/headeronly/version.h>\n"), None);
    }

    #[test]
    fn what_is_missing_is_named() -> Result<()> {
        let incomplete = folder(TORCH)?;
        fs::remove_file(incomplete.path().join("lib/libc10.so"))?;
        let error = check_folder(incomplete.path())
            .err()
            .context("was accepted")?;
        assert!(
            format!("{error:#}").contains("libc10 is missing"),
            "{error:#}"
        );

        let empty = tempfile::tempdir()?;
        let error = check_folder(empty.path()).err().context("was accepted")?;
        assert!(
            format!("{error:#}").contains("is not a libtorch"),
            "{error:#}"
        );
        Ok(())
    }
}
