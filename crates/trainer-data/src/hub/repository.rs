use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use hf_hub::{Repo, RepoType};

use super::{
    cache::RepositoryFolder,
    download,
    failure::Asked,
    settings::{ENDPOINT, Settings},
};
use crate::{Error, HubReason, Result};

/// The hub and its cache on this machine.
#[derive(Debug, Clone)]
pub struct Hub {
    settings: Arc<Settings>,
}

impl Hub {
    /// The hub as the environment says; the [module](crate::hub) lists the variables.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no home folder and no variable names a folder for the cache.
    pub fn from_env() -> Result<Self> {
        let settings = Settings::read(|name| std::env::var(name).ok(), std::env::home_dir())?;
        Ok(Self {
            settings: Arc::new(settings),
        })
    }

    /// The public hub with its cache in `folder`, whatever the environment says.
    #[must_use]
    pub fn with_cache(folder: impl Into<PathBuf>) -> Self {
        Self {
            settings: Arc::new(Settings {
                cache: folder.into(),
                endpoint: ENDPOINT.to_owned(),
                token: None,
                offline: false,
                progress: false,
            }),
        }
    }

    /// The same with another address, as `https://hub.example`.
    #[must_use]
    pub fn endpoint(self, endpoint: &str) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        self.with(|settings| settings.endpoint = endpoint)
    }

    /// The same with a token that shows who asks.
    #[must_use]
    pub fn token(self, token: Option<String>) -> Self {
        self.with(|settings| settings.token = token)
    }

    /// The same with the network used or not.
    #[must_use]
    pub fn offline(self, offline: bool) -> Self {
        self.with(|settings| settings.offline = offline)
    }

    /// Whether only the cache is used.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.settings.offline
    }

    /// The folder of the cache.
    #[must_use]
    pub fn cache(&self) -> &Path {
        &self.settings.cache
    }

    /// The model `name`, as `google-bert/bert-base-cased`. Nothing is asked yet.
    #[must_use]
    pub fn model(&self, name: &str) -> Repository {
        Repository::new(self, RepoType::Model, name)
    }

    /// The data set `name`, as `nyu-mll/glue`. Nothing is asked yet.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Repository {
        Repository::new(self, RepoType::Dataset, name)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

/// A model or data set of the hub, at one revision.
#[derive(Debug, Clone)]
pub struct Repository {
    settings: Arc<Settings>,
    kind: RepoType,
    name: String,
    revision: String,
    folder: RepositoryFolder,
    listed: Arc<OnceLock<Listing>>,
}

/// The files of a commit.
#[derive(Debug)]
struct Listing {
    commit: String,
    files: Vec<String>,
}

impl Repository {
    fn new(hub: &Hub, kind: RepoType, name: &str) -> Self {
        let repo = Repo::new(name.to_owned(), kind);
        Self {
            settings: Arc::clone(&hub.settings),
            kind,
            name: name.to_owned(),
            revision: "main".to_owned(),
            folder: RepositoryFolder::new(&hub.settings.cache, &repo.folder_name()),
            listed: Arc::default(),
        }
    }

