use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::Duration,
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

/// For so long the hub is waited for at each stage of an answer, as `huggingface_hub` waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// The commit and the files of `repo`, as the hub says.
pub(crate) fn list(
    settings: &Settings,
    repo: &Repo,
    asked: &Asked<'_>,
) -> Result<(String, Vec<String>)> {
    let info: RepoInfo = guarded(asked, || {
        // hf-hub's own `info` waits for as long as the system does, which can be minutes.
        let mut answer = api(settings, settings.cache.clone())?
            .repo(repo.clone())
            .info_request()
            .config()
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .build()
            .call()
            .map_err(Box::new)?;
        let body = answer.body_mut().read_to_vec().map_err(Box::new)?;
        Ok(serde_json::from_slice(&body).map_err(io::Error::from)?)
    })?;
    let mut files: Vec<String> = info
        .siblings
        .into_iter()
        .map(|file| file.rfilename)
        .collect();
    files.sort();
    Ok((info.sha, files))
}

/// Fetches `file` of `repo`, whose revision is a commit, into its `folder` of the cache.
///
/// hf-hub fetches into a folder beside it, since it does not check what it received.
pub(crate) fn fetch(
    settings: &Settings,
    repo: &Repo,
    folder: &RepositoryFolder,
    file: &str,
    asked: &Asked<'_>,
) -> Result<PathBuf> {
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
    let (commit, from) = (repo.revision(), metadata.commit_hash());
    let checked = match from == commit {
        true => check(&blob, metadata.size() as u64, metadata.etag()).map_err(io)?,
        false => Err(format!("came from commit {from} and not {commit}")),
    };
    if let Err(why) = checked {
        fs::remove_file(&blob).map_err(io)?;
        fs::remove_file(&fetched).map_err(io)?;
        return Err(asked.failed(
            &format!("{why}; the download is discarded, try again"),
            None,
        ));
    }
    let path = folder
        .keep(&blob, metadata.etag(), commit, file)
        .map_err(io)?;
    fs::remove_file(&fetched).map_err(io)?;
    Ok(path)
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
