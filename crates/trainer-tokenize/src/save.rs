use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use trainer_data::{BoxError, durable};

use crate::class::{GENERIC, class};
use crate::{Error, Result, Side, Tokenizer, TokenizerConfig};

/// What Python writes for a model without a limit: `int(1e30)`, which is what it compares with.
const PYTHON_NO_LIMIT: &str = "1000000000000000019884624838656";

impl Tokenizer {
    /// Writes `tokenizer.json` and `tokenizer_config.json` into the folder, which is made if it does not exist. Python's
    /// `AutoTokenizer.from_pretrained` and [`AutoTokenizer::from_pretrained`](crate::AutoTokenizer::from_pretrained)
    /// load them. Each file is replaced as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`] names the file that cannot be written.
    pub fn save_pretrained(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        fs::create_dir_all(folder).map_err(|source| Error::Write {
            path: folder.to_owned(),
            source,
        })?;
        let mut backend = self.inner.backend.clone();
        backend.with_post_processor(self.inner.post_processor.clone());
        let vocabulary = backend.to_string(true).map_err(Error::Serialise)?;
        let config = config_text(self.config())?;
        write(folder.join("tokenizer.json"), vocabulary.as_bytes())?;
        write(folder.join("tokenizer_config.json"), config.as_bytes())
    }
}

fn write(path: PathBuf, content: &[u8]) -> Result<()> {
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
