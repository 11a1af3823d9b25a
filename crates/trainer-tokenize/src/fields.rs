//! The fields of `tokenizer_config.json` and `special_tokens_map.json`, read into a [`TokenizerConfig`].

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::AddedToken;

use crate::chat::{self, ChatTemplates};
use crate::config::{Side, TokenizerConfig};
use crate::special_tokens::SpecialTokens;
use crate::{Error, Result};

/// Python's `LARGE_INTEGER`: a `model_max_length` above it means that there is none.
const NO_LIMIT: f64 = 1e20;

/// Fields that describe a past run of Python, or that are read elsewhere; they are not written back.
const NOT_KEPT: [&str; 18] = [
    "_commit_hash",
    "add_bos_token",
    "add_eos_token",
    "added_tokens_decoder",
    "additional_special_tokens",
    "backend",
    "device_map",
    "fast_tokenizer_files",
    "files_loaded",
    "init_inputs",
    "is_local",
    "local_files_only",
    "name_or_path",
    "slow_tokenizer_class",
    "special_tokens_map_file",
    "tokenizer_class",
    "tokenizer_file",
    "vocab_file",
];

/// Puts the fields of the file at `path` over what `config` has.
pub(crate) fn apply(
    config: &mut TokenizerConfig,
    path: &Path,
    fields: &Map<String, Value>,
) -> Result<()> {
    for (name, value) in fields {
        let field = Field { path, name, value };
        match name.as_str() {
            "model_max_length" | "max_len" => config.model_max_length = field.length()?,
            "padding_side" => config.padding_side = field.side()?,
            "truncation_side" => config.truncation_side = field.side()?,
            "model_input_names" => config.model_input_names = field.names()?,
            "clean_up_tokenization_spaces" => {
                config.clean_up_tokenization_spaces = field.flag()?.unwrap_or(false)
            }
            "chat_template" => config.chat_templates = field.chat_templates()?,
            "extra_special_tokens" | "additional_special_tokens" => field.extra_tokens(config)?,
            name if NOT_KEPT.contains(&name) => {}
            name => match SpecialTokens::NAMES.iter().position(|have| *have == name) {
                Some(at) => {
                    let token = field.token()?.map(|token| token.content);
                    *config.special_tokens.slots()[at] = token;
                }
                None => {
                    config.other_fields.insert(name.to_owned(), value.clone());
                }
            },
        }
    }
    Ok(())
}

/// The tokens that `added_tokens_decoder` lists, in the order of their ids.
pub(crate) fn added_tokens(path: &Path, fields: &Map<String, Value>) -> Result<Vec<AddedToken>> {
    let Some(Value::Object(listed)) = fields.get("added_tokens_decoder") else {
        return Ok(Vec::new());
    };
    let mut tokens = Vec::with_capacity(listed.len());
    for (id, value) in listed {
        let name = format!("added_tokens_decoder.{id}");
        let field = Field {
            path,
            name: &name,
            value,
        };
        let number: u32 = id.parse().map_err(|_| field.wrong("keyed by a token id"))?;
        tokens.extend(field.token()?.map(|token| (number, token)));
    }
    tokens.sort_by_key(|(id, _)| *id);
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}

/// The special tokens that the fields name, and whether more is said of them than what they are.
pub(crate) fn special_tokens(
    path: &Path,
    fields: &Map<String, Value>,
) -> Result<Vec<(AddedToken, bool)>> {
    let mut tokens = Vec::new();
    for (name, value) in fields {
        let listed = ["extra_special_tokens", "additional_special_tokens"].contains(&name.as_str());
        let values = match value {
            Value::Array(values) if listed => values.as_slice(),
            value if SpecialTokens::NAMES.contains(&name.as_str()) => std::slice::from_ref(value),
            _ => continue,
        };
        for value in values {
            let token = Field { path, name, value }.token()?;
            tokens.extend(token.map(|token| (token, value.is_object())));
        }
    }
    Ok(tokens)
}

/// A text field, if it is there and not null.
pub(crate) fn text<'a>(
    path: &Path,
    fields: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(value) => Err(Field { path, name, value }.wrong("a text")),
    }
}

