use std::sync::OnceLock;

use super::{
    Repository,
    client::{Client, Failure},
    listing,
    names::{Commit, InnerPath, Misnamed},
    repository::Place,
    unanswered,
};
use crate::{Error, HubReason, Result};

/// The commit that a repository has settled on.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) place: Place,
    pub(super) commit: Commit,
    /// Known from the beginning, but for a commit that was asked for by its hash and is cached.
    listing: OnceLock<Listing>,
}

/// The files of that commit.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) files: Vec<InnerPath>,
    /// Whether the hub says so; otherwise these are the files that the cache has.
    pub(super) answered: bool,
}

impl Repository {
    /// The commit of all files.
    pub(super) fn settled(&self) -> Result<&Settled> {
        if let Some(settled) = self.settled.get() {
            return Ok(settled);
        }
        let place = self.place()?;
        let settled = match place.cached_commit() {
            Some(commit) => Settled {
                place,
                commit,
                listing: OnceLock::new(),
            },
            None => {
                let (commit, listing) = self.ask(&place)?;
                Settled {
                    place,
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
        let (_, listing) = self.ask(&settled.place)?;
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
        let Place {
            folder, revision, ..
        } = &settled.place;
        let noted = folder.commit(revision).ok().flatten();
        if !answered || noted.as_ref() == Some(&settled.commit) {
            return;
        }
        // A cache that cannot be written to serves all the same.
        if let Err(error) = folder.set_commit(revision, &settled.commit) {
            tracing::debug!("{}: {error}", folder.path().display());
        }
    }

    /// The commit that the revision is, and its files: in one request to the hub, or as the cache has them.
    fn ask(&self, place: &Place) -> Result<(Commit, Listing)> {
        let endpoint = &self.settings.endpoint;
        let asked = self.asked(None);
        let cached = place.folder.commit(&place.revision);
        if self.settings.offline {
            let commit = cached.map_err(|bad| asked.bad_ref(bad))?;
            let commit = commit.filter(|commit| place.folder.snapshot(commit).is_dir());
            let commit = commit.ok_or_else(|| asked.offline(place.folder.path()))?;
            return cached_files(place, commit);
        }
        let cached = cached.unwrap_or_else(|bad| {
            crate::warning!("{} {}: {bad}: it is not used", self.kind(), self.name());
            None
        });
        let cached = cached.filter(|commit| place.folder.snapshot(commit).is_dir());
        let error = match cached.is_some() && unanswered::lately(endpoint) {
            true => asked.unanswered(),
            false => match self.list(place) {
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
            "{} {}: the hub at {endpoint} was asked for {} in vain ({}); what the cache has of commit {commit} is used",
            self.kind(),
            self.name(),
            place.revision,
            std::error::Error::source(&error)
                .map_or_else(|| "no answer a moment ago".to_owned(), ToString::to_string),
        );
        cached_files(place, commit)
    }

    fn list(&self, place: &Place) -> Result<(Commit, Vec<InnerPath>)> {
        let endpoint = &self.settings.endpoint;
        let address = place.kind.listing(endpoint, &place.name, &place.revision);
        let listed = listing::list(&Client::new(&self.settings), &address)
            .and_then(|listed| match Commit::parse(place.revision.as_str()) {
                Ok(asked) if asked != listed.0 => Err(Failure::at("sha")(Misnamed::new(
                    listed.0.as_str(),
                    "the commit that was asked for",
                ))),
                _ => Ok(listed),
            })
            .map_err(|failure| self.asked(None).failure(failure));
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
}

fn cached_files(place: &Place, commit: Commit) -> Result<(Commit, Listing)> {
    let files = place.folder.files(&commit)?;
    let answered = false;
    Ok((commit, Listing { files, answered }))
}
