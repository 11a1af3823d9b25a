//! What is saved loads again, here and in Python (`parity/tokenizer_saved.py` does the latter with the folders that this
//! test writes when TOKENIZERS_OUT names a folder).

use crate::support;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use trainer_tokenize::{AutoTokenizer, Error, Tokenizer};

fn load(folder: &std::path::Path) -> Tokenizer {
    AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap()
}

#[test]
fn saved_tokenizers_are_the_same_when_loaded() {
    let kept = tempfile::tempdir().unwrap();
    let out = std::env::var_os("TOKENIZERS_OUT").map_or(kept.path().to_owned(), PathBuf::from);
    for name in support::MODELS {
        let Some(folder) = support::snapshot("models", name) else {
            return;
        };
        let original = load(&folder);
        let folder = out.join(name);
        original.save_pretrained(&folder).unwrap();
        let loaded = load(&folder);
        assert_eq!(loaded.config(), original.config(), "{name}");
        assert_eq!(loaded.vocab_size(), original.vocab_size(), "{name}");
        for text in [
            "Hello, world!",
            "don't  stop <mask> [MASK]",
            "Café 東京 😀",
            "",
        ] {
            let (was, is) = (
                original.encode_pair(text, text).unwrap(),
                loaded.encode_pair(text, text).unwrap(),
            );
            assert_eq!(was, is, "{name}: {text}");
        }
        let files: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert_eq!(files.len(), 2, "nothing is left over: {files:?}");
        let text = fs::read_to_string(folder.join("tokenizer_config.json")).unwrap();
        loaded.save_pretrained(&folder).unwrap();
        assert_eq!(
            fs::read_to_string(folder.join("tokenizer_config.json")).unwrap(),
            text,
            "{name}"
        );
    }
}

/// The configuration that transformers 5.23 writes for bert-base-cased, less what it notes about its own run.
#[test]
fn the_configuration_is_as_python_writes_it() {
    let Some(folder) = support::snapshot("models", "google-bert/bert-base-cased") else {
        return;
    };
    let out = tempfile::tempdir().unwrap();
    load(&folder).save_pretrained(out.path()).unwrap();
    let text = fs::read_to_string(out.path().join("tokenizer_config.json")).unwrap();
    let want = "{\n  \"backend\": \"tokenizers\",\n  \"cls_token\": \"[CLS]\",\n  \"do_lower_case\": false,\n  \
                \"mask_token\": \"[MASK]\",\n  \"model_max_length\": 512,\n  \"pad_token\": \"[PAD]\",\n  \
                \"sep_token\": \"[SEP]\",\n  \"strip_accents\": null,\n  \"tokenize_chinese_chars\": true,\n  \
                \"tokenizer_class\": \"BertTokenizer\",\n  \"unk_token\": \"[UNK]\"\n}\n";
    // The stored tokenizer.json says `strip_accents: false`, which is kept; Python drops it for the config's silence.
    assert_eq!(
        text.replace("\"strip_accents\": false", "\"strip_accents\": null"),
        want
    );
    let json: Value =
        serde_json::from_str(&fs::read_to_string(out.path().join("tokenizer.json")).unwrap())
            .unwrap();
    assert_eq!(json["truncation"], Value::Null);
    assert_eq!(json["padding"], Value::Null);
    assert_eq!(json["post_processor"]["type"], "BertProcessing");
}

#[test]
fn a_model_without_limit_is_saved_with_pythons_number() {
    let Some(folder) = support::snapshot("models", "openai-community/gpt2") else {
        return;
    };
    let out = tempfile::tempdir().unwrap();
    load(&folder).save_pretrained(out.path()).unwrap();
    let text = fs::read_to_string(out.path().join("tokenizer_config.json")).unwrap();
    assert!(
        text.contains("\"model_max_length\": 1000000000000000019884624838656,\n"),
        "{text}"
    );
    assert!(!text.contains("pad_token"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    fs::write(
        folder.path().join("vocab.txt"),
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n",
    )
    .unwrap();
    let tokenizer = load(folder.path());
    let error = tokenizer.save_pretrained(&file).unwrap_err();
    assert!(
        matches!(&error, Error::Write { path, .. } if *path == file),
        "{error}"
    );
}

/// A `vocab.txt` with a line twice leaves an id without a token. The crate `tokenizers` prints of it, to standard output.
#[test]
fn a_vocabulary_with_holes_is_saved_without_a_word() {
    const SAVE: &str = "TRAINER_TEST_SAVE_HOLES";
    if let Some(folder) = std::env::var_os(SAVE) {
        let folder = PathBuf::from(folder);
        fs::write(
            folder.join("vocab.txt"),
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ndog\ndog\ncat\n",
        )
        .unwrap();
        load(&folder).save_pretrained(folder.join("saved")).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "saving::a_vocabulary_with_holes_is_saved_without_a_word",
            "--nocapture",
        ])
        .env(SAVE, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}");
    assert!(!said.contains("contains holes"), "{said}");
    let saved = load(&folder.path().join("saved"));
    let original = load(folder.path());
    for token in ["[PAD]", "dog", "cat"] {
        assert_eq!(
            saved.token_to_id(token),
            original.token_to_id(token),
            "{token}"
        );
    }
    assert_eq!(saved.vocab_size(), original.vocab_size());
}
