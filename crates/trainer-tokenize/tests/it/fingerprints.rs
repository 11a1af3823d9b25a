//! What decides about the columns that a mapping makes is in its fingerprint.

use std::collections::HashSet;

use trainer_data::{Column, Columns, Dataset, MapOptions, MapRows, ResultCache};
use trainer_tokenize::{
    AutoTokenizer, EncodeColumns, Padding, QuestionAnsweringFeatures, Side, Tokenizer, Truncation,
};

use crate::support;

/// A tokenizer of one word more than the special tokens.
fn tokenizer(word: &str, config: &str) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "vocab.txt",
        &format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{word}"),
    );
    write("tokenizer_config.json", config);
    AutoTokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap()
}

const CONFIG: &str = r#"{"tokenizer_class": "BertTokenizer"}"#;

fn fingerprint(function: &impl MapRows) -> String {
    function.fingerprint().unwrap()
}

#[test]
fn another_tokenizer_or_option_has_another_fingerprint() {
    let bert = tokenizer("a", CONFIG);
    let columns = |tokenizer: &Tokenizer| tokenizer.single("first");
    let one = || columns(&bert);
    let changed: Vec<EncodeColumns> = vec![
        one(),
        columns(&tokenizer("b", CONFIG)),
        columns(&tokenizer(
            "a",
            r#"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#,
        )),
        columns(&tokenizer(
            "a",
            r#"{"tokenizer_class": "BertTokenizer", "model_max_length": 7}"#,
        )),
        columns(&support::cut_on_the_left(&bert)),
        columns(&support::padded_on_the_left(&bert)),
        bert.single("second"),
        bert.pair("first", "second"),
        bert.pair("second", "first"),
        one().truncation(true),
        one().truncation(Truncation::OnlyFirst),
        one().max_length(4),
        one().max_length(5),
        one().truncation_side(Side::Left),
        one().padding(Padding::Longest),
        one().padding(Padding::MaxLength),
        one().padding_side(Side::Left),
        one().pad_to_multiple_of(8),
        one().add_special_tokens(false),
        one().return_special_tokens_mask(true),
        one().return_offsets_mapping(true),
        one().is_split_into_words(true),
        one().word_labels("tags"),
        one().word_labels("tags").label_all_tokens(true),
        one().return_overflowing_tokens(true),
        one().stride(2),
    ];
    let all: HashSet<String> = changed.iter().map(fingerprint).collect();
    assert_eq!(all.len(), changed.len());
    assert_eq!(
        fingerprint(&one()),
        fingerprint(&columns(&tokenizer("a", CONFIG)))
    );

    let questions = || QuestionAnsweringFeatures::training(&bert);
    let changed = [
        questions(),
        QuestionAnsweringFeatures::validation(&bert),
        QuestionAnsweringFeatures::training(&tokenizer("b", CONFIG)),
        questions().max_length(100),
        questions().stride(3),
        questions().pad_to_max_length(true),
    ];
    let all: HashSet<String> = changed.iter().map(fingerprint).collect();
    assert_eq!(all.len(), changed.len());
}

#[test]
fn what_was_encoded_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = Columns::new().with("first", Column::strings(["a", "a a"]));
    let data = Dataset::from_columns(data).unwrap();
    let options = MapOptions::default().cache(ResultCache::new().folder(folder.path()));
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let encoded = data
        .map_with(&tokenizer("a", CONFIG).single("first"), &options)
        .unwrap();
    assert_eq!(files(), 1);
    let again = data
        .map_with(&tokenizer("a", CONFIG).single("first"), &options)
        .unwrap();
    assert_eq!(files(), 1);
    for row in 0..2 {
        let ids = |data: &Dataset| data.row(row).unwrap().int_list("input_ids").unwrap();
        assert_eq!(ids(&again), ids(&encoded));
        assert_eq!(ids(&again).len(), row + 3);
    }
    data.map_with(
        &tokenizer("a", CONFIG)
            .single("first")
            .max_length(3)
            .truncation(true),
        &options,
    )
    .unwrap();
    assert_eq!(files(), 2);
}
