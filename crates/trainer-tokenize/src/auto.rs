use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokenizers::AddedToken;

use crate::chat::{self, ChatTemplates};
use crate::class::{
    GENERIC, Parts, class, class_of_model, extra_tokens, is_generic_whatever_files_say, plain_name,
};
use crate::class_parts::{self, Said};
use crate::config::TokenizerConfig;
use crate::pipeline::{self, Added};
use crate::sentence_pieces::{self, Model};
use crate::source::{Source, read};
use crate::wordpiece::{self, Cleaning};
use crate::{Error, Result, Tokenizer, byte_pairs, fields, limits};

/// The tokenizer of a pretrained model, whatever its class.
#[derive(Debug)]
pub struct AutoTokenizer;

impl AutoTokenizer {
    /// Loads the tokenizer in a folder, or of a model of the hub by its name, from `tokenizer.json` or, for BERT's
    /// WordPiece, from `vocab.txt`, or, for the byte pairs of RoBERTa, GPT-2 and DeBERTa, from `vocab.json` and `merges.txt`, or from
    /// a SentencePiece model: `spiece.model` of ALBERT and T5, `sentencepiece.bpe.model` of XLM-RoBERTa and CamemBERT, `spm.model` of
    /// DeBERTa-v2, and `tokenizer.model` of these and where no class is named. `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` are
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
            None => files.without_tokenizer_json(name_or_path, &source),
        }
    }
}

/// The small files beside the vocabulary.
struct Files {
    /// `tokenizer_config.json`, empty when absent.
    config_path: Option<PathBuf>,
    fields: Map<String, Value>,
    special_tokens: Option<(PathBuf, Map<String, Value>)>,
    added: Added,
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
        let mut added = Added::default();
        let mut special_tokens = None;
        match listed {
            Some(path) => added.listed = fields::added_tokens(path, &fields)?,
            None => {
                special_tokens = source.object("special_tokens_map.json")?;
                let config = config_path.as_ref().map(|path| (path, &fields));
                let map = special_tokens.as_ref().map(|(path, map)| (path, map));
                let mut special = Vec::new();
                for (path, fields) in map.into_iter().chain(config) {
                    special.extend(fields::special_tokens(path, fields)?);
                }
                added.listed = added_tokens_file(source, &special)?;
                let described = special.into_iter().filter(|(_, described)| *described);
                added.described = described.map(|(token, _)| token).collect();
            }
        }
        let class = class_name(source, config_path.as_ref(), &fields)?;
        Ok(Self {
            config_path,
            fields,
            special_tokens,
            added,
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
        Tokenizer::assemble(backend, config, &self.added, |backend, config| {
            class_parts::surround(backend, config, said)
        })
    }

    fn without_tokenizer_json(self, name: &str, source: &Source) -> Result<Tokenizer> {
        for file in sentence_pieces::file_names(&self.class) {
            if let Some(path) = source.file(file)? {
                return self.with_pieces(&path);
            }
        }
        if let Some(path) = source.file("vocab.txt")? {
            return self.with_vocabulary(name, &path);
        }
        match source.file("vocab.json")?.zip(source.file("merges.txt")?) {
            Some((vocabulary, merges)) => self.with_byte_pairs(name, &vocabulary, &merges),
            None => Err(unsupported(name, &self.class, source)?),
        }
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
        Tokenizer::assemble(backend, config, &self.added, |_, _| Ok(()))
    }

    /// From a SentencePiece model.
    fn with_pieces(mut self, path: &Path) -> Result<Tokenizer> {
        let unusable = |source| Error::Vocabulary {
            path: path.to_owned(),
            source,
        };
        let model = Model::read(path)?;
        let parts = class(&self.class).parts;
        self.take_from(&model);
        // Where there is no other file, it is the model that says what is wrong.
        self.config_path.get_or_insert_with(|| path.to_owned());
        let mut config = TokenizerConfig::new(&self.class);
        self.apply(&mut config)?;
        let extra = sentence_pieces::extra_special_tokens(&model, parts, &self.fields);
        let extra = extra.map_err(unusable)?;
        let map = self.special_tokens.as_ref().map(|(_, map)| map);
        let mut all = [Some(&self.fields), map].into_iter().flatten();
        if !all.any(names_extra_tokens) {
            config.extra_special_tokens = extra;
            self.added
                .described
                .extend(sentence_pieces::described(&model));
        }
        let said = self.said();
        let backend = match parts {
            Parts::AsFile => {
                let listed = self.fields.get("added_tokens_decoder");
                let none = Map::new();
                let listed = listed.and_then(Value::as_object).unwrap_or(&none);
                sentence_pieces::plain_backend(&model, listed)
            }
            parts => sentence_pieces::class_backend(&model, parts, &config, said),
        };
        let mut backend = backend.map_err(unusable)?;
        class_parts::configure(&mut backend, &config, said)?;
        Tokenizer::assemble(backend, config, &self.added, |backend, config| {
            class_parts::surround(backend, config, said)?;
            class_parts::begin_and_end(backend, config, said)
        })
    }

    /// What the model says counts for these fields, as in Python.
    fn take_from(&mut self, model: &Model) {
        if let Some((_, map)) = &mut self.special_tokens {
            map.shift_remove("additional_special_tokens");
        }
        if class(&self.class).parts == Parts::AsFile {
            let map = self.special_tokens.as_ref().map(|(_, map)| map);
            sentence_pieces::plain_defaults(model, &mut self.fields, map);
        }
        if model.is_unigram() || class(&self.class).parts != Parts::AsFile {
            self.fields
                .insert("unk_id".to_owned(), model.unk_id().into());
        }
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
        Tokenizer::assemble(backend, config, &self.added, |backend, config| {
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

/// The tokens of the old `added_tokens.json`, in the order of their ids. Of these some are special, as other files say.
fn added_tokens_file(source: &Source, special: &[(AddedToken, bool)]) -> Result<Vec<AddedToken>> {
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
    let special = special.iter().map(|(token, _)| token.content.as_str());
    let special: HashSet<&str> = special.collect();
    let token = |(_, token): (u64, String)| {
        let is_special = special.contains(token.as_str());
        AddedToken::from(token, is_special)
    };
    Ok(tokens.into_iter().map(token).collect())
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

/// Whether a file says which further special tokens there are: by a list, or by null that there are none.
fn names_extra_tokens(fields: &Map<String, Value>) -> bool {
    let names = ["extra_special_tokens", "additional_special_tokens"];
    let mut said = names.iter().filter_map(|name| fields.get(*name));
    said.any(|value| !value.is_object())
}

/// Says which other vocabulary is there.
fn unsupported(name: &str, class: &str, source: &Source) -> Result<Error> {
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
        [] => "neither tokenizer.json nor vocab.txt, nor vocab.json with merges.txt, nor a SentencePiece model, is there".to_owned(),
        other => format!(
            "{class} is not built from {} here, and neither tokenizer.json nor vocab.txt is there; Python's \
             `AutoTokenizer.from_pretrained(...).save_pretrained(...)` writes a tokenizer.json",
            other.join(" with ")
        ),
    };
    Ok(Error::Unsupported {
        name: name.to_owned(),
        reason,
    })
}
