//! One case: a text, a pair or parted words, and what Python made of it.

use std::fmt;

use serde_json::{Value, json};
use trainer_tokenize::{DecodeOptions, EncodeOptions, Encoding, Side, Tokenizer, Truncation};

/// A value that is not Python's.
pub(crate) struct Difference {
    /// Which value.
    pub(crate) kind: &'static str,
    case: Value,
    here: String,
    python: String,
}

/// So many characters of a value are shown.
const SHOWN: usize = 300;

impl Difference {
    pub(crate) fn new(kind: &'static str, here: &str, python: &Value) -> Self {
        Self {
            kind,
            case: Value::Null,
            here: here.to_owned(),
            python: python.to_string(),
        }
    }

    fn of(self, case: &Value) -> Self {
        let mut input = case.clone();
        if let Some(fields) = input.as_object_mut() {
            fields.retain(|name, _| !["result", "decoded"].contains(&name.as_str()));
        }
        Self {
            case: input,
            ..self
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str| text.chars().take(SHOWN).collect::<String>();
        let case = cut(&self.case.to_string());
        write!(
            f,
            "{}: {case}\n    here   {}\n    python {}",
            self.kind,
            cut(&self.here),
            cut(&self.python)
        )
    }
}

/// All that differs in a case.
pub(crate) fn differences(tokenizer: &Tokenizer, case: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let python = &case["result"];
    let encoding = match encode(tokenizer, case) {
        Err(_) if python.is_null() => return found,
        Err(error) => {
            // Python lets the limit wrap around where special tokens alone are more.
            let limit = case["max_length"].as_u64().unwrap_or(u64::MAX);
            let ids = python["ids"].as_array().map_or(0, Vec::len);
            if ids as u64 <= limit {
                let all = Difference::new("encoding", &error, &python["ids"]);
                found.push(all.of(case));
            }
            return found;
        }
        Ok(encoding) if python.is_null() => {
            let ids = json!(encoding.ids()).to_string();
            found.push(Difference::new("encoding", &ids, python).of(case));
            return found;
        }
        Ok(encoding) => encoding,
    };
    for (kind, here) in parts(&encoding) {
        if python.get(kind).is_some_and(|python| here != *python) {
            found.push(Difference::new(kind, &here.to_string(), &python[kind]).of(case));
        }
    }
    if case["decoded"].is_array() {
        let here = decoded(tokenizer, encoding.ids());
        if here != case["decoded"] {
            found.push(Difference::new("decoded", &here.to_string(), &case["decoded"]).of(case));
        }
    }
    found
}

fn parts(encoding: &Encoding) -> [(&'static str, Value); 7] {
    [
        ("ids", json!(encoding.ids())),
        ("types", json!(encoding.type_ids())),
        ("mask", json!(encoding.attention_mask())),
        ("special", json!(encoding.special_tokens_mask())),
        ("offsets", json!(encoding.offsets())),
        ("words", json!(encoding.word_ids())),
        ("sequences", json!(encoding.sequence_ids())),
    ]
}

fn encode(tokenizer: &Tokenizer, case: &Value) -> Result<Encoding, String> {
    let mut options = EncodeOptions::new();
    if let Some(add) = case["add_special_tokens"].as_bool() {
        options = options.add_special_tokens(add);
    }
    if let Some(length) = case["max_length"].as_u64() {
        options = options.max_length(usize::try_from(length).unwrap_or(usize::MAX));
    }
    options = match case["truncation"].as_str() {
        Some("longest_first") => options.truncation(Truncation::LongestFirst),
        Some("only_first") => options.truncation(Truncation::OnlyFirst),
        Some("only_second") => options.truncation(Truncation::OnlySecond),
        _ => options,
    };
    if case["side"] == "left" {
        options = options.truncation_side(Side::Left);
    }
    let encoding = match case["parted"].as_array() {
        Some(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            tokenizer.encode_words(&words, &options)
        }
        None => {
            let text = case["text"].as_str().unwrap_or_default();
            tokenizer.encode_with(text, case["pair"].as_str(), &options)
        }
    };
    encoding.map_err(|error| error.to_string())
}

/// With and without special tokens, then the same cleaned up.
fn decoded(tokenizer: &Tokenizer, ids: &[u32]) -> Value {
    let ids: Vec<i64> = ids.iter().copied().map(i64::from).collect();
    let text = |(clean_up, skip)| {
        let options = DecodeOptions::new()
            .skip_special_tokens(skip)
            .clean_up_tokenization_spaces(clean_up);
        tokenizer
            .decode_with(&ids, &options)
            .unwrap_or_else(|error| error.to_string())
    };
    let all = [(false, false), (false, true), (true, false), (true, true)];
    json!(all.map(text))
}
