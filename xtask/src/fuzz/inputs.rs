//! Which targets there are, and which inputs are kept for them.

use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Where inputs that broke something lie beside the checkout, by target: folders or files below `../shared/cases/hostile`, and
/// how a file's path in there ends.
const CASES: [(&str, &str, &str); 13] = [
    ("arrow", "arrow", ""),
    ("card", "card", "README.md"),
    ("json", "text", ""),
    ("manifest", "checkpoint", "manifest_escape.json"),
    ("optimizer", "pickle", "lr_numel_overflow.pt"),
    ("parquet", "parquet", ""),
    ("pickle", "pickle", ""),
    ("rng_state", "pickle", ".pth"),
    ("scheduler", "pickle", "sched_max.pt"),
    ("tokenizer", "tokenizer", "tokenizer.json"),
    (
        "trainer_state",
        "checkpoint",
        "trainer_state_tokens_max.json",
    ),
    ("optimizer", "pickle", "dag21_str.pt"),
    ("scheduler", "pickle", "dag21_str.pt"),
];

/// Which files of the crates' tests are whole inputs, by how their paths end.
const WHOLE: [(&str, &[&str]); 20] = [
    ("arguments", &["arguments.json", "training_args.json"]),
    ("arrow", &[".arrow"]),
    ("card", &["README.md"]),
    ("config", &["/config.json"]),
    ("csv", &[".csv", ".tsv"]),
    ("dataset_infos", &["dataset_infos.json"]),
    ("json", &[".json", ".jsonl"]),
    ("optimizer", &["optimizer.pt"]),
    ("packed", &[".gz", ".xz"]),
    ("parquet", &[".parquet"]),
    ("pickle", &[".pt", ".pth", "pytorch_model.bin"]),
    ("rng_state", &["rng_state.pth"]),
    ("safetensors", &[".safetensors"]),
    ("scheduler", &["scheduler.pt"]),
    ("text", &[".txt"]),
    ("tokenizer", &["word_piece.json", "tokenizer.json"]),
    ("tokenizer_config", &["tokenizer_config.json"]),
    ("trainer_state", &["trainer_state.json"]),
    ("weights_index", &["safetensors.index.json"]),
    ("zip", &[".zip"]),
];

/// The files of the tests are not longer.
const LONGEST: u64 = 64 << 10;

/// The names of all targets, as `fuzz/Cargo.toml` has them.
pub(super) fn targets(workspace: &Workspace, without_torch: bool) -> Result<Vec<String>> {
    let path = workspace.path("fuzz/Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let programs = text.split("[[bin]]").skip(1);
    let programs = programs.filter(|one| one.contains("fuzz_targets/"));
    let chosen = programs.filter(|one| !without_torch || !one.contains("required-features"));
    let names = chosen.filter_map(|one| one.split('"').nth(1));
    Ok(names.map(str::to_owned).collect())
}

/// The inputs of a target: those of the repository, and those beside it where they are.
pub(super) fn kept(workspace: &Workspace, target: &str) -> Result<Vec<PathBuf>> {
    let mut inputs = files(&workspace.path("fuzz/corpus").join(target))?;
    let beside = workspace.path("../shared/cases/hostile");
    for (_, folder, end) in CASES.iter().filter(|(have, ..)| *have == target) {
        let cases = files(&beside.join(folder))?;
        inputs.extend(cases.into_iter().filter(|path| ends_with(path, end)));
    }
    Ok(inputs)
}

/// Files that begin well: those of the crates' tests which are what a target reads.
pub(super) fn whole(workspace: &Workspace, target: &str) -> Result<Vec<PathBuf>> {
    let ends = WHOLE.iter().filter(|(have, _)| *have == target);
    let ends: Vec<&str> = ends.flat_map(|(_, ends)| ends.iter().copied()).collect();
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let mut inputs = Vec::new();
    for path in files(&workspace.path("crates"))? {
        let is_of_tests = path.components().any(|part| part.as_os_str() == "tests");
        let is_short = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= LONGEST);
        if is_of_tests && is_short && ends.iter().any(|end| ends_with(&path, end)) {
            inputs.push(path);
        }
    }
    Ok(inputs)
}

fn ends_with(path: &Path, end: &str) -> bool {
    path.to_string_lossy().ends_with(end)
}

/// All files in a folder and below, sorted; none where there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("{}", folder.display()))?;
            match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => found.extend(files(&entry.path())?),
                false => found.push(entry.path()),
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A target is a function, a program, and at least one input.
    #[test]
    fn every_target_is_named_everywhere() -> Result<()> {
        let workspace = Workspace::find()?;
        let mut named = targets(&workspace, false)?;
        named.sort();
        let programs = files(&workspace.path("fuzz/fuzz_targets"))?;
        let stems = programs
            .iter()
            .filter_map(|path| path.file_stem()?.to_str());
        assert_eq!(named, stems.collect::<Vec<_>>());
        let library = fs::read_to_string(workspace.path("fuzz/src/lib.rs"))?;
        for name in &named {
            assert!(library.contains(&format!("(\"{name}\", ")), "{name}");
            assert!(
                !files(&workspace.path("fuzz/corpus").join(name))?.is_empty(),
                "{name}"
            );
        }
        let without = targets(&workspace, true)?;
        assert!(without.contains(&"parquet".to_owned()) && !without.contains(&"pickle".to_owned()));
        Ok(())
    }
}
