//! Whichever packages a command selects, a dependency has the same features, and so is compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// What programs are made of, and what build scripts and procedural macros are made of besides, whose features are their own.
const EDGES: [&str; 2] = ["normal,dev,no-proc-macro", "normal,dev,build"];

/// The features of each dependency: one set, or a second for build scripts and procedural macros.
type Compiled = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_selection_of_packages_compiles_a_dependency_again() {
    let packages = packages();
    let mut again = Vec::new();
    for edges in EDGES {
        let whole = compiled(&["--workspace"], edges);
        for package in &packages {
            for (dependency, sets) in compiled(&["--package", package], edges) {
                let known = whole.get(&dependency).cloned().unwrap_or_default();
                for set in sets.difference(&known) {
                    again.push(format!(
                        "{dependency} for {package}: [{set}], for the workspace: {known:?}"
                    ));
                }
            }
        }
    }
    assert!(
        again.is_empty(),
        "add the features that lack to xtask/features/Cargo.toml\n{}",
        again.join("\n")
    );
}

fn packages() -> Vec<String> {
    let tree = tree(&["--workspace", "--depth", "0", "--format", "{p}"]);
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let packages: BTreeSet<String> = names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    assert!(packages.len() > 2, "{packages:?}");
    packages.into_iter().collect()
}

fn compiled(selection: &[&str], edges: &str) -> Compiled {
    let form = ["--format", "{p}\t{f}\t", "--edges", edges];
    let mut compiled = Compiled::new();
    for line in tree(&[selection, &form].concat()).lines() {
        let mut parts = line.split('\t');
        if let (Some(package), Some(features)) = (parts.next(), parts.next()) {
            let sets = compiled.entry(package.to_owned()).or_default();
            sets.insert(features.to_owned());
        }
    }
    assert!(compiled.len() > 5, "{selection:?}: {compiled:?}");
    compiled
}

/// What `cargo tree` prints, a package a line.
fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--no-dedupe", "--prefix", "none"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("cargo tree starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}
