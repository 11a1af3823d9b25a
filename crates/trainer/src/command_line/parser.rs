//! The parser.

use std::ffi::OsString;
use std::path::Path;

use serde_json::{Map, Value};
use trainer_core::{
    ArgumentField, ArgumentFields, ArgumentsError, ArgumentsResult, TrainingArguments,
};

use super::command::{command, flags};
use super::error::CommandLineError;
use super::json_file;
use super::matches::arguments;
use super::script::NoArguments;

type Result<T, E = CommandLineError> = std::result::Result<T, E>;

/// Turns a command line into the program's own arguments and [`TrainingArguments`], as Python's `HfArgumentParser` does.
///
/// Each field is a flag: `--learning_rate 3e-5`, `--learning-rate=3e-5`. A boolean needs no value (`--do_train`,
/// `--do_train false`); one that is true by default has an opposite as well (`--no_remove_unused_columns`). A list takes
/// several values (`--label_names start end`), an object is JSON (`--lr_scheduler_kwargs '{"num_cycles": 2}'`), `None` is
/// no value. Where a flag is repeated the last one counts. Instead of flags a single argument may name a `.json` file.
///
/// ```
/// use trainer::prelude::*;
///
/// script_arguments! {
///     /// What this program needs.
///     pub struct ScriptArguments {
///         /// The model: a name on the hub or a folder.
///         model: String = "bert-base-cased".to_string(),
///     }
/// }
///
/// let parser = HfArgumentParser::new("train").about("Trains a model");
/// let (script, args) =
///     parser.parse_from::<ScriptArguments>(["train", "--model", "tiny", "--learning-rate=3e-5"])?;
/// assert_eq!(script.model, "tiny");
/// assert_eq!(args.learning_rate, 3e-5);
/// # Ok::<(), trainer::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HfArgumentParser {
    name: String,
    about: String,
}

impl HfArgumentParser {
    /// A parser for the program of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            about: String::new(),
        }
    }

    /// What the program does, for the first line of `--help`.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Parses the command line of this process.
    ///
    /// # Errors
    ///
    /// [`CommandLineError::Usage`] for `--help` and for flags and values that are wrong, which [`trainer::run`](crate::run)
    /// shows with the right exit status; the other errors for a file of arguments.
    pub fn parse<S: ArgumentFields>(&self) -> Result<(S, TrainingArguments)> {
        self.parse_from(std::env::args_os())
    }

    /// Parses the command line of a program that has no arguments of its own.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_training_arguments(&self) -> Result<TrainingArguments> {
        self.parse_training_arguments_from(std::env::args_os())
    }

    /// As [`parse_training_arguments`](Self::parse_training_arguments) for these words, the first of which is the
    /// program's name.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_training_arguments_from(
        &self,
        words: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<TrainingArguments> {
        self.parse_from::<NoArguments>(words)
            .map(|(_, arguments)| arguments)
    }

    /// Parses a command line, or prints what is wrong with it and ends the program with status 2; after `--help` with
    /// status 0.
    pub fn parse_or_exit<S: ArgumentFields>(&self) -> (S, TrainingArguments) {
        self.parse().unwrap_or_else(|error| match error {
            CommandLineError::Usage(message) => message.exit(),
            other => {
                eprintln!("error: {other}");
                std::process::exit(2)
            }
        })
    }

    /// Parses these words, the first of which is the program's name.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_from<S: ArgumentFields>(
        &self,
        words: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<(S, TrainingArguments)> {
        refuse_duplicates::<S>()?;
        let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
        if let [_, word] = words.as_slice() {
            let path = Path::new(word);
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                return self.parse_json_file(path);
            }
        }
        let matches = command(&self.name, &self.about)
            .args(flags::<S>())
            .args(flags::<TrainingArguments>())
            .try_get_matches_from(words)?;
        Ok((arguments(&matches)?, arguments(&matches)?))
    }

    /// Reads all arguments from a file with a JSON object; what it does not name has its default.
    ///
    /// # Errors
    ///
    /// [`CommandLineError::File`], [`CommandLineError::Json`], and [`CommandLineError::FileArguments`] for a name that
    /// is no argument or a value of the wrong kind.
    pub fn parse_json_file<S: ArgumentFields>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<(S, TrainingArguments)> {
        let path = path.as_ref();
        let values = json_file::read(path)?;
        self.parse_dict(values).map_err(|error| match error {
            CommandLineError::Arguments(source) => CommandLineError::FileArguments {
                path: path.to_path_buf(),
                source,
            },
            other => other,
        })
    }

    /// Reads all arguments from a map; what it does not name has its default.
    ///
    /// # Errors
    ///
    /// [`CommandLineError::Arguments`] for a name that is no argument or a value of the wrong kind.
    pub fn parse_dict<S: ArgumentFields>(
        &self,
        values: Map<String, Value>,
    ) -> Result<(S, TrainingArguments)> {
        refuse_duplicates::<S>()?;
        Ok(split(values)?)
    }
}

/// The program's own values and those of training. A name that neither has is an error of the one with a closer name.
fn split<S: ArgumentFields>(values: Map<String, Value>) -> ArgumentsResult<(S, TrainingArguments)> {
    let fields = S::fields();
    let (own, rest): (Map<_, _>, Map<_, _>) = values
        .into_iter()
        .partition(|(name, _)| fields.iter().any(|field| field.name == *name));
    let script = S::from_values(own)?;
    let training = TrainingArguments::from_dict(rest).map_err(|error| match error {
        ArgumentsError::Unknown {
            name,
            nearest: None,
        } => S::unknown(&name),
        other => other,
    })?;
    Ok((script, training))
}

/// A name may stand once among the program's own arguments, and not among those of training.
fn refuse_duplicates<S: ArgumentFields>() -> Result<()> {
    let training = TrainingArguments::fields();
    let own = S::fields();
    let taken = |(at, field): (usize, &ArgumentField)| {
        let positive = field.name.strip_prefix("no_").unwrap_or(field.name);
        let mut others = training.iter().chain(&own[..at]);
        field.name == "help" || others.any(|other| other.name == positive)
    };
    match own
        .iter()
        .enumerate()
        .find(|&(at, field)| taken((at, field)))
    {
        Some((_, field)) => Err(CommandLineError::Duplicate { name: field.name }),
        None => Ok(()),
    }
}
