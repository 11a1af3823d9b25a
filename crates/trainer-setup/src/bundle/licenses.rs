//! The licences of what a bundle holds.

use super::libraries::Needed;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// trainer's own.
const OWN: [(&str, &str); 2] = [
    ("LICENSE-MIT", include_str!("../../LICENSE-MIT")),
    ("LICENSE-APACHE", include_str!("../../LICENSE-APACHE")),
];

/// GCC's libraries, by the start of their names, and where Debian, Ubuntu and Fedora keep their licences.
const GCC: [(&str, [&str; 2]); 3] = [
    (
        "libstdc++.",
        [
            "/usr/share/doc/libstdc++6/copyright",
            "/usr/share/licenses/libstdc++",
        ],
    ),
    (
        "libgcc_s.",
        [
            "/usr/share/doc/libgcc-s1/copyright",
            "/usr/share/licenses/libgcc",
        ],
    ),
    (
        "libgomp.",
        [
            "/usr/share/doc/libgomp1/copyright",
            "/usr/share/licenses/libgomp",
        ],
    ),
];
const GCC_LICENSE: &str = "GPL-3.0-or-later WITH GCC-exception-3.1";

/// Write those of trainer and of the libraries below `folder`, and a list that says which library is under what. `libtorch` is
/// the folder that the libraries lie in.
pub(super) fn write(folder: &Path, libtorch: &Path, libraries: &[Needed]) -> Result<()> {
    for (name, text) in OWN {
        put(&folder.join("trainer").join(name), text)?;
    }
    let of_libtorch = of_libtorch(libtorch);
    for path in &of_libtorch {
        copy(path, &folder.join("libtorch"))?;
    }
    let mut list =
        "The libraries in lib/, where they were taken from, and their licences:\n\n".to_owned();
    for library in libraries {
        let in_libtorch = library.file.starts_with(libtorch);
        let from = if in_libtorch {
            "libtorch".to_owned()
        } else {
            library.file.display().to_string()
        };
        let gcc = GCC
            .iter()
            .find(|(start, _)| library.name.starts_with(start));
        for place in gcc.map(|(_, places)| places).into_iter().flatten() {
            if Path::new(place).exists() {
                copy(Path::new(place), &folder.join("gcc").join(&library.name))?;
            }
        }
        let license = match gcc {
            Some(_) => GCC_LICENSE,
            None if in_libtorch && !of_libtorch.is_empty() => "see libtorch/",
            None => "unknown here: see where it was taken from",
        };
        let _ = writeln!(list, "{}: from {from}: {license}", library.name);
    }
    put(&folder.join("libraries.txt"), &list)
}

/// The licences that lie around a libtorch's `lib/`: our set-up's `licenses/`, or the files of pytorch.org's archives, or those
/// of a wheel.
fn of_libtorch(libraries: &Path) -> Vec<PathBuf> {
    let Some(root) = libraries.parent() else {
        return Vec::new();
    };
    let own = root.join("licenses");
    if own.is_dir() {
        return entries(&own);
    }
    let wheel = entries(root.parent().unwrap_or(root))
        .into_iter()
        .filter(|path| name(path).starts_with("torch-") && name(path).ends_with(".dist-info"))
        .flat_map(|path| entries(&path.join("licenses")));
    entries(root)
        .into_iter()
        .filter(|path| is_license(path))
        .chain(wheel)
        .collect()
}

/// Whether a file is by its name a licence or a notice.
pub(super) fn is_license(path: &Path) -> bool {
    let name = name(path).to_ascii_uppercase();
    path.is_file()
        && [
            "LICENSE",
            "LICENCE",
            "COPYING",
            "COPYRIGHT",
            "NOTICE",
            "UNLICENSE",
        ]
        .iter()
        .any(|start| name.starts_with(start))
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What a folder holds, in order; nothing where it cannot be read.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = folder.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Copy a file, or a folder with all below it, into `into`.
pub(super) fn copy(from: &Path, into: &Path) -> Result<()> {
    let to = into.join(name(from));
    if from.is_dir() {
        return entries(from).iter().try_for_each(|below| copy(below, &to));
    }
    fs::create_dir_all(into).with_context(|| format!("{}", into.display()))?;
    fs::copy(from, &to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
    Ok(())
}

pub(super) fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("{}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_is_listed_with_its_licence() -> Result<()> {
        let root = tempfile::tempdir()?;
        let lib = root.path().join("libtorch/lib");
        put(&root.path().join("libtorch/licenses/torch/LICENSE"), "BSD")?;
        let needed = |name: &str, folder: &Path| Needed {
            name: name.into(),
            file: folder.join(name),
        };
        let libraries = [
            needed("libc10.so", &lib),
            needed("libstdc++.so.6", Path::new("/usr/lib")),
        ];
        let out = root.path().join("out");
        write(&out, &lib, &libraries)?;
        assert_eq!(
            fs::read_to_string(out.join("libtorch/torch/LICENSE"))?,
            "BSD"
        );
        assert!(fs::read_to_string(out.join("trainer/LICENSE-MIT"))?.contains("Permission"));
        let list = fs::read_to_string(out.join("libraries.txt"))?;
        assert!(
            list.contains("libc10.so: from libtorch: see libtorch/"),
            "{list}"
        );
        assert!(
            list.contains("/usr/lib/libstdc++.so.6: GPL-3.0-or-later WITH GCC"),
            "{list}"
        );
        Ok(())
    }

    #[test]
    fn a_wheels_licences_are_found_too() -> Result<()> {
        let site = tempfile::tempdir()?;
        put(
            &site.path().join("torch-2.11.0.dist-info/licenses/LICENSE"),
            "BSD",
        )?;
        put(&site.path().join("torch/lib/libc10.so"), "")?;
        let found = of_libtorch(&site.path().join("torch/lib"));
        assert_eq!(
            found,
            [site.path().join("torch-2.11.0.dist-info/licenses/LICENSE")]
        );
        Ok(())
    }
}
