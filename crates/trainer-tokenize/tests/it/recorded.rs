//! Ids, types, offsets and texts equal those that `parity/tokenizer_values.py` recorded from transformers.

use crate::support;
use serde_json::{Value, json};
use trainer_tokenize::{AutoTokenizer, EncodeOptions, Encoding, Tokenizer, Truncation};

fn recorded() -> Value {
    serde_json::from_str(include_str!("../data/values.json")).unwrap()
}

fn tokenizer(name: &str) -> Option<Tokenizer> {
    let folder = support::snapshot("models", name)?;
    Some(AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap())
}

fn columns(encoding: &Encoding, like: &Value) -> Value {
    let keys = like.as_object().unwrap().keys();
    keys.filter_map(|key| {
        let value = match key.as_str() {
            "input_ids" => json!(encoding.ids()),
            "token_type_ids" => json!(encoding.type_ids()),
            "attention_mask" => json!(encoding.attention_mask()),
            "special_tokens_mask" => json!(encoding.special_tokens_mask()),
            "offset_mapping" => json!(encoding.offsets()),
            _ => return None,
        };
        Some((key.clone(), value))
    })
    .collect()
}

fn expected(like: &Value) -> Value {
    let known = [
        "input_ids",
        "token_type_ids",
        "attention_mask",
        "special_tokens_mask",
        "offset_mapping",
    ];
    let entries = like.as_object().unwrap().iter();
    entries
        .filter(|(key, _)| known.contains(&key.as_str()))
        .map(|(key, value)| {
            let row = value
                .get(0)
                .filter(|first| first.is_array() && key.as_str() != "offset_mapping");
            (key.clone(), row.unwrap_or(value).clone())
        })
        .collect()
}

fn ids(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_i64().unwrap())
        .collect()
}

#[test]
fn what_a_tokenizer_says_of_itself() {
    let recorded = recorded();
    for name in support::MODELS {
        let Some(tokenizer) = tokenizer(name) else {
            return;
        };
        let want = &recorded["models"][name];
        assert_eq!(
            json!(tokenizer.model_input_names()),
            want["model_input_names"],
            "{name}"
        );
        assert_eq!(
            json!(tokenizer.model_max_length()),
            want["model_max_length"],
            "{name}"
        );
        assert_eq!(
            json!(tokenizer.padding_side().name()),
            want["padding_side"],
            "{name}"
        );
        assert_eq!(
            json!(tokenizer.pad_token_id()),
            want["pad_token_id"],
            "{name}"
        );
        assert_eq!(json!(tokenizer.vocab_size()), want["size"], "{name}");
        let special: serde_json::Map<String, Value> = tokenizer
            .special_tokens()
            .iter()
            .map(|(name, token)| (name.to_owned(), json!(token)))
            .collect();
        assert_eq!(Value::Object(special), want["special_tokens"], "{name}");
    }
}

#[test]
fn single_texts() {
    let recorded = recorded();
    for name in support::MODELS {
        let Some(tokenizer) = tokenizer(name) else {
            return;
        };
        for want in recorded["models"][name]["texts"].as_array().unwrap() {
            let text = want["text"].as_str().unwrap();
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(columns(&encoding, want), expected(want), "{name}: {text:?}");
            let ids = ids(&want["input_ids"]);
            assert_eq!(
                json!(tokenizer.decode(&ids, false).unwrap()),
                want["decoded"],
                "{name}: {text:?}"
            );
            assert_eq!(
                json!(tokenizer.decode(&ids, true).unwrap()),
                want["decoded_skip"],
                "{name}: {text:?}"
            );
            let bare = EncodeOptions::new().add_special_tokens(false);
            let bare = tokenizer.encode_with(text, None, &bare).unwrap();
            assert_eq!(json!(bare.ids()), want["bare"], "{name}: {text:?}");
            let lengths = recorded["lengths"].as_array().unwrap();
            for (length, cut) in lengths.iter().zip(want["cut"].as_array().unwrap()) {
                let length = usize::try_from(length.as_u64().unwrap()).unwrap();
                let options = EncodeOptions::new().truncation(true).max_length(length);
                let encoding = tokenizer.encode_with(text, None, &options).unwrap();
                assert_eq!(json!(encoding.ids()), *cut, "{name}: {text:?} to {length}");
            }
        }
    }
}

#[test]
fn pairs_whole_and_truncated() {
    let recorded = recorded();
    let mut refused = 0;
    for name in support::MODELS {
        let Some(right) = tokenizer(name) else { return };
        let left = support::cut_on_the_left(&right);
        for want in recorded["models"][name]["pairs"].as_array().unwrap() {
            let first = want["first"].as_str().unwrap();
            let second = want["second"].as_str().unwrap();
            let whole = right.encode_pair(first, second).unwrap();
            assert_eq!(
                columns(&whole, &want["whole"]),
                expected(&want["whole"]),
                "{name}: {first:?} {second:?}"
            );
            for cut in want["cuts"].as_array().unwrap() {
                let tokenizer = if cut["side"] == "left" { &left } else { &right };
                let strategy = match cut["strategy"].as_str().unwrap() {
                    "only_first" => Truncation::OnlyFirst,
                    "only_second" => Truncation::OnlySecond,
                    _ => Truncation::LongestFirst,
                };
                let length = usize::try_from(cut["max_length"].as_u64().unwrap()).unwrap();
                let options = EncodeOptions::new().truncation(strategy).max_length(length);
                let got = tokenizer.encode_with(first, Some(second), &options);
                // Python gives back more than the limit where the special tokens alone are more: the limit wraps around.
                let too_long = cut["result"]["input_ids"][0]
                    .as_array()
                    .is_some_and(|ids| ids.len() > length);
                match (&cut["result"], got) {
                    (want, got) if want.is_null() || too_long => {
                        refused += 1;
                        let error = got
                            .expect_err(&format!("{name}: {first:?} {second:?} {cut}"))
                            .to_string();
                        assert!(
                            error.contains(&format!("cannot truncate to {length} tokens")),
                            "{error}"
                        );
                    }
                    (want, got) => assert_eq!(
                        columns(&got.unwrap(), want),
                        expected(want),
                        "{name}: {first:?} {cut}"
                    ),
                }
            }
        }
    }
    assert!(refused > 0);
}
