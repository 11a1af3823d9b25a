use std::sync::OnceLock;

use super::{Repository, download, unanswered};
use crate::{Error, HubReason, Result};

/// The commit that a repository has settled on.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) commit: String,
    /// Known from the beginning, but for a commit that was asked for by its hash and is cached.
    listing: OnceLock<Listing>,
}

/// The files of that commit.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) files: Vec<String>,
    /// Whether the hub says so; otherwise these are the files that the cache has.
    pub(super) answered: bool,
}

impl Repository {
    /// The commit of all files.
    pub(super) fn settled(&self) -> Result<&Settled> {
        if let Some(settled) = self.settled.get() {
            return Ok(settled);
        }
        self.check_names("")?;
        let settled = match self.is_cached_commit() {
            true => Settled {
                commit: self.revision.clone(),
                listing: OnceLock::new(),
            },
            false => {
                let (commit, listing) = self.ask(&self.revision)?;
                Settled {
                    commit,
                    listing: listing.into(),
                }
            }
        };
        Ok(self.settled.get_or_init(|| settled))
    }

    /// The files of that commit.
    pub(super) fn listing(&self) -> Result<&Listing> {
        let settled = self.settled()?;
        if let Some(listing) = settled.listing.get() {
            return Ok(listing);
        }
        let (_, listing) = self.ask(&settled.commit)?;
        Ok(settled.listing.get_or_init(|| listing))
    }

    /// Notes, for when the hub cannot be asked, what it has said about the revision.
    ///
    /// Only once a file of the commit is there, or else the one before would not be found any more.
    pub(super) fn note_commit(&self) {
        let Some(settled) = self.settled.get() else {
            return;
        };
        let answered = settled
            .listing
            .get()
            .is_some_and(|listing| listing.answered);
        if !answered || self.folder.commit(&self.revision).as_ref() == Some(&settled.commit) {
            return;
        }
        // A cache that cannot be written to serves all the same.
        if let Err(error) = self.folder.set_commit(&self.revision, &settled.commit) {
            tracing::debug!("{}: {error}", self.folder.path().display());
        }
    }

    /// Whether the revision is the full hash of a commit, which never changes, and the cache has that.
    fn is_cached_commit(&self) -> bool {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        self.revision.len() == 40
            && self.revision.bytes().all(is_digit)
            && self.folder.snapshot(&self.revision).is_dir()
    }

    /// The commit that `revision` is, and its files: in one request to the hub, or as the cache has them.
    fn ask(&self, revision: &str) -> Result<(String, Listing)> {
        let endpoint = &self.settings.endpoint;
        let cached = self
            .folder
            .commit(revision)
            .filter(|commit| self.folder.snapshot(commit).is_dir());
        if self.settings.offline {
            let commit = cached.ok_or_else(|| self.asked(None).offline(self.folder.path()))?;
            return self.cached(commit);
        }
        let error = match cached.is_some() && unanswered::lately(endpoint) {
            true => self.asked(None).unanswered(),
            false => match self.list(revision) {
                Ok((commit, files)) => {
                    let answered = true;
                    return Ok((commit, Listing { files, answered }));
                }
                Err(error) => error,
            },
        };
        let Some(commit) = cached else {
            return Err(error);
        };
        crate::warning!(
            "{} {}: the hub at {endpoint} was asked for {revision} in vain ({}); what the cache has of commit {commit} \
             is used",
            self.kind(),
            self.name(),
            std::error::Error::source(&error)
                .map_or_else(|| "no answer a moment ago".to_owned(), ToString::to_string),
        );
        self.cached(commit)
    }

    fn list(&self, revision: &str) -> Result<(String, Vec<String>)> {
        let endpoint = &self.settings.endpoint;
        let listed = download::list(&self.settings, &self.repo(revision), &self.asked(None));
        match &listed {
            Ok(_) => unanswered::forget(endpoint),
            Err(Error::Hub {
                reason: HubReason::Unreachable,
                ..
            }) => unanswered::note(endpoint),
            Err(_) => {}
        }
        listed
    }

    fn cached(&self, commit: String) -> Result<(String, Listing)> {
        let files = self.folder.files(&commit)?;
        let answered = false;
        Ok((commit, Listing { files, answered }))
    }
}