/// A true-or-false field: `None` when absent, `Some(None)` when null.
pub(crate) fn flag(
    path: Option<&PathBuf>,
    fields: &Map<String, Value>,
    name: &str,
) -> Result<Option<Option<bool>>> {
    let path = path.map_or(Path::new("tokenizer_config.json"), PathBuf::as_path);
    fields
        .get(name)
        .map(|value| Field { path, name, value }.flag())
        .transpose()
}

struct Field<'a> {
    path: &'a Path,
    name: &'a str,
    value: &'a Value,
}

impl Field<'_> {
    fn wrong(&self, expected: &'static str) -> Error {
        Error::Field {
            path: self.path.to_owned(),
            field: self.name.to_owned(),
            expected,
            found: self.value.to_string(),
        }
    }

    fn flag(&self) -> Result<Option<bool>> {
        match self.value {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some(*flag)),
            _ => Err(self.wrong("true, false or null")),
        }
    }

    fn length(&self) -> Result<Option<usize>> {
        let expected = "a whole number of tokens, or -1 for no limit";
        match self.value {
            Value::Null => Ok(None),
            Value::Number(number) => match number.as_u64() {
                Some(length) => Ok(usize::try_from(length)
                    .ok()
                    .filter(|_| (length as f64) <= NO_LIMIT)),
                None => match number.as_f64() {
                    Some(length) if length > NO_LIMIT || length == -1.0 => Ok(None),
                    Some(length) if length >= 0.0 && length.fract() == 0.0 => {
                        Ok(Some(length as usize))
                    }
                    _ => Err(self.wrong(expected)),
                },
            },
            _ => Err(self.wrong(expected)),
        }
    }

    fn side(&self) -> Result<Side> {
        match self.value.as_str() {
            Some("left") => Ok(Side::Left),
            Some("right") => Ok(Side::Right),
            _ => Err(self.wrong("\"left\" or \"right\"")),
        }
    }

    fn names(&self) -> Result<Vec<String>> {
        let expected = "a list of one or more column names";
        let names = self.value.as_array().filter(|names| !names.is_empty());
        names
            .ok_or_else(|| self.wrong(expected))?
            .iter()
            .map(|name| {
                name.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| self.wrong(expected))
            })
            .collect()
    }

    /// A token: a text, or an object with `content` as Python's `AddedToken`.
    fn token(&self) -> Result<Option<AddedToken>> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(content) => Ok(Some(AddedToken::from(content.clone(), true))),
            Value::Object(object) => {
                let content = object.get("content").and_then(Value::as_str);
                let content = content.ok_or_else(|| self.wrong("a token with a text `content`"))?;
                let flag = |name: &str, default| {
                    object.get(name).and_then(Value::as_bool).unwrap_or(default)
                };
                let special = flag("special", true);
                Ok(Some(
                    AddedToken::from(content.to_owned(), special)
                        .single_word(flag("single_word", false))
                        .lstrip(flag("lstrip", false))
                        .rstrip(flag("rstrip", false))
                        .normalized(flag("normalized", !special)),
                ))
            }
            _ => Err(self.wrong("a token: a text, an object or null")),
        }
    }

    fn chat_templates(&self) -> Result<ChatTemplates> {
        let expected =
            "a chat template, or a list of objects with a text `name` and a text `template`";
        chat::of_config(self.value).ok_or_else(|| self.wrong(expected))
    }

    /// Further special tokens: a list, or an object of named ones, whose names are kept.
    fn extra_tokens(&self, config: &mut TokenizerConfig) -> Result<()> {
        let values: Vec<&Value> = match self.value {
            Value::Null => Vec::new(),
            Value::Array(values) => values.iter().collect(),
            Value::Object(named) => {
                config
                    .other_fields
                    .insert("extra_special_tokens".to_owned(), self.value.clone());
                named.values().collect()
            }
            _ => return Err(self.wrong("a list of tokens")),
        };
        for value in values {
            let token = Field { value, ..*self }.token()?;
            config
                .extra_special_tokens
                .extend(token.map(|token| token.content));
        }
        Ok(())
    }
}
