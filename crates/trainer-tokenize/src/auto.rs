use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::AddedToken;

use crate::chat::{self, ChatTemplates};
use crate::class::{
    GENERIC, Parts, class, class_of_model, extra_tokens, is_generic_whatever_files_say, plain_name,
};
use crate::class_parts::{self, Said};
use crate::config::TokenizerConfig;
use crate::source::{Source, read};
use crate::wordpiece::{self, Cleaning};
use crate::{Error, Result, Tokenizer, byte_pairs, fields, limits, pipeline};

/// The tokenizer of a pretrained model, whatever its class.
#[derive(Debug)]
pub struct AutoTokenizer;

impl AutoTokenizer {
    /// Loads the tokenizer in a folder, or of a model of the hub by its name, from `tokenizer.json` or, for BERT's
    /// WordPiece, from `vocab.txt`, or, for the byte pairs of RoBERTa, GPT-2 and DeBERTa, from `vocab.json` and `merges.txt`. `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` are
    /// honoured; the class comes from the former or from `config.json`. Chat templates are those of `chat_template.jinja` and of the folder
    /// `additional_chat_templates`, or else those of `tokenizer_config.json`.
    ///
    /// Two things differ from Python on purpose. What `tokenizer_config.json` leaves unsaid about lower case is taken
    /// from `tokenizer.json`, where Python's `BertTokenizer` assumes lower case. And a folder with `vocab.txt` alone is
    /// WordPiece even when the model is an ALBERT, where Python falls back to a vocabulary of five special tokens.
    ///
    /// # Errors
    /// [`Error::Find`] when the name is neither a folder nor to be had from the hub, [`Error::Unsupported`] when there is
    /// no vocabulary of a known kind, and errors that name the file and field that is malformed.
    pub fn from_pretrained(name_or_path: &str) -> Result<Tokenizer> {
        let source = Source::open(name_or_path)?;
        let files = Files::read(&source)?;
        match source.file("tokenizer.json")? {
            Some(path) => files.with_tokenizer_json(&path),
            None => match source.file("vocab.txt")? {
                Some(path) => files.with_vocabulary(name_or_path, &path),
                None => {
                    let both = source.file("vocab.json")?.zip(source.file("merges.txt")?);
                    match both {
                        Some((vocabulary, merges)) => {
                            files.with_byte_pairs(name_or_path, &vocabulary, &merges)
                        }
                        None => Err(unsupported(name_or_path, &source)?),
                    }
                }
            },
        }
    }
}

/// The small files beside the vocabulary.
struct Files {
    /// `tokenizer_config.json`, empty when absent.
    config_path: Option<PathBuf>,
    fields: Map<String, Value>,
    special_tokens: Option<(PathBuf, Map<String, Value>)>,
    added_tokens: Vec<AddedToken>,
    /// Those in files of their own, which count instead of those of `tokenizer_config.json`.
    chat_templates: Option<ChatTemplates>,
    class: String,
}

impl Files {
    fn read(source: &Source) -> Result<Self> {
        let (config_path, fields) = match source.object("tokenizer_config.json")? {
            Some((path, fields)) => (Some(path), fields),
            None => (None, Map::new()),
        };
        let listed = config_path
            .as_deref()
            .filter(|_| fields.contains_key("added_tokens_decoder"));
        let (special_tokens, added_tokens) = match listed {
            Some(path) => (None, fields::added_tokens(path, &fields)?),
            None => (
                source.object("special_tokens_map.json")?,
                added_tokens_file(source)?,
            ),
        };
        let class = class_name(source, config_path.as_ref(), &fields)?;
        Ok(Self {
            config_path,
            fields,
            special_tokens,
            added_tokens,
            chat_templates: chat::of_files(source)?,
            class,
        })
    }

    fn with_tokenizer_json(self, path: &Path) -> Result<Tokenizer> {
        let mut backend = limits::read(&read(path)?).map_err(|source| Error::Vocabulary {
            path: path.to_owned(),
            source,
        })?;
        let mut config = TokenizerConfig::new(&self.class);
        pipeline::take_defaults(&backend, &mut config);
        self.apply(&mut config)?;
        let said = self.said();
        class_parts::configure(&mut backend, &config, said)?;
        Tokenizer::assemble(backend, config, &self.added_tokens, |backend, config| {
            class_parts::surround(backend, config, said)
        })
    }

    fn with_vocabulary(self, name: &str, path: &Path) -> Result<Tokenizer> {
        let class_name = match self.class.as_str() {
            GENERIC | "AlbertTokenizer" => "BertTokenizer",
            other => other,
        };
        if class(class_name).parts != Parts::Bert {
            return Err(Error::Unsupported {
                name: name.to_owned(),
                reason: format!(
                    "{class_name} is not built from vocab.txt here; a tokenizer.json is needed"
                ),
            });
        }
        let mut config = TokenizerConfig::new(class_name);
        self.apply(&mut config)?;
        let cleaning =
            pipeline::cleaning(self.config_path.as_ref(), &self.fields, Cleaning::default())?;
        let backend = wordpiece::from_vocabulary(path, &read(path)?, cleaning, &config)?;
        Tokenizer::assemble(backend, config, &self.added_tokens, |_, _| Ok(()))
    }

