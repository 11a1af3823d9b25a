//! A manifest speaks of the files of its own checkpoint, and of no others.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{alone, arguments, builder, trained};
use serde_json::{Value, json};
use trainer_core::{Trainer, TrainingArguments};

/// SHA-256 of `outside\n`.
const OUTSIDE: &str = "92a214fa61579091222f97eaf8e9bf11c1a728af5a077a3b5568231b6dc5be43";

/// Two whole checkpoints, at steps 3 and 6, and a file beside the folder that holds them.
fn two_checkpoints() -> (tempfile::TempDir, TrainingArguments) {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("outside"), "outside\n").unwrap();
    let args = TrainingArguments {
        max_steps: 6,
        save_steps: 3.0,
        ..arguments(&root.path().join("runs/first"))
    };
    trained(args.clone()).unwrap();
    (root, args)
}

fn checkpoint(args: &TrainingArguments, step: u64) -> PathBuf {
    args.output_dir.join(format!("checkpoint-{step}"))
}

/// Lets a manifest name one file more, of the size and hash that it has there.
fn name_in_manifest(manifest: &Path, original: &str, name: &str) {
    let mut manifest_now: Value = serde_json::from_str(original).unwrap();
    manifest_now["files"][name] = json!({ "size": 8, "sha256": OUTSIDE });
    fs::write(manifest, manifest_now.to_string()).unwrap();
}

fn resumed(args: &TrainingArguments, from: &Path) -> trainer_core::Result<Trainer> {
    let mut trainer = builder(TrainingArguments {
        resume_from_checkpoint: Some(from.to_str().unwrap().to_owned()),
        ..args.clone()
    })
    .build()?;
    trainer.train()?;
    Ok(trainer)
}

/// The words of the error of a resumption.
fn refusal(args: &TrainingArguments, from: &Path) -> String {
    match resumed(args, from) {
        Ok(_) => panic!("{} was taken", from.display()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn it_names_plain_paths_inside_the_checkpoint() {
    let _alone = alone();
    let (root, args) = two_checkpoints();
    let newest = checkpoint(&args, 6);
    let manifest = newest.join("manifest.json");
    let original = fs::read_to_string(&manifest).unwrap();
    let outside = root.path().join("outside");
    // The first ones lead to that file, with its size and hash.
    for name in [
        "../../../outside",
        outside.to_str().unwrap(),
        "a/../../../../outside",
        "./config.json",
        "config.json/.",
        "config.json/",
        "/config.json",
        "../checkpoint-6/config.json",
        "/",
        "..",
        ".",
        "",
        "a//b",
        "a\0b",
    ] {
        name_in_manifest(&manifest, &original, name);
        let error = refusal(&args, &newest);
        let expected = format!(
            "cannot resume from {}: its manifest.json names ",
            newest.display()
        );
        assert!(
            error.starts_with(&expected) && error.contains("in the folder is expected"),
            "{name:?}: {error}"
        );
    }
    // One that is long, or that would command a terminal, is shown shortened and harmless.
    let name = format!("\u{1b}[2J/../{}", "x".repeat(5000));
    name_in_manifest(&manifest, &original, &name);
    let error = refusal(&args, &newest);
    assert!(!error.contains('\u{1b}') && error.len() < 500, "{error}");

    // By `last` the checkpoint before is taken, which then makes the newest anew.
    resumed(&args, Path::new("last")).unwrap();
    assert!(!fs::read_to_string(&manifest).unwrap().contains("\\u001b"));
    // Folders inside are plain.
    fs::create_dir_all(newest.join("a/b")).unwrap();
    fs::copy(&outside, newest.join("a/b/c..d")).unwrap();
    name_in_manifest(
        &manifest,
        &fs::read_to_string(&manifest).unwrap(),
        "a/b/c..d",
    );
    resumed(&args, &newest).unwrap();
}

#[test]
fn it_names_what_is_read() {
    let _alone = alone();
    let (_root, args) = two_checkpoints();
    let newest = checkpoint(&args, 6);
    let manifest = newest.join("manifest.json");
    let original = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, r#"{"files": {}}"#).unwrap();
    let error = refusal(&args, &newest);
    assert!(
        error.contains("its manifest.json does not name model.safetensors"),
        "{error}"
    );
    for name in ["trainer_state.json", "optimizer.pt", "rng_state.pth"] {
        let mut without: Value = serde_json::from_str(&original).unwrap();
        without["files"].as_object_mut().unwrap().remove(name);
        fs::write(&manifest, without.to_string()).unwrap();
        let error = refusal(&args, &newest);
        assert!(error.contains(&format!("does not name {name}")), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn what_it_names_are_regular_files() {
    let _alone = alone();
    let (_root, args) = two_checkpoints();
    let newest = checkpoint(&args, 6);
    let manifest = newest.join("manifest.json");
    let original = fs::read_to_string(&manifest).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(newest.join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let mut named: Value = serde_json::from_str(&original).unwrap();
    named["files"]["pipe"] = json!({ "size": 0, "sha256": OUTSIDE });
    fs::write(&manifest, named.to_string()).unwrap();
    let error = refusal(&args, &newest);
    assert!(
        error.contains("pipe") && error.contains("no regular file"),
        "{error}"
    );
    std::os::unix::fs::symlink("/dev/zero", newest.join("zero")).unwrap();
    name_in_manifest(&manifest, &original, "zero");
    let error = refusal(&args, &newest);
    assert!(
        error.contains("\"zero\", which a link leads out"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_checkpoint() {
    use std::os::unix::fs::symlink;

    let _alone = alone();
    let (root, args) = two_checkpoints();
    let newest = checkpoint(&args, 6);
    let manifest = newest.join("manifest.json");
    let original = fs::read_to_string(&manifest).unwrap();
    fs::write(newest.join("inside"), "outside\n").unwrap();
    symlink("inside", newest.join("own")).unwrap();
    symlink(root.path().join("outside"), newest.join("foreign")).unwrap();
    symlink("../../..", newest.join("above")).unwrap();
    for name in ["foreign", "above/outside"] {
        name_in_manifest(&manifest, &original, name);
        let error = refusal(&args, &newest);
        let expected = format!("names {name:?}, which a link leads out of the folder");
        assert!(error.contains(&expected), "{error}");
    }
    // The folder itself may be reached by one.
    name_in_manifest(&manifest, &original, "own");
    let elsewhere = root.path().join("elsewhere");
    symlink(&newest, &elsewhere).unwrap();
    resumed(&args, &elsewhere).unwrap();
}
