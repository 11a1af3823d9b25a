//! The licences of the crates that a program is made of, as `cargo metadata` names them.

use super::licenses::{copy, entries, is_license, put};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<PathBuf>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
    root: Option<String>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Copy the licences of every crate that the crate in `root` depends on, build scripts and tests aside, below `folder`, with a
/// list of names, versions and licences. Gives their number.
pub(super) fn write(folder: &Path, root: &Path) -> Result<usize> {
    let metadata = metadata(root)?;
    let wanted = reached(&metadata);
    let mut list = String::new();
    let mut count = 0;
    for package in metadata
        .packages
        .iter()
        .filter(|package| wanted.contains(package.id.as_str()))
    {
        count += 1;
        let full = format!("{}-{}", package.name, package.version);
        let own = package.manifest_path.parent().unwrap_or(root);
        let named = package.license_file.as_ref().map(|file| own.join(file));
        let files: Vec<PathBuf> = entries(own)
            .into_iter()
            .filter(|path| is_license(path))
            .chain(named.filter(|file| file.is_file()))
            .collect();
        let license = package.license.as_deref().unwrap_or("see its files");
        let without = if files.is_empty() {
            " (the crate has no file of it)"
        } else {
            ""
        };
        let _ = writeln!(list, "{full}: {license}{without}");
        for file in files {
            copy(&file, &folder.join("crates").join(&full))?;
        }
    }
    put(&folder.join("crates.txt"), &list)?;
    Ok(count)
}

fn metadata(root: &Path) -> Result<Metadata> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(["--filter-platform", &host()?])
        .current_dir(root)
        .output()
        .context("cargo does not start")?;
    if !output.status.success() {
        bail!(
            "{}: `cargo metadata` fails: {}",
            root.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    serde_json::from_slice(&output.stdout).context("what `cargo metadata` prints")
}

fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("rustc does not start")?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .context("`rustc -vV` names no host")
}

/// The packages that end up in a program: from the root on by ordinary dependencies.
fn reached(metadata: &Metadata) -> BTreeSet<&str> {
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut open: Vec<&str> = match &metadata.resolve.root {
        Some(root) => vec![root],
        None => metadata
            .workspace_members
            .iter()
            .map(String::as_str)
            .collect(),
    };
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id)
            && let Some(node) = nodes.get(id)
        {
            let ordinary = |edge: &&Edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none());
            open.extend(
                node.deps
                    .iter()
                    .filter(ordinary)
                    .map(|edge| edge.pkg.as_str()),
            );
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_this_crate_are_found_and_no_development_dependency() -> Result<()> {
        let out = tempfile::tempdir()?;
        let count = write(out.path(), Path::new(env!("CARGO_MANIFEST_DIR")))?;
        let list = std::fs::read_to_string(out.path().join("crates.txt"))?;
        assert_eq!(list.lines().count(), count);
        let has = |name: &str| list.lines().any(|line| line.starts_with(name));
        assert!(
            has("anyhow-1") && has("zip-9") && !has("tempfile-"),
            "{list}"
        );
        let anyhow = list.lines().find(|line| line.starts_with("anyhow-"));
        let folder = anyhow
            .and_then(|line| line.split(':').next())
            .unwrap_or_default();
        assert!(
            out.path()
                .join("crates")
                .join(folder)
                .join("LICENSE-MIT")
                .is_file()
        );
        Ok(())
    }
}
