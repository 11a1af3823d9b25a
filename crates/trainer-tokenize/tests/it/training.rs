//! A vocabulary that is learned anew of the texts of `parity/tokenizer_class_values.py` is the one that Python learned of them.

use std::fs;

use serde_json::Value;
use trainer_data::{Column, Columns, Dataset};
use trainer_tokenize::{AutoTokenizer, Error, Tokenizer};

const TEXT: &str = "Hello hello world of words, and the other words! don't 1 2 3 say a b c d e f g h i j k l m n o p q r s t u v w x y z é";

fn load(entry: &Value) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in entry["files"].as_object().unwrap() {
        fs::write(folder.path().join(name), text.as_str().unwrap()).unwrap();
    }
    AutoTokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap()
}

/// The tokens with their ids; of Unigram with their scores, since pieces of one score have any order; of WordPiece the letters alone, since
/// which of two equally frequent pairs is put together first is any: in Python too these change from run to run.
fn vocabulary(tokenizer: &Tokenizer) -> Vec<(String, f64)> {
    let folder = tempfile::tempdir().unwrap();
    tokenizer.save_pretrained(folder.path()).unwrap();
    let text = fs::read_to_string(folder.path().join("tokenizer.json")).unwrap();
    let saved: Value = serde_json::from_str(&text).unwrap();
    let number = |token: &str, value: &Value| (token.to_owned(), value.as_f64().unwrap());
    let mut all: Vec<(String, f64)> = match &saved["model"]["vocab"] {
        Value::Array(pieces) => {
            let piece = |piece: &Value| number(piece[0].as_str().unwrap(), &piece[1]);
            pieces.iter().map(piece).collect()
        }
        ids => {
            let ids = ids.as_object().unwrap().iter();
            let any_order = saved["model"]["type"] == "WordPiece";
            let is_letter = |token: &str| token.trim_start_matches("##").chars().count() == 1;
            let id = |(token, id): (&String, &Value)| match any_order {
                true => is_letter(token).then(|| (token.clone(), 0.0)),
                false => Some(number(token, id)),
            };
            ids.filter_map(id).collect()
        }
    };
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

#[test]
fn a_vocabulary_is_learned_as_in_python() {
    let recorded: Vec<Value> =
        serde_json::from_str(include_str!("../data/class_values.json")).unwrap();
    let own = recorded
        .iter()
        .filter(|entry| !entry["name"].as_str().unwrap().contains(' '));
    let mut kinds = 0;
    for entry in own {
        let tokenizer = load(entry);
        let anew = tokenizer
            .train_new_from_iterator([TEXT; 3].iter(), 110, &[])
            .unwrap();
        assert_eq!(
            anew.vocab_size(),
            tokenizer.vocab_size(),
            "{}",
            entry["name"]
        );
        let (python, here) = (vocabulary(&tokenizer), vocabulary(&anew));
        assert_eq!(here.len(), python.len(), "{}", entry["name"]);
        for (one, other) in here.iter().zip(&python) {
            let same = one.0 == other.0 && (one.1 - other.1).abs() <= 1e-9 * other.1.abs();
            assert!(same, "{}: {one:?} {other:?}", entry["name"]);
        }
        let tokens = |tokenizer: &Tokenizer| {
            let encoding = tokenizer
                .encode_pair("Hello other [CLS] words!", "a")
                .unwrap();
            encoding.tokens().to_vec()
        };
        assert_eq!(tokens(&anew), tokens(&tokenizer), "{}", entry["name"]);
        kinds += 1;
    }
    assert_eq!(kinds, 15);
}

#[test]
fn a_column_of_a_data_set_and_new_special_tokens() {
    let recorded: Vec<Value> =
        serde_json::from_str(include_str!("../data/class_values.json")).unwrap();
    let bert = recorded
        .iter()
        .find(|entry| entry["name"] == "BertTokenizer")
        .unwrap();
    let tokenizer = load(bert);
    let mut columns = Columns::new();
    columns.insert("text", Column::strings(["low lower lowest", "low"]));
    let dataset = Dataset::from_columns(columns).unwrap();
    let anew = tokenizer
        .train_new_from_dataset(&dataset, "text", 24, &["<new>"])
        .unwrap();
    assert!(anew.token_to_id("low").is_some() && anew.vocab_size() <= 24);
    let id = anew.token_to_id("<new>").unwrap();
    assert_eq!(id, 5);
    assert!(anew.all_special_ids().contains(&id));
    assert_eq!(anew.encode("<new> low").unwrap().len(), 4);
    let missing = tokenizer.train_new_from_dataset(&dataset, "texts", 24, &[]);
    assert!(matches!(missing, Err(Error::Column { .. })));
}

#[test]
fn too_few_texts_for_pieces_are_an_error() {
    let recorded: Vec<Value> =
        serde_json::from_str(include_str!("../data/class_values.json")).unwrap();
    let albert = recorded
        .iter()
        .find(|entry| entry["name"] == "AlbertTokenizer")
        .unwrap();
    let none: [&str; 0] = [];
    let made = load(albert).train_new_from_iterator(none.iter(), 110, &[]);
    assert!(matches!(made, Err(Error::Train(_))), "{made:?}");
}
