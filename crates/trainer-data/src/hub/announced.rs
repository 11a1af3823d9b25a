use ureq::http::Uri;

use super::{
    client::{Answer, Failure},
    names::{BlobName, Commit, Misnamed},
};

/// What the hub says about a file.
pub(super) struct Announced {
    pub(super) commit: Commit,
    pub(super) blob: BlobName,
    pub(super) size: Option<u64>,
    /// Where it lies.
    pub(super) address: Uri,
}

/// Reads it from the answer's headers, as `get_hf_file_metadata` of `huggingface_hub` does.
pub(super) fn announced(answer: &Answer) -> Result<Announced, Failure> {
    let commit = answer.header("x-repo-commit");
    let commit = commit.ok_or(Failure::Missing("x-repo-commit"))?;
    let linked = answer.header("x-linked-etag");
    let (place, tag) = match linked {
        Some(tag) => ("x-linked-etag", tag),
        None => (
            "etag",
            answer.header("etag").ok_or(Failure::Missing("etag"))?,
        ),
    };
    let elsewhere = answer.leads_to()?;
    let size = match (answer.header("x-linked-size"), &elsewhere) {
        (Some(size), _) => Some(number("x-linked-size", &size)?),
        (None, None) => content_length(answer)?,
        (None, Some(_)) => None,
    };
    Ok(Announced {
        commit: Commit::parse(&commit).map_err(Failure::at("x-repo-commit"))?,
        blob: BlobName::from_tag(&tag).map_err(Failure::at(place))?,
        size,
        address: elsewhere.unwrap_or_else(|| answer.address.clone()),
    })
}

/// The number of the first byte that an answer has, and the size of the whole file where it says so.
pub(super) fn sent(answer: &Answer) -> Result<(u64, Option<u64>), Failure> {
    const RANGE: &str = "content-range";
    if answer.response.status().as_u16() != 206 {
        return Ok((0, content_length(answer)?));
    }
    let range = answer.header(RANGE).ok_or(Failure::Missing(RANGE))?;
    let parts = range
        .strip_prefix("bytes ")
        .and_then(|range| range.split_once('/'));
    let (first, whole) = match parts {
        Some((part, whole)) => (part.split('-').next().unwrap_or_default(), whole),
        None => (range.as_str(), "*"),
    };
    let whole = match whole {
        "*" => None,
        whole => Some(number(RANGE, whole)?),
    };
    Ok((number(RANGE, first)?, whole))
}

fn content_length(answer: &Answer) -> Result<Option<u64>, Failure> {
    let length = answer.header("content-length");
    length
        .map(|length| number("content-length", &length))
        .transpose()
}

fn number(place: &'static str, text: &str) -> Result<u64, Failure> {
    let bad = |_| Failure::at(place)(Misnamed::new(text, "a number of bytes"));
    text.trim().parse().map_err(bad)
}
