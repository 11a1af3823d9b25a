//! What a program says of a data set, over what its card says.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::{
    card::CardConfig,
    declared_columns::Declared,
    files::SplitFiles,
    format::{Format, can_be},
    patterns::matching,
    settings::Settings,
    split_names::{Splits, by_name, is_split},
};
use crate::{Error, Features, Result, hub::Files};

/// What [`DatasetLoader`](crate::DatasetLoader) was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Splits and their patterns; nothing where names decide.
    pub(crate) files: Vec<(String, Vec<String>)>,
    pub(crate) folder: Option<String>,
    /// Settings by the names that Python has for them.
    pub(crate) settings: Map<String, Json>,
    pub(crate) features: Option<Features>,
}

impl Asked {
    /// Adds patterns of files to those of `split`.
    pub(crate) fn add_files(&mut self, split: String, patterns: impl Iterator<Item = String>) {
        match self.files.iter_mut().find(|(have, _)| *have == split) {
            Some((_, files)) => files.extend(patterns),
            None => self.files.push((split, patterns.collect())),
        }
    }

    /// Looks at the names of splits.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] names one that cannot be.
    pub(crate) fn check(&self) -> Result<()> {
        match self.files.iter().find(|(split, _)| !is_split(split)) {
            None => Ok(()),
            Some((split, _)) => Err(invalid(
                "data_files",
                format!(
                    "a split cannot be called {split:?}: names have letters, digits, underscores, and full stops between them"
                ),
            )),
        }
    }

    /// The name of something that was said of files or rows.
    pub(crate) fn first(&self) -> Option<&str> {
        let files = (!self.files.is_empty()).then_some("data_files");
        let files = files.or(self.folder.as_deref().map(|_| "data_dir"));
        let settings = self.settings.keys().next().map(String::as_str);
        files
            .or(settings)
            .or(self.features.as_ref().map(|_| "features"))
    }

    /// `config` of a card, or the plain one of none, with what was asked for in the place of what it says.
    pub(crate) fn over(&self, place: &Files, config: Option<&CardConfig>) -> Result<CardConfig> {
        let own = match config {
            Some(config) => config.clone(),
            None => CardConfig::plain(),
        };
        let mut settings = own.settings;
        settings.extend(self.settings.clone());
        let folder = self
            .folder
            .as_deref()
            .map(|folder| inside(place, "data_dir", folder));
        let is_moved = folder.is_some() || !self.files.is_empty();
        let folder = folder.transpose()?;
        let splits = match self.files.as_slice() {
            [] if is_moved => None,
            [] => own.splits,
            files => {
                let mut splits = Vec::with_capacity(files.len());
                for (split, patterns) in files {
                    let patterns = patterns
                        .iter()
                        .map(|file| inside(place, "data_files", file));
                    splits.push((split.clone(), patterns.collect::<Result<_>>()?));
                }
                Some(splits)
            }
        };
        Ok(CardConfig {
            folder: match is_moved {
                true => folder.unwrap_or_default(),
                false => own.folder,
            },
            splits,
            settings,
            ..own
        })
    }

    /// How files of `format` are read, by what was asked for alone.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a setting that says nothing of them.
    pub(crate) fn settings(&self, format: Format) -> Result<Settings> {
        let read = Settings::read(&self.settings, format);
        let (settings, ignored) = read.map_err(|message| invalid("settings", message))?;
        self.check_settings(format, &ignored)?;
        Ok(settings)
    }

    /// Looks at the settings that were `ignored`.
    ///
    /// # Errors
    /// As [`Self::settings`].
    pub(crate) fn check_settings(&self, format: Format, ignored: &[String]) -> Result<()> {
        match ignored
            .iter()
            .find(|name| self.settings.contains_key(*name))
        {
            None => Ok(()),
            Some(name) => Err(invalid(
                "settings",
                format!("{name} says nothing of files of format {format}"),
            )),
        }
    }

    /// The columns that were declared, if any were.
    pub(crate) fn declared(&self, format: Format) -> Option<Declared> {
        let features = self.features.clone()?;
        // Of a CSV file, Python too takes only the columns that are declared.
        Some(match format {
            Format::Csv => Declared::dropping_others(features),
            _ => Declared::refusing_others(features),
        })
    }

