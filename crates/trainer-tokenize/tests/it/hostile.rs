//! Vocabularies on which the library panics, or which stand for any amount of memory or time: each is an error that says
//! why. `fuzz/corpus` has those that took too much of either.

use std::process::Command;
use std::{env, fs};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use trainer_data::{Column, Columns, Dataset};
use trainer_tokenize::{AutoTokenizer, Result, Tokenizer};

const TEXT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";

/// A vocabulary of WordPiece with this field in place of its own.
fn load(field: &str, value: Value) -> Result<Tokenizer> {
    let mut tokenizer = json!({
        "version": "1.0",
        "added_tokens": [],
        "normalizer": null,
        "pre_tokenizer": { "type": "WhitespaceSplit" },
        "post_processor": null,
        "decoder": null,
        "model": word_piece(100, 3),
    });
    tokenizer[field] = value;
    load_text(&tokenizer.to_string())
}

fn load_text(text: &str) -> Result<Tokenizer> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("tokenizer.json"), text).unwrap();
    AutoTokenizer::from_pretrained(folder.path().to_str().unwrap())
}

fn word_piece(max_input_chars_per_word: u64, last: u64) -> Value {
    json!({
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": max_input_chars_per_word,
        "vocab": { "[UNK]": 0, "a": 1, "##a": 2, "last": last },
    })
}

fn replace(pattern: &Value, content: &str) -> Value {
    json!({ "type": "Replace", "pattern": pattern, "content": content })
}

fn precompiled(map: &[u8]) -> Value {
    json!({ "type": "Precompiled", "precompiled_charsmap": STANDARD.encode(map) })
}

fn template(single: &Value, ids: usize) -> Value {
    json!({
        "type": "TemplateProcessing",
        "single": single,
        "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }],
        "special_tokens": { "[UNK]": { "id": "[UNK]", "ids": vec![0; ids], "tokens": vec!["[UNK]"; ids] } },
    })
}

#[track_caller]
fn refused(tokenizer: Result<Tokenizer>, reason: &str) {
    let error = tokenizer.unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
}

#[track_caller]
fn cannot_encode(tokenizer: Result<Tokenizer>, reason: &str) {
    let tokenizer = tokenizer.unwrap();
    let error = tokenizer.encode(TEXT).unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
    let columns: Columns = [("text", Column::strings(["", TEXT]))]
        .into_iter()
        .collect();
    let mapped = Dataset::from_columns(columns)
        .unwrap()
        .map(tokenizer.single("text"));
    let error = mapped.unwrap_err().to_string();
    assert!(error.contains(reason) && error.contains("row"), "{error}");
}

#[test]
fn a_file_that_is_cut_is_an_error_with_its_place() {
    let whole = include_str!("../data/word_piece.json");
    for end in (1..whole.trim_end().len()).filter(|end| whole.is_char_boundary(*end)) {
        refused(load_text(&whole[..end]), "EOF while parsing");
    }
    refused(load_text("{\"decoder\":{"), "line 1 column 12");
}

#[test]
fn what_the_library_panics_on_is_an_error() {
    let failed = "the tokenizers library failed: ";
    // A prefix longer than a token with it.
    let model = json!({ "type": "BPE", "continuing_subword_prefix": "####", "vocab": { "a": 0, "b": 1, "ab": 2 }, "merges": ["a b"] });
    refused(load("model", model), failed);
    cannot_encode(load("normalizer", precompiled(&[0; 4 + 1])), failed);
    let many_ways = json!({ "type": "Split", "pattern": { "Regex": "(a+)+$" }, "behavior": "Isolated", "invert": false });
    cannot_encode(load("pre_tokenizer", many_ways), failed);
    let of_a_pair = template(&json!([{ "Sequence": { "id": "B", "type_id": 0 } }]), 1);
    cannot_encode(load("post_processor", of_a_pair), failed);

    let decoder = json!({ "type": "BPEDecoder", "suffix": "</w>" });
    let decoded = load("decoder", decoder).unwrap().decode(&[], true);
    assert!(decoded.map_or_else(
        |error| error.to_string().contains(failed),
        |text| text.is_empty()
    ));
}

