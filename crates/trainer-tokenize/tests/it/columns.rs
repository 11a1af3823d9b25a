//! Columns of texts become columns of ids.

use crate::support;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::pre_tokenizers::whitespace::Whitespace;
use trainer_data::{Column, Columns, Dataset, Feature, Value};
use trainer_tokenize::{AutoTokenizer, Tokenizer, TokenizerConfig};

/// Words `a` to `h` with BERT's special tokens; ids 5 to 12.
fn letters(config: TokenizerConfig) -> Tokenizer {
    let vocabulary =
        WordPiece::read_bytes(b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\nh")
            .unwrap();
    let mut backend =
        tokenizers::Tokenizer::new(WordPiece::builder().vocab(vocabulary).build().unwrap());
    backend.with_pre_tokenizer(Some(Whitespace {}));
    let template = tokenizers::processors::template::TemplateProcessing::builder()
        .try_single("[CLS] $A [SEP]")
        .unwrap()
        .try_pair("[CLS] $A [SEP] $B:1 [SEP]:1")
        .unwrap()
        .special_tokens(vec![("[CLS]", 2), ("[SEP]", 3)])
        .build()
        .unwrap();
    backend.with_post_processor(Some(template));
    Tokenizer::from_backend(backend, config).unwrap()
}

fn bert() -> Tokenizer {
    letters(TokenizerConfig::new("BertTokenizer"))
}

fn sentences() -> Dataset {
    let columns = Columns::new()
        .with("first", Column::strings(["a b", "c", "d e f g h"]))
        .with("second", Column::strings(["h", "a b c", "a b c d e"]))
        .with("label", Column::ints([0, 1, 0]));
    Dataset::from_columns(columns).unwrap()
}

fn lists(data: &Dataset, column: &str) -> Vec<Vec<i64>> {
    let rows: Vec<usize> = (0..data.num_rows()).collect();
    let rows = data.rows(&rows).unwrap();
    let column = rows.column(column).unwrap();
    (0..rows.len())
        .map(|k| column.int_list(k).unwrap().into_owned())
        .collect()
}

#[test]
fn a_map_adds_the_columns_that_the_model_takes() {
    let data = sentences().map(bert().single("first")).unwrap();
    let names: Vec<&str> = data.column_names().collect();
    assert_eq!(
        names,
        [
            "first",
            "second",
            "label",
            "input_ids",
            "token_type_ids",
            "attention_mask"
        ]
    );
    assert_eq!(
        lists(&data, "input_ids"),
        [
            vec![2, 5, 6, 3],
            vec![2, 7, 3],
            vec![2, 8, 9, 10, 11, 12, 3]
        ]
    );
    assert_eq!(
        lists(&data, "attention_mask"),
        [vec![1; 4], vec![1; 3], vec![1; 7]]
    );

    let plain = letters(TokenizerConfig::default());
    let data = sentences().map(plain.single("first")).unwrap();
    assert!(data.has_column("attention_mask") && !data.has_column("token_type_ids"));
}

#[test]
fn pairs_have_types_and_optional_columns() {
    let mapping = bert().pair("first", "second");
    let mapping = mapping
        .return_special_tokens_mask(true)
        .return_offsets_mapping(true);
    let data = sentences().map(mapping).unwrap();
    assert_eq!(lists(&data, "input_ids")[0], [2, 5, 6, 3, 12, 3]);
    assert_eq!(lists(&data, "token_type_ids")[0], [0, 0, 0, 0, 1, 1]);
    assert_eq!(lists(&data, "special_tokens_mask")[0], [1, 0, 0, 1, 0, 1]);
    let rows = data.rows(&[0]).unwrap();
    let offsets = rows.column("offset_mapping").unwrap().value(0).unwrap();
    let pairs = [(0, 0), (0, 1), (2, 3), (0, 0), (0, 1), (0, 0)];
    let pairs: Vec<Value> = pairs
        .iter()
        .map(|&(begin, end)| Value::from(vec![begin as i64, end]))
        .collect();
    assert_eq!(offsets, Value::List(pairs));
}

#[test]
fn truncation_takes_the_given_limit_then_the_models() {
    let limited = letters(TokenizerConfig {
        model_max_length: Some(6),
        ..TokenizerConfig::new("BertTokenizer")
    });
    let pair = || limited.pair("first", "second");
    let lengths = |data: Dataset| {
        lists(&data, "input_ids")
            .iter()
            .map(Vec::len)
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(sentences().map(pair()).unwrap()), [6, 7, 13]);
    assert_eq!(
        lengths(sentences().map(pair().truncation(true)).unwrap()),
        [6, 6, 6]
    );
    assert_eq!(
        lengths(
            sentences()
                .map(pair().truncation(true).max_length(8))
                .unwrap()
        ),
        [6, 7, 8]
    );
    assert_eq!(
        lengths(sentences().map(pair().max_length(5)).unwrap()),
        [5, 5, 5]
    );
    assert_eq!(
        lengths(
            sentences()
                .map(pair().truncation(false).max_length(5))
                .unwrap()
        ),
        [6, 7, 13]
    );
    let unlimited = bert().pair("first", "second").truncation(true);
    assert_eq!(lengths(sentences().map(unlimited).unwrap()), [6, 7, 13]);
}

#[test]
fn errors_name_column_and_row() {
    let message = |result: trainer_data::Result<Dataset>| {
        let error = result.unwrap_err();
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            text = format!("{text}: {inner}");
            source = inner.source();
        }
        text
    };
    let text = message(sentences().map(bert().single("frist")));
    assert!(
        text.contains("\"frist\"") && text.contains("first, second, label"),
        "{text}"
    );
    let text = message(sentences().map(bert().single("label")));
    assert!(
        text.contains("\"label\"") && text.contains("string"),
        "{text}"
    );

    let nulls = [Value::from("a"), Value::Null, Value::from("b")];
    let nulls = Column::values(&Feature::String, nulls).unwrap();
    let data = Dataset::from_columns(Columns::new().with("text", nulls)).unwrap();
    let text = message(data.map(bert().single("text")));
    assert!(
        text.contains("row 1 of the column \"text\": it is null"),
        "{text}"
    );

    let text = message(sentences().map(bert().pair("first", "second").max_length(2)));
    assert!(
        text.contains("row 0") && text.contains("cannot truncate to 2 tokens"),
        "{text}"
    );
}