    /// The files of this machine that were asked for, of `format`: those that match the patterns, or those of the folder,
    /// split by their names.
    pub(crate) fn local(&self, format: Format) -> Result<Vec<SplitFiles>> {
        let base = Path::new(self.folder.as_deref().unwrap_or("."));
        let mut splits: Vec<(String, Vec<PathBuf>)> = Vec::new();
        if self.files.is_empty() {
            for (split, mut files) in self.by_names(base)? {
                files.retain(|file| can_be(file, format));
                if !files.is_empty() {
                    splits.push((split, files.iter().map(|file| base.join(file)).collect()));
                }
            }
            if splits.is_empty() {
                return Err(Error::NotFound {
                    message: format!("{} has no file of format {format}", base.display()),
                    source: None,
                });
            }
        }
        for (split, patterns) in &self.files {
            let mut files: Vec<PathBuf> = Vec::new();
            for pattern in patterns {
                for file in found(base, pattern)? {
                    if !files.contains(&file) {
                        files.push(file);
                    }
                }
            }
            if files.is_empty() {
                let message = format!("split {split} has no files");
                return Err(Error::NotFound {
                    message,
                    source: None,
                });
            }
            splits.push((split.clone(), files));
        }
        let with_format =
            |files: Vec<PathBuf>| files.into_iter().map(|file| (file, format)).collect();
        Ok(splits
            .into_iter()
            .map(|(split, files)| (split, with_format(files)))
            .collect())
    }

    fn by_names(&self, base: &Path) -> Result<Splits> {
        if self.folder.is_none() {
            return Err(invalid(
                "data_files",
                "a format alone says of no files: name them, or their folder by data_dir"
                    .to_owned(),
            ));
        }
        let files = Files::in_folder(base)?.list()?;
        by_name(&files).map_err(|message| Error::File {
            path: base.to_owned(),
            message,
            source: None,
        })
    }
}

/// The files of this machine that match `pattern`, which may be a path, from `base`.
fn found(base: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let path = base.join(pattern);
    if path.is_file() {
        return Ok(vec![path]);
    }
    let nothing = |source: Option<crate::BoxError>| Error::NotFound {
        message: format!("no file matches {:?}", path.display().to_string()),
        source,
    };
    // All before the first part with a sign of patterns is a folder.
    let is_plain = |part: &&str| !part.contains(['*', '?', '[']);
    let (mut folder, mut rest) = (base.to_owned(), pattern);
    if let Some(from_root) = rest.strip_prefix('/') {
        (folder, rest) = (PathBuf::from("/"), from_root);
    }
    while let Some((first, behind)) = rest.split_once('/')
        && is_plain(&first)
    {
        folder.push(first);
        rest = behind;
    }
    if !folder.is_dir() {
        return Err(nothing(None));
    }
    let files = Files::in_folder(&folder)?.list()?;
    let files = matching(&files, rest).map_err(|source| nothing(Some(source.into())))?;
    if files.is_empty() {
        return Err(nothing(None));
    }
    Ok(files.into_iter().map(|file| folder.join(file)).collect())
}

/// `path`, which may be absolute, as one inside of `place`.
fn inside(place: &Files, name: &'static str, path: &str) -> Result<String> {
    let relative = match (place.folder(), Path::new(path).is_absolute()) {
        (_, false) => Some(path.trim_start_matches("./").trim_end_matches('/')),
        (Some(folder), true) => Path::new(path)
            .strip_prefix(folder)
            .ok()
            .and_then(Path::to_str),
        (None, true) => None,
    };
    let relative = relative.filter(|path| path.split('/').all(|part| part != ".."));
    relative.map(str::to_owned).ok_or_else(|| {
        invalid(
            name,
            format!(
                "{path:?} is outside of {place}; files of any place are loaded by their format, as DatasetLoader::new(\"csv\")"
            ),
        )
    })
}

fn invalid(name: &'static str, message: String) -> Error {
    Error::InvalidArgument { name, message }
}
