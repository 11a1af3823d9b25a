use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::{Model, ModelWrapper, Tokenizer as Backend};
use trainer_data::{BoxError, durable};

use crate::chat;
use crate::class::{GENERIC, class};
use crate::limits::guarded;
use crate::{Error, Result, Side, Tokenizer, TokenizerConfig};

/// What Python writes for a model without a limit: `int(1e30)`, which is what it compares with.
const PYTHON_NO_LIMIT: &str = "1000000000000000019884624838656";

impl Tokenizer {
    /// Writes `tokenizer.json` and `tokenizer_config.json` into the folder, which is made if it does not exist. Python's
    /// `AutoTokenizer.from_pretrained` and [`AutoTokenizer::from_pretrained`](crate::AutoTokenizer::from_pretrained)
    /// load them. Chat templates become `chat_template.jinja`, and files in `additional_chat_templates`. Each file is replaced as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`] names the file that cannot be written, [`Error::ChatTemplateName`] a chat template whose name cannot be one.
    pub fn save_pretrained(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        fs::create_dir_all(folder).map_err(|source| Error::Write {
            path: folder.to_owned(),
            source,
        })?;
        let (vocabulary, fillers) = guarded(|| self.vocabulary()).map_err(Error::Serialise)?;
        let vocabulary = match fillers.is_empty() {
            true => vocabulary,
            false => without(&vocabulary, &fillers)?,
        };
        let config = config_text(self.config())?;
        write(folder.join("tokenizer.json"), vocabulary.as_bytes())?;
        write(folder.join("tokenizer_config.json"), config.as_bytes())?;
        chat::save(&self.config().chat_templates, folder)
    }

    /// The text of `tokenizer.json`, and the tokens in it that are none.
    fn vocabulary(&self) -> Result<(String, Vec<String>), BoxError> {
        let mut backend = self.inner.backend.clone();
        backend.with_post_processor(self.inner.post_processor.clone());
        let fillers = fill_holes(&mut backend)?;
        Ok((backend.to_string(true)?, fillers))
    }
}

/// Gives the ids that no token of a WordPiece vocabulary has, as where a `vocab.txt` has a line twice, to tokens that are
/// named. The `tokenizers` crate prints to standard output where there are such ids.
fn fill_holes(backend: &mut Backend) -> Result<Vec<String>, BoxError> {
    let ModelWrapper::WordPiece(model) = backend.get_model() else {
        return Ok(Vec::new());
    };
    // The way to a map of the type that the builder takes.
    let mut vocabulary = WordPiece::read_bytes(b"")?;
    vocabulary.extend(model.get_vocab());
    let ids: HashSet<u32> = vocabulary.values().copied().collect();
    let end = ids.iter().max().map_or(0, |last| last + 1);
    // As many holes as tokens are no slip of a file.
    if end as usize > 2 * ids.len() {
        return Ok(Vec::new());
    }
    let holes = (0..end).filter(|id| !ids.contains(id));
    let fillers: Vec<(String, u32)> = holes.map(|id| (format!("\u{10ffff}{id}"), id)).collect();
    if fillers.is_empty() {
        return Ok(Vec::new());
    }
    vocabulary.extend(fillers.iter().cloned());
    let filled = WordPiece::builder()
        .vocab(vocabulary)
        .unk_token(model.unk_token.clone())
        .continuing_subword_prefix(model.continuing_subword_prefix.clone())
        .max_input_chars_per_word(model.max_input_chars_per_word)
        .build()?;
    backend.with_model(filled);
    Ok(fillers.into_iter().map(|(filler, _)| filler).collect())
}

/// The text of a tokenizer without these tokens of its vocabulary.
fn without(text: &str, fillers: &[String]) -> Result<String> {
    let mut tokenizer: Value =
        serde_json::from_str(text).map_err(|source| Error::Serialise(source.into()))?;
    let vocabulary = tokenizer.pointer_mut("/model/vocab");
    if let Some(vocabulary) = vocabulary.and_then(Value::as_object_mut) {
        vocabulary.retain(|token, _| !token.starts_with('\u{10ffff}') || !fillers.contains(token));
    }
    pretty(&tokenizer)
}

pub(crate) fn write(path: PathBuf, content: &[u8]) -> Result<()> {
    durable::write(&path, content).map_err(|source| Error::Write { path, source })
}

/// As Python's `json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False)`.
fn config_text(config: &TokenizerConfig) -> Result<String> {
    let mut entries: Vec<(String, Value)> = fields(config).into_iter().collect();
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    let mut lines = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        let text = match (name.as_str(), &value) {
            ("model_max_length", Value::Null) => PYTHON_NO_LIMIT.to_owned(),
            _ => pretty(&value)?,
        };
        lines.push(format!(
            "  {}: {}",
            pretty(&Value::String(name))?,
            text.replace('\n', "\n  ")
        ));
    }
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

fn pretty(value: &Value) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|source| Error::Serialise(BoxError::from(source)))
}

fn fields(config: &TokenizerConfig) -> Map<String, Value> {
    let defaults = class(&config.tokenizer_class);
    let mut fields = config.other_fields.clone();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("backend", "tokenizers".into());
    put("tokenizer_class", config.tokenizer_class.as_str().into());
    put("model_max_length", config.model_max_length.into());
    for (name, token) in config.special_tokens.iter() {
        put(name, token.into());
    }
    for (name, _) in defaults.special_tokens.iter() {
        if !config.special_tokens.iter().any(|(have, _)| have == name) {
            put(name, Value::Null);
        }
    }
    if config.padding_side != Side::Right || defaults.padding_side != Side::Right {
        put("padding_side", config.padding_side.name().into());
    }
    if config.truncation_side != Side::Right {
        put("truncation_side", config.truncation_side.name().into());
    }
    if config.clean_up_tokenization_spaces {
        put("clean_up_tokenization_spaces", true.into());
    }
    if config.model_input_names != defaults.input_names || config.tokenizer_class == GENERIC {
        put("model_input_names", config.model_input_names.clone().into());
    }
    let named = config.other_fields.contains_key("extra_special_tokens");
    if !config.extra_special_tokens.is_empty() && !named {
        put(
            "extra_special_tokens",
            config.extra_special_tokens.clone().into(),
        );
    }
    fields
}
