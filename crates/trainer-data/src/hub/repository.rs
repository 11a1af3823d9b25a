use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{
    address::Kind,
    cache::{RepositoryFolder, broken_link},
    commit::Settled,
    download,
    failure::Asked,
    names::{Commit, InnerPath, RepositoryName},
    progress::Bar,
    settings::{ENDPOINT, MAX_RETRIES, Settings},
    unanswered,
};
use crate::Result;

/// The hub and its cache on this machine.
#[derive(Debug, Clone)]
pub struct Hub {
    settings: Arc<Settings>,
}

impl Hub {
    /// The hub as the environment says; the [module](crate::hub) lists the variables.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no home folder and no variable names a folder for the cache.
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
                max_retries: MAX_RETRIES,
            }),
        }
    }

    /// The same with another address, as `https://hub.example`.
    #[must_use]
    pub fn endpoint(self, endpoint: &str) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        self.with(|settings| settings.endpoint = endpoint)
    }

    /// The same with its cache in another folder.
    #[must_use]
    pub fn cache_in(self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        self.with(|settings| settings.cache = folder)
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

    /// The same with a file asked for again so often, a second later each, when its transfer breaks off or is put off (HTTP 408 or 429): 5
    /// times unless this says otherwise. Once more of a file has come, counting begins anew.
    #[must_use]
    pub fn max_retries(self, max_retries: u32) -> Self {
        self.with(|settings| settings.max_retries = max_retries)
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
        Repository::new(self, Kind::Model, name)
    }

    /// The data set `name`, as `nyu-mll/glue`. Nothing is asked yet.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Repository {
        Repository::new(self, Kind::Dataset, name)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

/// A model or data set of the hub, at one revision.
///
/// At its first use it settles on one commit, and takes every file from that one, whatever is pushed meanwhile; so do
/// its clones. The commit is what the hub says the revision is now, or what it was when the cache was filled where
/// the network is not used, or where the hub does not answer or refuses, of which a warning is given. A revision that
/// is the full hash of a commit in the cache needs no question.
#[derive(Debug, Clone)]
pub struct Repository {
    pub(super) settings: Arc<Settings>,
    kind: Kind,
    name: String,
    revision: String,
    pub(super) settled: Arc<OnceLock<Settled>>,
}

/// Where the files of a repository at a revision are: there and in the cache.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) name: RepositoryName,
    pub(super) revision: InnerPath,
    pub(super) folder: RepositoryFolder,
}

impl Place {
    /// The revision where that is the full hash of a commit, which never changes, and the cache has it.
    pub(super) fn cached_commit(&self) -> Option<Commit> {
        let commit = Commit::parse(self.revision.as_str()).ok()?;
        self.folder.snapshot(&commit).is_dir().then_some(commit)
    }
}

impl Repository {
    fn new(hub: &Hub, kind: Kind, name: &str) -> Self {
        Self {
            settings: Arc::clone(&hub.settings),
            kind,
            name: name.to_owned(),
            revision: "main".to_owned(),
            settled: Arc::default(),
        }
    }

    /// The same repository at a branch, tag or commit other than `main`.
    #[must_use]
    pub fn revision(mut self, revision: &str) -> Self {
        self.revision = revision.to_owned();
        self.settled = Arc::default();
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
    /// [`Error::Hub`](crate::Error::Hub) with the reason and what to do about it.
    pub fn file(&self, path: &str) -> Result<PathBuf> {
        self.file_at(&self.path(path)?, &Bar::begin(&self.settings))
    }

    pub(super) fn file_at(&self, path: &InnerPath, bar: &Bar) -> Result<PathBuf> {
        let asked = self.asked(Some(path.as_str()));
        let Settled { place, commit, .. } = self.settled()?;
        if let Some(file) = place.folder.file(commit, path) {
            self.note_commit();
            return Ok(file);
        }
        if self.settings.offline {
            return Err(asked.offline(place.folder.path()));
        }
        if !self.listing()?.answered && unanswered::lately(&self.settings.endpoint) {
            return Err(asked.unanswered());
        }
        let file = download::fetch(place, commit, path, &asked, bar)?;
        place
            .folder
            .set_commit(&place.revision, commit)
            .map_err(|source| {
                asked.failed("could not be put into the cache", Some(source.into()))
            })?;
        Ok(file)
    }

    /// [`Self::file`], or nothing if the repository does not have it.
    ///
    /// Offline, and when the hub does not answer, that is when the cached commit does not.
    ///
    /// # Errors
    /// [`Error::Hub`](crate::Error::Hub) if that cannot be known, or the file cannot be had.
    pub fn optional_file(&self, path: &str) -> Result<Option<PathBuf>> {
        let path = self.path(path)?;
        let Settled { place, commit, .. } = self.settled()?;
        let cached = place.folder.file(commit, &path).is_some();
        match cached || self.listing()?.files.contains(&path) {
            true => self.file_at(&path, &Bar::begin(&self.settings)).map(Some),
            // Without the hub's own list a file that was there may not be taken for one that there is not.
            false => match place.folder.broken(commit, &path) {
                Some(link) => Err(broken_link(link)),
                None => Ok(None),
            },
        }
    }

    /// The paths of all files, sorted.
    ///
    /// Offline, and when the hub does not answer, those that the cache has.
    ///
    /// # Errors
    /// [`Error::Hub`](crate::Error::Hub) if the hub does not say and the cache has no snapshot.
    pub fn files(&self) -> Result<Vec<String>> {
        let files = &self.listing()?.files;
        Ok(files.iter().map(ToString::to_string).collect())
    }

    /// Its names, which become parts of paths and addresses, checked.
    pub(super) fn place(&self) -> Result<Place> {
        let name = RepositoryName::parse(&self.name)
            .map_err(|why| self.asked(None).bad_name(why, None))?;
        let revision = InnerPath::parse(&self.revision).map_err(|source| {
            let why = "has no such revision";
            self.asked(None).bad_name(why, Some(source))
        })?;
        Ok(Place {
            kind: self.kind,
            folder: RepositoryFolder::new(&self.settings.cache, &self.kind.folder_name(&name)),
            name,
            revision,
        })
    }

    pub(super) fn path(&self, path: &str) -> Result<InnerPath> {
        InnerPath::parse(path).map_err(|source| {
            let asked = self.asked(Some(path));
            asked.bad_name("is not a path inside a repository", Some(source))
        })
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind.word()
    }

    pub(super) fn asked<'a>(&'a self, file: Option<&'a str>) -> Asked<'a> {
        Asked {
            kind: self.kind(),
            name: &self.name,
            file,
            settings: &self.settings,
        }
    }
}
