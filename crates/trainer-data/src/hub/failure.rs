use std::path::Path;

use super::{cache::BadRef, client::Failure, names::Misnamed, settings::Settings};
use crate::{BoxError, Error, HubReason};

/// What to do about a hub that cannot be reached.
const CHECK_NETWORK: &str =
    "check the network and HF_ENDPOINT, or set HF_HUB_CACHE to a cache that has it";

/// What was asked for when something failed.
pub(crate) struct Asked<'a> {
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) file: Option<&'a str>,
    pub(crate) settings: &'a Settings,
}

impl Asked<'_> {
    /// The cache does not have it and the network is not to be used.
    pub(crate) fn offline(&self, folder: &Path) -> Error {
        let message = format!(
            "{}is not in the cache ({}) and HF_HUB_OFFLINE is set: unset it, or set HF_HUB_CACHE to a cache that has it",
            self.subject(),
            folder.display()
        );
        self.error(HubReason::Offline, message, None)
    }

    /// The cache does not have it and the hub did not answer a moment ago, so that it is not waited for again.
    pub(crate) fn unanswered(&self) -> Error {
        let message = format!(
            "{}is not in the cache and the hub at {} did not answer a moment ago: {CHECK_NETWORK}",
            self.subject(),
            self.settings.endpoint,
        );
        self.error(HubReason::Unreachable, message, None)
    }

    /// The name of a repository or file cannot be one.
    pub(crate) fn bad_name(&self, why: &str, source: Option<Misnamed>) -> Error {
        let found = source
            .as_ref()
            .map(|source| format!(": {source}"))
            .unwrap_or_default();
        let message = format!("{}{why}{found}", self.subject());
        self.error(HubReason::NotFound, message, source.map(Into::into))
    }

    /// The cache names no commit where it should.
    pub(crate) fn bad_ref(&self, source: BadRef) -> Error {
        let message = format!(
            "{}cannot be looked up in the cache: {source}; remove that file, or unset HF_HUB_OFFLINE to have it mended",
            self.subject()
        );
        self.error(HubReason::Failed, message, Some(source.into()))
    }

    /// The download or the cache went wrong.
    pub(crate) fn failed(&self, why: &str, source: Option<BoxError>) -> Error {
        let message = match &source {
            Some(source) => format!("{}{why}: {source}", self.subject()),
            None => format!("{}{why}", self.subject()),
        };
        self.error(HubReason::Failed, message, source)
    }

    /// The hub did not give it.
    pub(crate) fn failure(&self, source: Failure) -> Error {
        let endpoint = &self.settings.endpoint;
        let subject = self.subject();
        let (reason, message) = match status(&source) {
            Some(code @ (401 | 403)) => (
                HubReason::Unauthorised,
                format!(
                    "{subject}is not shown by the hub at {endpoint} (HTTP {code}): the name is wrong, or it is private \
                     or gated and needs a token that has access, in HF_TOKEN or by `huggingface-cli login`"
                ),
            ),
            Some(404) => (
                HubReason::NotFound,
                format!("{subject}is not on the hub at {endpoint} (HTTP 404): check the name"),
            ),
            Some(code) => (
                HubReason::Failed,
                format!(
                    "{subject}could not be had: the hub at {endpoint} answered with HTTP {code}; try again later"
                ),
            ),
            None if is_unreachable(&source) => (
                HubReason::Unreachable,
                format!(
                    "{subject}is not in the cache and the hub at {endpoint} cannot be reached ({source}): {CHECK_NETWORK}"
                ),
            ),
            None => (
                HubReason::Failed,
                format!("{subject}could not be had from the hub at {endpoint}: {source}"),
            ),
        };
        self.error(reason, message, Some(source.into()))
    }

    /// `model x/y: file ` or `model x/y `.
    ///
    /// A path may have been listed by a server: in one line, and without commands to a terminal.
    fn subject(&self) -> String {
        match self.file {
            Some(file) if file.contains(char::is_control) => {
                format!("{} {}: {file:?} ", self.kind, self.name)
            }
            Some(file) => format!("{} {}: {file} ", self.kind, self.name),
            None => format!("{} {} ", self.kind, self.name),
        }
    }

    fn error(&self, reason: HubReason, message: String, source: Option<BoxError>) -> Error {
        Error::Hub {
            repository: format!("{} {}", self.kind, self.name),
            file: self.file.map(str::to_owned),
            endpoint: self.settings.endpoint.clone(),
            reason,
            message,
            source,
        }
    }
}

impl Failure {
    /// Whether the same may be answered in a moment: what was asked for broke off, or the hub has too much to do.
    pub(super) fn may_pass(&self) -> bool {
        matches!(status(self), Some(408 | 429)) || is_unreachable(self)
    }
}

fn status(failure: &Failure) -> Option<u16> {
    match failure {
        Failure::Request(ureq::Error::StatusCode(code)) => Some(*code),
        _ => None,
    }
}

fn is_unreachable(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Request(
            ureq::Error::Io(_)
                | ureq::Error::Timeout(_)
                | ureq::Error::HostNotFound
                | ureq::Error::ConnectionFailed
                | ureq::Error::InvalidProxyUrl
        )
    )
}