#[test]
fn all_of_mrpc_equals_row_by_row_encoding() {
    let name = "sentence-transformers/all-MiniLM-L6-v2";
    let (Some(model), Some(glue)) = (
        support::snapshot("models", name),
        support::snapshot("datasets", "nyu-mll/glue"),
    ) else {
        return;
    };
    let tokenizer = AutoTokenizer::from_pretrained(model.to_str().unwrap()).unwrap();
    let raw = trainer_data::load_dataset(glue.to_str().unwrap(), "mrpc").unwrap();
    let begin = std::time::Instant::now();
    let tokenized = raw
        .map(tokenizer.pair("sentence1", "sentence2").truncation(true))
        .unwrap();
    println!("MRPC tokenized in {:?}", begin.elapsed());
    let (raw, tokenized) = (
        &raw["validation"],
        lists(&tokenized["validation"], "input_ids"),
    );
    let numbers: Vec<usize> = (0..raw.num_rows()).collect();
    let rows = raw.rows(&numbers).unwrap();
    let (first, second) = (
        rows.column("sentence1").unwrap(),
        rows.column("sentence2").unwrap(),
    );
    assert_eq!(tokenized.len(), 408);
    for (k, ids) in tokenized.iter().enumerate() {
        let encoding = tokenizer
            .encode_pair(first.str(k).unwrap(), second.str(k).unwrap())
            .unwrap();
        assert!(
            encoding
                .ids()
                .iter()
                .map(|&id| i64::from(id))
                .eq(ids.iter().copied()),
            "row {k}"
        );
    }
}
