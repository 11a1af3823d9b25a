//! The names that a program gives: those that Python's `huggingface_hub` takes.

use serde_json::Value;
use tempfile::TempDir;
use trainer_data::{Error, HubReason, hub::Hub};

/// What Python takes and is refused here: no path of git is so, and they are other names for other files, or for none.
const STRICTER: [&str; 8] = ["", ".", "./a", "a/.", "a/./b", "a/", "a//b", "a\0b"];

/// Written by `parity/hub_names.py`.
fn recorded() -> Value {
    serde_json::from_str(include_str!("../data/hub_names.json")).unwrap()
}

/// A name that is taken is looked for, and is not in an empty cache.
fn is_taken(hub: &Hub, repository: &str, file: &str) -> bool {
    let error = hub.model(repository).file(file).unwrap_err();
    let Error::Hub { reason, .. } = &error else {
        panic!("{error:?}")
    };
    match reason {
        HubReason::Offline => true,
        HubReason::NotFound => false,
        _ => panic!("{error}"),
    }
}

#[test]
fn names_are_taken_as_python_takes_them() {
    let cache = TempDir::new().unwrap();
    let hub = Hub::with_cache(cache.path()).offline(true);
    let recorded = recorded();
    let cases = recorded["cases"].as_array().unwrap();
    assert!(cases.len() > 80);
    for case in cases {
        let expected = case["taken"].as_bool().unwrap();
        let (name, found) = match case["repository"].as_str() {
            Some(name) => (name, is_taken(&hub, name, "config.json")),
            None => {
                let file = case["file"].as_str().unwrap();
                (file, is_taken(&hub, "x/y", file))
            }
        };
        assert_eq!(found, expected && !STRICTER.contains(&name), "{name:?}");
    }
    assert_eq!(cache.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_revision_stays_among_the_revisions() {
    let cache = TempDir::new().unwrap();
    let hub = Hub::with_cache(cache.path()).offline(true);
    for revision in ["main", "refs/pr/1", "v1.0", "feature/a-b", "abcdef"] {
        let repository = hub.model("x/y").revision(revision);
        let error = repository.file("a").unwrap_err().to_string();
        assert!(error.contains("HF_HUB_OFFLINE"), "{error}");
    }
    for revision in [
        "",
        "..",
        "../main",
        "/etc",
        "a/../../b",
        "a//b",
        "a\\..\\b",
        "a\0",
        "C:x",
    ] {
        let repository = hub.model("x/y").revision(revision);
        let error = repository.file("a").unwrap_err().to_string();
        assert!(error.contains("has no such revision"), "{error}");
    }
}
