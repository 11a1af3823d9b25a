//! Which files mean which tokenizer, and what is said when they are not what they should be.

use crate::support;
use std::fs;

use tempfile::TempDir;
use trainer_tokenize::{AutoTokenizer, Error, Side, Tokenizer};

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nÉtude\nétude\netude\ndog\n##s\n你\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn load(files: &[(&str, &str)]) -> Result<Tokenizer, Error> {
    let folder = folder(files);
    AutoTokenizer::from_pretrained(folder.path().to_str().unwrap())
}

fn tokens(tokenizer: &Tokenizer, text: &str) -> Vec<String> {
    tokenizer.encode(text).unwrap().tokens().to_vec()
}

fn bert(config: &str) -> Tokenizer {
    load(&[("vocab.txt", VOCABULARY), ("tokenizer_config.json", config)]).unwrap()
}

#[test]
fn a_vocabulary_alone_is_an_uncased_bert() {
    let tokenizer = load(&[("vocab.txt", VOCABULARY)]).unwrap();
    assert_eq!(
        tokens(&tokenizer, "Étude dogs"),
        ["[CLS]", "etude", "dog", "##s", "[SEP]"]
    );
    assert_eq!(
        tokenizer.encode_pair("dog", "cat").unwrap().type_ids(),
        [0, 0, 0, 1, 1]
    );
    assert_eq!(tokenizer.model_max_length(), None);
    assert_eq!(tokenizer.config().tokenizer_class, "BertTokenizer");
}