    /// The same repository at a branch, tag or commit other than `main`.
    #[must_use]
    pub fn revision(mut self, revision: &str) -> Self {
        self.revision = revision.to_owned();
        self.listed = Arc::default();
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The local path of the file at `path` in the repository; fetched if the cache does not have it.
    ///
    /// # Errors
    /// [`Error::Hub`] with the reason and what to do about it.
    pub fn file(&self, path: &str) -> Result<PathBuf> {
        let asked = self.asked(Some(path));
        self.check_names(path)?;
        let commit = self.commit();
        if let Some(file) = commit
            .as_ref()
            .and_then(|commit| self.folder.file(commit, path))
        {
            return Ok(file);
        }
        if self.settings.offline {
            return Err(asked.offline(self.folder.path()));
        }
        // What was listed is fetched from the commit that was listed.
        let revision = self
            .listed
            .get()
            .map_or(&self.revision, |listing| &listing.commit);
        let fetched = download::fetch(
            &self.settings,
            &self.repo(revision),
            &self.folder,
            path,
            &asked,
        )?;
        self.folder
            .set_commit(&self.revision, &fetched.commit)
            .map_err(|source| {
                asked.failed("could not be put into the cache", Some(source.into()))
            })?;
        Ok(fetched.path)
    }

    /// [`Self::file`], or nothing if the repository does not have it.
    ///
    /// Offline, that is when a cached snapshot of the repository does not.
    ///
    /// # Errors
    /// [`Error::Hub`] if that cannot be known, or the file cannot be had.
    pub fn optional_file(&self, path: &str) -> Result<Option<PathBuf>> {
        self.check_names(path)?;
        if let Some(file) = self
            .commit()
            .and_then(|commit| self.folder.file(&commit, path))
        {
            return Ok(Some(file));
        }
        match self.listing()?.files.iter().any(|file| file == path) {
            true => self.file(path).map(Some),
            false => Ok(None),
        }
    }

    /// The paths of all files, sorted.
    ///
    /// Offline, and when the hub does not answer, those that the cache has.
    ///
    /// # Errors
    /// [`Error::Hub`] if the hub does not say and the cache has no snapshot.
    pub fn files(&self) -> Result<Vec<String>> {
        Ok(self.listing()?.files.clone())
    }

    fn listing(&self) -> Result<&Listing> {
        if let Some(listing) = self.listed.get() {
            return Ok(listing);
        }
        self.check_names("")?;
        let listing = if self.settings.offline {
            self.cached()?
                .ok_or_else(|| self.asked(None).offline(self.folder.path()))?
        } else {
            match download::list(
                &self.settings,
                &self.repo(&self.revision),
                &self.asked(None),
            ) {
                Ok((commit, files)) => Listing { commit, files },
                Err(error) => self.unlisted(error)?,
            }
        };
        Ok(self.listed.get_or_init(|| listing))
    }

    /// The cached files after the hub has answered with `error`.
    fn unlisted(&self, error: Error) -> Result<Listing> {
        let reason = match &error {
            Error::Hub { reason, .. } => *reason,
            _ => HubReason::Failed,
        };
        if !matches!(reason, HubReason::Unreachable | HubReason::Failed) {
            return Err(error);
        }
        let Some(listing) = self.cached()? else {
            return Err(error);
        };
        tracing::warn!("{error}; using what the cache has");
        Ok(listing)
    }

    fn cached(&self) -> Result<Option<Listing>> {
        let Some(commit) = self.folder.commit(&self.revision) else {
            return Ok(None);
        };
        if !self.folder.snapshot(&commit).is_dir() {
            return Ok(None);
        }
        let files = self.folder.files(&commit).map_err(|source| Error::Io {
            path: self.folder.snapshot(&commit),
            source,
        })?;
        Ok(Some(Listing { commit, files }))
    }

    /// The commit to take files from, as far as it is known.
    fn commit(&self) -> Option<String> {
        match self.listed.get() {
            Some(listing) => Some(listing.commit.clone()),
            None => self.folder.commit(&self.revision),
        }
    }

    fn repo(&self, revision: &str) -> Repo {
        Repo::with_revision(self.name.clone(), self.kind, revision.to_owned())
    }

    fn asked<'a>(&'a self, file: Option<&'a str>) -> Asked<'a> {
        Asked {
            kind: match self.kind {
                RepoType::Dataset => "data set",
                _ => "model",
            },
            name: &self.name,
            file,
            settings: &self.settings,
        }
    }

    /// Names become parts of paths and addresses, so nothing else may be in them.
    fn check_names(&self, file: &str) -> Result<()> {
        let ordinary = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !part.is_empty()
                && part.chars().all(allowed)
                && !part.starts_with('.')
                && !part.contains("..")
        };
        let parts: Vec<&str> = self.name.split('/').collect();
        if self.name.starts_with(['.', '/', '~']) {
            return Err(self
                .asked(None)
                .bad_name("is a path, and there is no such folder"));
        }
        if parts.len() > 2 || !parts.iter().all(|part| ordinary(part)) {
            return Err(self
                .asked(None)
                .bad_name("is not a name of the hub, as ORG/NAME"));
        }
        let inside = |path: &str| {
            !path.contains('\\') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        };
        if !inside(&self.revision) {
            return Err(self.asked(None).bad_name("has no such revision"));
        }
        if !file.is_empty() && !inside(file) {
            return Err(self
                .asked(Some(file))
                .bad_name("is not a path inside a repository"));
        }
        Ok(())
    }
}