#[test]
fn normalizers_make_a_bounded_amount_of_a_text() {
    let thousand = "a".repeat(1000);
    for pattern in [json!({ "String": "a" }), json!({ "Regex": "a" })] {
        let one = replace(&pattern, &thousand);
        let three = json!({ "type": "Sequence", "normalizers": [one, one, one] });
        cannot_encode(load("normalizer", three.clone()), "more than 256 times");
        // Tokens are normalized as they are added.
        let mut file = json!({ "version": "1.0", "pre_tokenizer": null, "post_processor": null, "decoder": null });
        file["normalizer"] = three;
        file["model"] = word_piece(100, 3);
        file["added_tokens"] = json!([{ "id": 4, "content": TEXT, "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false }]);
        refused(load_text(&file.to_string()), "more than 256 times");
    }
    // One that is never found makes no text longer.
    let one = replace(&json!({ "String": "%" }), &thousand);
    let three = json!({ "type": "Sequence", "normalizers": [one, one, one] });
    let encoded = load("normalizer", three).unwrap().encode("aaa").unwrap();
    assert_eq!(encoded.ids(), [1, 2, 2]);
}

#[test]
fn what_a_vocabulary_asks_for_is_bounded() {
    refused(
        load("normalizer", precompiled(&[0xfc, 0xff, 0xff, 0xff, 0])),
        "cut off",
    );
    refused(load("normalizer", precompiled(&[])), "cut off");
    refused(
        load("model", word_piece(1 << 60, 3)),
        "max_input_chars_per_word is 1152921504606846976",
    );
    refused(
        load("model", word_piece(100, u64::from(u32::MAX))),
        "the id of \"last\" is 4294967295",
    );
    let text = json!({ "Sequence": { "id": "A", "type_id": 0 } });
    let token = json!({ "SpecialToken": { "id": "[UNK]", "type_id": 0 } });
    refused(
        load("post_processor", template(&json!([text, token]), 200_000)),
        "adds 200000 special tokens",
    );
    refused(
        load(
            "post_processor",
            template(&json!(vec![text.clone(); 17]), 1),
        ),
        "a text 17 times",
    );
    let twice = template(&json!([text, text]), 1);
    let again = json!({ "type": "Sequence", "processors": vec![twice; 5] });
    refused(load("post_processor", again), "a text 32 times");
    let longer = replace(&json!({ "String": "a" }), &"a".repeat(20));
    let decoder = json!({ "type": "Sequence", "decoders": [longer, longer] });
    refused(
        load("decoder", decoder),
        "its decoder makes more than 256 times",
    );
    let added = |content: String| json!({ "id": 4, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true });
    let many = (0..300).map(|number| added(format!("{number}{}", "a".repeat(4000))));
    refused(
        load("added_tokens", many.collect()),
        "its added tokens have 1200790 bytes, more than 1048576",
    );
    let added = json!([{ "id": 4, "content": "a".repeat(5000), "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true }]);
    refused(
        load("added_tokens", added),
        "has 5000 bytes, more than 4096",
    );
}

/// The library makes a tree of the bytes of Unigram's pieces, and a call for each level of it where that goes.
/// The library finds either, another one in each process.
#[test]
fn added_tokens_that_become_the_same_text_are_refused() {
    let token = |id: u32, content: &str, normalized: bool| json!({ "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": normalized, "special": false });
    let file = |tokens: Value| {
        let mut file = json!({ "version": "1.0", "pre_tokenizer": null, "post_processor": null, "decoder": null });
        file["normalizer"] = json!({ "type": "Lowercase" });
        file["model"] = word_piece(100, 3);
        file["added_tokens"] = tokens;
        load_text(&file.to_string())
    };
    refused(
        file(json!([token(4, "COVID", true), token(5, "Covid", true)])),
        "cannot be told apart: the normalizer makes the same of \"COVID\" and \"Covid\"",
    );
    let apart = file(json!([token(4, "COVID", false), token(5, "Covid", true)])).unwrap();
    assert_eq!(apart.encode("COVIDcovid").unwrap().ids(), [4, 5]);
}

#[test]
fn pieces_are_as_long_as_the_stack_is_deep() {
    let unigram = |piece: &str| json!({ "type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], [piece, -1.0]] });
    let longest = "a".repeat(1024);
    let loaded = load("model", unigram(&longest)).unwrap();
    assert_eq!(loaded.encode(&longest).unwrap().ids(), [1]);
    drop(loaded);
    let long = "a".repeat(90_000);
    for (piece, bytes) in [("a".repeat(1025), 1025), (long, 90_000)] {
        let expected = format!("a piece of its vocabulary has {bytes} bytes, more than 1024");
        refused(load("model", unigram(&piece)), &expected);
        // Without its type the library finds out by itself what a model is.
        let mut without = unigram(&piece);
        without.as_object_mut().unwrap().remove("type");
        refused(load("model", without), &expected);
    }
}

/// What a program shows its user is the error alone.
#[test]
fn a_panic_of_the_library_prints_nothing() {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "hostile::one_panic", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
#[ignore = "is started by the test above"]
fn one_panic() {
    let of_a_pair = template(&json!([{ "Sequence": { "id": "B", "type_id": 0 } }]), 1);
    let tokenizer = load("post_processor", of_a_pair).unwrap();
    assert!(tokenizer.encode(TEXT).is_err());
}
