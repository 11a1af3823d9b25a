//! The columns that a map gets from tokenizers have the types and the values that `parity/mapped_tokens.py` recorded from Python's
//! `datasets`.

use serde_json::{Value as Json, json};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::processors::template::TemplateProcessing;
use trainer_data::{Column, Columns, Dataset, Feature, MapOptions, MapRows, Value};
use trainer_tokenize::{
    AutoTokenizer, Padding, QuestionAnsweringFeatures, Tokenizer, TokenizerConfig,
};

use crate::{
    question_answering::{self, json_of, squad},
    support,
};

fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/mapped.json")).unwrap()
}

/// The texts and words of the recorded maps.
fn data(recorded: &Json) -> Dataset {
    let texts =
        |name: &str| -> Vec<String> { serde_json::from_value(recorded[name].clone()).unwrap() };
    let words: Vec<Vec<String>> = serde_json::from_value(recorded["words"].clone()).unwrap();
    let tags: Vec<Vec<i64>> = serde_json::from_value(recorded["tags"].clone()).unwrap();
    let columns = Columns::new()
        .with("first", Column::strings(texts("first")))
        .with("second", Column::strings(texts("second")))
        .with("words", Column::string_lists(words))
        .with("tags", Column::int_lists(tags));
    Dataset::from_columns(columns).unwrap()
}

fn map(data: &Dataset, function: &impl MapRows) -> Dataset {
    let options = MapOptions::default().remove_columns(data.column_names());
    data.map_with(function, &options).unwrap()
}

fn mapped(data: &Dataset, examples: &Dataset, tokenizer: &Tokenizer, kind: &str) -> Dataset {
    let first = || tokenizer.single("first");
    let pair = || tokenizer.pair("first", "second");
    let validation = || QuestionAnsweringFeatures::validation(tokenizer);
    let questions = |examples: &Dataset, set: QuestionAnsweringFeatures| {
        let set = set.max_length(22).stride(4).python_positions(true);
        map(examples, &set)
    };
    let columns = match kind {
        "single" => first(),
        "pair" => pair().truncation(true).max_length(9),
        "special_tokens" => first().return_special_tokens_mask(true),
        "offsets" => pair().return_offsets_mapping(true),
        "windows" => first()
            .truncation(true)
            .max_length(6)
            .stride(2)
            .return_overflowing_tokens(true)
            .return_offsets_mapping(true),
        "padded" => tokenizer
            .single("second")
            .truncation(true)
            .max_length(12)
            .padding(Padding::MaxLength)
            .return_special_tokens_mask(true),
        "words" => tokenizer.single("words").is_split_into_words(true),
        "labels" => tokenizer.single("words").word_labels("tags"),
        "training" => {
            return questions(examples, QuestionAnsweringFeatures::training(tokenizer));
        }
        "validation" => return questions(examples, validation()),
        "numbered" => {
            let ids = Column::values(&Feature::Int8, (0..4).map(Value::Int)).unwrap();
            let numbered = examples.remove_columns(&["id"]).unwrap();
            let numbered = numbered.add_column("id", ids).unwrap();
            return questions(&numbered, validation());
        }
        other => panic!("{other}"),
    };
    map(data, &columns)
}

fn types(data: &Dataset) -> Json {
    let features = data.features();
    let types = features
        .iter()
        .map(|(name, feature)| json!([name, feature.to_string()]));
    types.collect()
}

#[test]
fn columns_have_pythons_types_and_values() {
    let recorded = recorded();
    let data = data(&recorded["data"]);
    let examples = question_answering::recorded()["examples"].clone();
    let examples = squad(&examples.as_array().unwrap()[..4]);
    for (name, kinds) in recorded["models"].as_object().unwrap() {
        let Some(folder) = support::snapshot("models", name) else {
            continue;
        };
        let tokenizer = AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap();
        for (kind, python) in kinds.as_object().unwrap() {
            let mapped = mapped(&data, &examples, &tokenizer, kind);
            assert_eq!(types(&mapped), python["features"], "{name}, {kind}");
            for (column, values) in python["rows"].as_object().unwrap() {
                assert_eq!(
                    json_of(&mapped, column),
                    *values,
                    "{name}, {kind}, {column}"
                );
            }
        }
    }
}

/// As in Python, and columns of other names too.
#[test]
fn numbers_that_do_not_fit_have_64_bits() {
    let tokenizer = |type_id: u32, first: &str| {
        let vocabulary = [("a".to_owned(), 0)];
        let model = WordLevel::builder()
            .vocab(vocabulary.into_iter().collect())
            .unk_token("a".to_owned())
            .build();
        let mut backend = tokenizers::Tokenizer::new(model.unwrap());
        let template = TemplateProcessing::builder()
            .try_single(format!("$A:{type_id}"))
            .unwrap()
            .build();
        backend.with_post_processor(Some(template.unwrap()));
        let mut config = TokenizerConfig::new("BertTokenizer");
        config.model_input_names = vec![first.to_owned(), "token_type_ids".to_owned()];
        Tokenizer::from_backend(backend, config).unwrap()
    };
    for (type_id, first, ids, types) in [
        (127, "input_ids", "list<int32>", "list<int8>"),
        (128, "input_ids", "list<int32>", "list<int64>"),
        (0, "tokens", "list<int64>", "list<int8>"),
    ] {
        let columns = Columns::new().with("text", Column::strings(["a"]));
        let data = Dataset::from_columns(columns).unwrap();
        let data = map(&data, &tokenizer(type_id, first).single("text"));
        let features = data.features();
        assert_eq!(features.get(first).unwrap().to_string(), ids);
        assert_eq!(features.get("token_type_ids").unwrap().to_string(), types);
        assert_eq!(json_of(&data, first), json!([[0]]));
        assert_eq!(json_of(&data, "token_type_ids"), json!([[type_id]]));
    }
}