    /// From `vocab.json` and `merges.txt`.
    fn with_byte_pairs(self, name: &str, vocabulary: &Path, merges: &Path) -> Result<Tokenizer> {
        let parts = class(&self.class).parts;
        if !matches!(parts, Parts::Roberta | Parts::Gpt2 | Parts::Deberta) {
            return Err(Error::Unsupported {
                name: name.to_owned(),
                reason: format!(
                    "{} is not built from vocab.json and merges.txt; a tokenizer.json is needed",
                    self.class
                ),
            });
        }
        let mut config = TokenizerConfig::new(&self.class);
        self.apply(&mut config)?;
        let said = self.said();
        let mut backend = byte_pairs::from_vocabulary(vocabulary, merges)?;
        class_parts::configure(&mut backend, &config, said)?;
        Tokenizer::assemble(backend, config, &self.added_tokens, |backend, config| {
            class_parts::surround(backend, config, said)?;
            class_parts::begin_and_end(backend, config, said)
        })
    }

    fn said(&self) -> Said<'_> {
        Said {
            path: self.config_path.as_ref(),
            fields: &self.fields,
        }
    }

    fn apply(&self, config: &mut TokenizerConfig) -> Result<()> {
        if let Some(path) = &self.config_path {
            fields::apply(config, path, &self.fields)?;
        }
        let mut listed = [Some(&self.fields), None];
        if let Some((path, tokens)) = &self.special_tokens {
            fields::apply(config, path, tokens)?;
            listed[1] = Some(tokens);
        }
        let names = ["extra_special_tokens", "additional_special_tokens"];
        let says =
            |fields: &&Map<String, Value>| names.iter().any(|name| fields.contains_key(*name));
        if !listed.iter().flatten().any(says) {
            let extra_ids = self.fields.get("extra_ids").and_then(Value::as_u64);
            config.extra_special_tokens = extra_tokens(class(&self.class).parts, extra_ids);
        }
        if let Some(templates) = &self.chat_templates {
            config.chat_templates = templates.clone();
        }
        Ok(())
    }
}

/// The tokens of the old `added_tokens.json`, in the order of their ids.
fn added_tokens_file(source: &Source) -> Result<Vec<AddedToken>> {
    let Some((path, tokens)) = source.object("added_tokens.json")? else {
        return Ok(Vec::new());
    };
    let mut tokens: Vec<(u64, String)> = tokens
        .into_iter()
        .map(|(token, id)| match id.as_u64() {
            Some(id) => Ok((id, token)),
            None => Err(Error::Field {
                path: path.clone(),
                field: token,
                expected: "a token id",
                found: id.to_string(),
            }),
        })
        .collect::<Result<_>>()?;
    tokens.sort();
    Ok(tokens
        .into_iter()
        .map(|(_, token)| AddedToken::from(token, false))
        .collect())
}

/// `tokenizer_class` of `tokenizer_config.json`, else of `config.json`, else what the model's type means; of some types that alone.
fn class_name(
    source: &Source,
    path: Option<&PathBuf>,
    config: &Map<String, Value>,
) -> Result<String> {
    let model = source.object("config.json")?;
    let model_type = match &model {
        Some((path, model)) => fields::text(path, model, "model_type")?,
        None => None,
    };
    if model_type.is_some_and(is_generic_whatever_files_say) {
        return Ok(GENERIC.to_owned());
    }
    let of_model = model.as_ref().map(|(path, model)| (path, model));
    for (path, fields) in path.map(|path| (path, config)).into_iter().chain(of_model) {
        if let Some(class) = fields::text(path, fields, "tokenizer_class")? {
            return Ok(plain_name(class).to_owned());
        }
    }
    Ok(model_type.map_or(GENERIC, class_of_model).to_owned())
}

/// Says which other vocabulary is there.
fn unsupported(name: &str, source: &Source) -> Result<Error> {
    let mut other = Vec::new();
    for file in [
        "vocab.json",
        "merges.txt",
        "spiece.model",
        "spm.model",
        "tokenizer.model",
        "sentencepiece.bpe.model",
    ] {
        if source.file(file)?.is_some() {
            other.push(file);
        }
    }
    let reason = match other.as_slice() {
        ["vocab.json"] => "vocab.json has no merges.txt beside it, which says what of it is put together; an empty one makes \
                           a token of each character"
            .to_owned(),
        [] => "neither tokenizer.json nor vocab.txt, nor vocab.json with merges.txt, is there".to_owned(),
        other => format!(
            "{} is not read by this crate, and neither tokenizer.json nor vocab.txt is there; Python's \
             `AutoTokenizer.from_pretrained(...).save_pretrained(...)` writes a tokenizer.json",
            other.join(" with ")
        ),
    };
    Ok(Error::Unsupported {
        name: name.to_owned(),
        reason,
    })
}
