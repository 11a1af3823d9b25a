//! Padding in the call: as Python pads.

use serde_json::Value;
use trainer_data::{Column, Columns, Dataset};
use trainer_tokenize::{
    EncodeOptions, Encoding, Error, Padding, Side, Tokenizer, TokenizerConfig, Truncation,
};

/// `parity/tokenizer_padding.py`.
fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/padding.json")).unwrap()
}

fn tokenizer(config: TokenizerConfig) -> Tokenizer {
    let vocabulary = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vocab.txt"), vocabulary).unwrap();
    let limit = config.model_max_length;
    let said = limit.map_or("{}".to_owned(), |limit| {
        format!("{{\"model_max_length\": {limit}}}")
    });
    std::fs::write(folder.path().join("tokenizer_config.json"), said).unwrap();
    trainer_tokenize::AutoTokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap()
}

fn options(case: &Value) -> EncodeOptions {
    let said = &case["options"];
    let number = |name: &str| {
        said[name]
            .as_u64()
            .map(|number| usize::try_from(number).unwrap())
    };
    let mut options = EncodeOptions::new().padding(match &said["padding"] {
        Value::Bool(on) => Padding::from(*on),
        name if name == "max_length" => Padding::MaxLength,
        _ => Padding::Longest,
    });
    if let Some(length) = number("max_length") {
        options = options.max_length(length);
    }
    if let Some(multiple) = number("pad_to_multiple_of") {
        options = options.pad_to_multiple_of(multiple);
    }
    if said["padding_side"] == "left" {
        options = options.padding_side(Side::Left);
    }
    match &said["truncation"] {
        Value::Bool(on) => options.truncation(*on),
        Value::Null => options,
        name if name == "do_not_truncate" => options.truncation(Truncation::Off),
        _ => options.truncation(Truncation::OnlyFirst),
    }
}

#[test]
fn rows_are_padded_as_in_python() {
    let recorded = recorded();
    assert!(recorded.len() >= 20);
    for case in &recorded {
        let mut config = TokenizerConfig::new("BertTokenizer");
        config.model_max_length = case["model_max_length"]
            .as_u64()
            .map(|limit| usize::try_from(limit).unwrap());
        let tokenizer = tokenizer(config);
        let rows: Vec<(&str, Option<&str>)> = case["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row[0].as_str().unwrap(), row[1].as_str()))
            .collect();
        let made = tokenizer.batch(rows, &options(case));
        let Some(batch) = case["batch"].as_object() else {
            let wrong = made.expect_err(&case.to_string());
            let multiple = case["raises"].as_str().unwrap().contains("not a multiple");
            match multiple {
                true => assert!(matches!(wrong, Error::PaddingMultiple { .. }), "{case}"),
                false => assert!(matches!(wrong, Error::Row { .. }), "{case}"),
            }
            continue;
        };
        let made = made.unwrap();
        let column = |read: fn(&Encoding) -> &[u32]| {
            Value::from(
                made.iter()
                    .map(|row| read(row).to_vec().into())
                    .collect::<Vec<Value>>(),
            )
        };
        assert_eq!(column(Encoding::ids), batch["input_ids"], "{case}");
        assert_eq!(
            column(Encoding::type_ids),
            batch["token_type_ids"],
            "{case}"
        );
        assert_eq!(
            column(Encoding::attention_mask),
            batch["attention_mask"],
            "{case}"
        );
        assert_eq!(
            column(Encoding::special_tokens_mask),
            batch["special_tokens_mask"],
            "{case}"
        );
        let offsets: Vec<&[(usize, usize)]> = made.iter().map(Encoding::offsets).collect();
        assert_eq!(
            serde_json::json!(offsets),
            batch["offset_mapping"],
            "{case}"
        );
    }
}

#[test]
fn a_map_pads_its_batches_and_labels_of_words_know_it() {
    let tokenizer = tokenizer(TokenizerConfig::new("BertTokenizer"));
    let mut columns = Columns::new();
    columns.insert("words", Column::string_lists([vec!["a", "b"], vec!["c"]]));
    columns.insert("tags", Column::int_lists([vec![1, 2], vec![3]]));
    let dataset = Dataset::from_columns(columns).unwrap();
    let encode = tokenizer
        .single("words")
        .word_labels("tags")
        .padding(true)
        .pad_to_multiple_of(6);
    let rows = dataset.rows(&[0, 1]).unwrap();
    let made = Dataset::from_columns(encode.encode_rows(&rows).unwrap()).unwrap();
    let made = made.rows(&[1]).unwrap();
    let row = |name: &str| made.column(name).unwrap().int_list(0).unwrap().into_owned();
    assert_eq!(row("input_ids"), [2, 7, 3, 0, 0, 0]);
    assert_eq!(row("attention_mask"), [1, 1, 1, 0, 0, 0]);
    assert_eq!(row("labels"), [-100, 3, -100, -100, -100, -100]);
}

#[test]
fn without_a_token_there_is_no_padding() {
    let vocabulary = tokenizers::models::wordpiece::WordPiece::read_bytes(b"[UNK]\na").unwrap();
    let model = tokenizers::models::wordpiece::WordPiece::builder()
        .vocab(vocabulary)
        .build()
        .unwrap();
    let backend = tokenizers::Tokenizer::new(model);
    let tokenizer = Tokenizer::from_backend(backend, TokenizerConfig::default()).unwrap();
    let padded = tokenizer.encode_with("a", None, &EncodeOptions::new().padding(true));
    assert!(matches!(padded, Err(Error::NoPadToken)));
}