#[test]
fn the_configuration_changes_berts_cleaning() {
    assert_eq!(
        tokens(&bert(r#"{"do_lower_case": false}"#), "Étude")[1],
        "Étude"
    );
    assert_eq!(
        tokens(&bert(r#"{"strip_accents": false}"#), "Étude")[1],
        "étude"
    );
    assert_eq!(
        tokens(&bert("{}"), "你dog"),
        ["[CLS]", "你", "dog", "[SEP]"]
    );
    assert_eq!(
        tokens(&bert(r#"{"tokenize_chinese_chars": false}"#), "你dog")[1],
        "[UNK]"
    );
}

#[test]
fn the_configuration_also_governs_a_bert_in_tokenizer_json() {
    let saved = tempfile::tempdir().unwrap();
    bert("{}").save_pretrained(saved.path()).unwrap();
    let json = fs::read_to_string(saved.path().join("tokenizer.json")).unwrap();
    let load = |config: &str| {
        load(&[("tokenizer.json", &json), ("tokenizer_config.json", config)]).unwrap()
    };
    let cased = load(r#"{"tokenizer_class": "BertTokenizerFast", "do_lower_case": false}"#);
    assert_eq!(tokens(&cased, "Étude")[1], "Étude");
    // Python's BertTokenizer would lower letters for want of the field, whatever tokenizer.json says.
    let recased = tempfile::tempdir().unwrap();
    cased.save_pretrained(recased.path()).unwrap();
    let json = fs::read_to_string(recased.path().join("tokenizer.json")).unwrap();
    let silent = self::load(&[
        ("tokenizer.json", &json),
        ("config.json", r#"{"model_type": "bert"}"#),
    ])
    .unwrap();
    assert_eq!(tokens(&silent, "Étude")[1], "Étude");
    assert_eq!(
        silent.model_input_names(),
        ["input_ids", "token_type_ids", "attention_mask"]
    );
}

#[test]
fn fields_of_the_configuration() {
    let tokenizer = bert(
        r#"{"model_max_length": 6, "padding_side": "left", "truncation_side": "left",
            "model_input_names": ["input_ids", "attention_mask"], "pad_token": {"content": "[UNK]", "lstrip": false},
            "mask_token": null, "extra_special_tokens": ["<a>", "dog"]}"#,
    );
    assert_eq!(tokenizer.model_max_length(), Some(6));
    assert_eq!(
        (tokenizer.padding_side(), tokenizer.truncation_side()),
        (Side::Left, Side::Left)
    );
    assert_eq!(
        tokenizer.model_input_names(),
        ["input_ids", "attention_mask"]
    );
    assert_eq!(tokenizer.pad_token_id(), Some(1));
    assert_eq!(tokenizer.special_tokens().mask_token, None);
    assert_eq!(tokenizer.token_to_id("<a>"), Some(11));
    assert_eq!(tokenizer.token_to_id("dog"), Some(8));
    assert_eq!(
        tokens(&tokenizer, "étude<a>dog"),
        ["[CLS]", "etude", "<a>", "dog", "[SEP]"]
    );
    assert_eq!(tokenizer.decode(&[7, 11, 8], true).unwrap(), "etude");
}

#[test]
fn special_tokens_map_and_added_tokens_of_older_folders() {
    let tokenizer = load(&[
        ("vocab.txt", VOCABULARY),
        (
            "special_tokens_map.json",
            r#"{"pad_token": "<pad>", "unk_token": {"content": "[UNK]"}}"#,
        ),
        ("added_tokens.json", r#"{"<second>": 12, "<first>": 11}"#),
    ])
    .unwrap();
    assert_eq!(tokenizer.token_to_id("<first>"), Some(11));
    assert_eq!(tokenizer.token_to_id("<second>"), Some(12));
    assert_eq!(tokenizer.pad_token_id(), Some(13));
    assert_eq!(tokenizer.vocab_size(), 14);
}

#[test]
fn stored_padding_and_truncation_are_not_applied() {
    let Some(folder) = support::snapshot("models", "sentence-transformers/all-MiniLM-L6-v2") else {
        return;
    };
    let stored = fs::read_to_string(folder.join("tokenizer.json")).unwrap();
    assert!(stored.contains(r#""strategy":{"Fixed":128}"#));
    let tokenizer = AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap();
    assert_eq!(tokenizer.encode("a").unwrap().len(), 3);
    assert_eq!(tokenizer.encode(&"a ".repeat(300)).unwrap().len(), 302);
}

fn message(files: &[(&str, &str)]) -> String {
    load(files).unwrap_err().to_string()
}

#[test]
fn bad_files_are_errors_that_name_them() {
    assert!(message(&[]).contains("neither tokenizer.json nor vocab.txt"));
    let text = message(&[("vocab.json", "{}")]);
    assert!(
        text.contains("vocab.json has no merges.txt beside it"),
        "{text}"
    );
    let both = |merges| {
        [
            ("vocab.json", r#"{"a": 0, "b": 1}"#),
            ("merges.txt", merges),
        ]
    };
    let text = message(&both("a b"));
    assert!(text.contains("not built from vocab.json"), "{text}");
    let roberta = ("config.json", r#"{"model_type": "roberta"}"#);
    let [vocabulary, merges] = both("#version: 0.2\na b c\n");
    let text = message(&[vocabulary, merges, roberta]);
    assert!(
        text.contains("merges.txt") && text.contains("line 2"),
        "{text}"
    );
    let text = message(&[("vocab.json", "[1]"), merges, roberta]);
    assert!(text.contains("vocab.json is not valid"), "{text}");
    let [_, merges] = both("a b\n");
    let text = message(&[vocabulary, merges, roberta]);
    assert!(
        text.contains("vocab.json is not a usable vocabulary"),
        "{text}"
    );
    let text = message(&[("tokenizer.json", "{\"version\": ")]);
    assert!(
        text.contains("tokenizer.json is not a usable vocabulary"),
        "{text}"
    );
    let text = message(&[("vocab.txt", VOCABULARY), ("tokenizer_config.json", "{]")]);
    assert!(
        text.contains("tokenizer_config.json is not valid") && text.contains("line 1"),
        "{text}"
    );
    let text = message(&[("vocab.txt", "dog\ncat\n")]);
    assert!(
        text.contains("vocab.txt lacks the special token \"[CLS]\""),
        "{text}"
    );
    for (config, field) in [
        (r#"{"model_max_length": "long"}"#, "model_max_length"),
        (r#"{"model_max_length": -2}"#, "model_max_length"),
        (r#"{"padding_side": "up"}"#, "padding_side"),
        (r#"{"model_input_names": []}"#, "model_input_names"),
        (r#"{"pad_token": 3}"#, "pad_token"),
        (r#"{"do_lower_case": "yes"}"#, "do_lower_case"),
        (r#"{"tokenizer_class": 1}"#, "tokenizer_class"),
    ] {
        let text = message(&[("vocab.txt", VOCABULARY), ("tokenizer_config.json", config)]);
        assert!(
            text.contains("tokenizer_config.json") && text.contains(field),
            "{text}"
        );
    }
}

#[test]
fn a_vocabulary_of_a_class_that_is_not_read_here_is_refused_clearly() {
    let text = message(&[
        ("spiece.model", "pieces"),
        (
            "tokenizer_config.json",
            r#"{"tokenizer_class": "XLNetTokenizer"}"#,
        ),
    ]);
    assert!(
        text.contains("XLNetTokenizer is not built from spiece.model"),
        "{text}"
    );
    assert!(text.contains("save_pretrained"), "{text}");
}

/// Python refuses the folder as it is too: "`vocab` and `merges` must be both be from memory or both filenames". The ids are
/// Python's of the folder with an empty `merges.txt`.
#[test]
fn a_protein_vocabulary_needs_a_file_of_merges() {
    let Some(folder) = support::snapshot("models", "merck/sapiens-vh") else {
        return;
    };
    let error = AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    let error = error.to_string();
    assert!(
        error.contains("vocab.json has no merges.txt beside it") && error.contains("an empty one"),
        "{error}"
    );
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    let (vocabulary, config) = (read("vocab.json"), read("config.json"));
    let files = [
        ("vocab.json", vocabulary.as_str()),
        ("config.json", &config),
        ("merges.txt", ""),
    ];
    let tokenizer = load(&files).unwrap();
    assert_eq!(tokenizer.config().tokenizer_class, "RobertaTokenizer");
    for (text, ids) in [
        ("EVQLVESGG", &[0, 7, 21, 17, 13, 21, 7, 19, 9, 9, 2][..]),
        ("evq X*L", &[0, 13, 2]),
        ("<mask>VQ", &[0, 24, 21, 17, 2]),
    ] {
        assert_eq!(tokenizer.encode(text).unwrap().ids(), ids, "{text}");
    }
}

#[test]
fn ids_that_are_none_are_refused_when_decoding() {
    let tokenizer = bert("{}");
    let error = tokenizer.decode(&[8, -100], false).unwrap_err().to_string();
    assert_eq!(error, "-100 at position 1 is not a token id");
    assert_eq!(tokenizer.decode(&[8, 9, 4_000_000], false).unwrap(), "dogs");
}

#[test]
fn of_no_token_there_is_no_text() {
    let model = tokenizers::models::bpe::BPE::default();
    let mut backend = tokenizers::Tokenizer::new(model);
    backend.with_decoder(Some(tokenizers::decoders::bpe::BPEDecoder::default()));
    let mut config = trainer_tokenize::TokenizerConfig::default();
    config.special_tokens.pad_token = Some("<pad>".to_owned());
    let tokenizer = trainer_tokenize::Tokenizer::from_backend(backend, config).unwrap();
    assert_eq!(tokenizer.decode(&[], false).unwrap(), "");
    assert_eq!(tokenizer.decode(&[0, 7], true).unwrap(), "");
    assert_eq!(tokenizer.decode(&[0], false).unwrap(), "<pad>");
}
