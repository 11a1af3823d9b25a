use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use hf_hub::{
    Cache, Repo,
    api::{
        RepoInfo,
        sync::{Api, ApiBuilder, ApiError, ApiRepo},
    },
};
use sha2::{Digest, Sha256};

use super::{cache::RepositoryFolder, failure::Asked, settings::Settings};
use crate::{Result, panics};

/// A file that has been fetched whole.
pub(crate) struct Fetched {
    pub(crate) commit: String,
    pub(crate) path: PathBuf,
}

/// The commit and the files of `repo`, as the hub says.
pub(crate) fn list(
    settings: &Settings,
    repo: &Repo,
    asked: &Asked<'_>,
) -> Result<(String, Vec<String>)> {
    let info: RepoInfo = guarded(asked, || {
        api(settings, settings.cache.clone())?
            .repo(repo.clone())
            .info()
    })?;
    let mut files: Vec<String> = info
        .siblings
        .into_iter()
        .map(|file| file.rfilename)
        .collect();
    files.sort();
    Ok((info.sha, files))
}

/// Fetches `file` of `repo` into its `folder` of the cache.
///
/// hf-hub fetches into a folder beside it, since it does not check what it received.
pub(crate) fn fetch(
    settings: &Settings,
    repo: &Repo,
    folder: &RepositoryFolder,
    file: &str,
    asked: &Asked<'_>,
) -> Result<Fetched> {
    let staging = folder.path().join(".incomplete");
    let (metadata, fetched) = guarded(asked, || {
        let api = api(settings, staging.clone())?;
        let repo: ApiRepo = api.repo(repo.clone());
        let metadata = api.metadata(&repo.url(file))?;
        fs::create_dir_all(&staging)?;
        let fetched = repo.download(file)?;
        Ok((metadata, fetched))
    })?;
    let io =
        |source: io::Error| asked.failed("could not be put into the cache", Some(source.into()));
    let blob = fs::canonicalize(&fetched).map_err(io)?;
    if let Err(why) = check(&blob, metadata.size() as u64, metadata.etag()).map_err(io)? {
        fs::remove_file(&blob).map_err(io)?;
        fs::remove_file(&fetched).map_err(io)?;
        return Err(asked.failed(
            &format!("{why}; the download is discarded, try again"),
            None,
        ));
    }
    let commit = metadata.commit_hash().to_owned();
    let path = folder
        .keep(&blob, metadata.etag(), &commit, file)
        .map_err(io)?;
    fs::remove_file(&fetched).map_err(io)?;
    Ok(Fetched { commit, path })
}

/// Whether a file has the announced size and, where the tag is a SHA-256, that hash.
fn check(file: &Path, size: u64, etag: &str) -> io::Result<Result<(), String>> {
    let found = fs::metadata(file)?.len();
    if found != size {
        return Ok(Err(format!("came with {found} bytes of {size}")));
    }
    if etag.len() == 64 && etag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let mut hash = Sha256::new();
        io::copy(&mut fs::File::open(file)?, &mut hash)?;
        let found: String = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if !found.eq_ignore_ascii_case(etag) {
            return Ok(Err(format!("came with SHA-256 {found} and not {etag}")));
        }
    }
    Ok(Ok(()))
}

fn api(settings: &Settings, cache: PathBuf) -> Result<Api, ApiError> {
    ApiBuilder::from_cache(Cache::new(cache))
        .with_endpoint(settings.endpoint.clone())
        .with_token(settings.token.clone())
        .with_progress(settings.progress)
        .with_user_agent("trainer", env!("CARGO_PKG_VERSION"))
        .build()
}

/// hf-hub panics on some answers that a hub should not give; here that is an error as others are.
fn guarded<T>(asked: &Asked<'_>, ask: impl FnOnce() -> Result<T, ApiError>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(ask)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(asked.api(error)),
        Err(panic) => {
            let why = format!(
                "could not be had: hf-hub failed ({})",
                panics::message(panic.as_ref())
            );
            Err(asked.failed(&why, None))
        }
    }
}
