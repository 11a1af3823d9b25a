use std::io::Read;

use serde_json::Value;

use super::{
    client::{Client, Failure},
    names::{Commit, InnerPath, Misnamed},
};

/// A list of files that is longer, in bytes, is not read to its end: a million files need about as much.
const MAX_LIST: u64 = 128 << 20;

/// The commit that a revision is and the files of that, as the hub says at `address`.
pub(super) fn list(
    client: &Client<'_>,
    address: &str,
) -> Result<(Commit, Vec<InnerPath>), Failure> {
    let answer = client.get(address, 0)?;
    let mut body = Vec::new();
    let mut reader = answer.response.into_body().into_reader().take(MAX_LIST + 1);
    reader.read_to_end(&mut body).map_err(ureq::Error::from)?;
    if body.len() as u64 > MAX_LIST {
        return Err(Failure::Answer {
            place: "list of files",
            source: Misnamed::new(&shown(&body), "an end within 128 MiB"),
        });
    }
    let info: Value = serde_json::from_slice(&body).map_err(|_| Failure::Answer {
        place: "body",
        source: Misnamed::new(&shown(&body), "a list of files in JSON"),
    })?;
    let (Some(commit), Some(siblings)) = (info["sha"].as_str(), info["siblings"].as_array()) else {
        return Err(Failure::Missing("commit (sha) and files (siblings)"));
    };
    let commit = Commit::parse(commit).map_err(Failure::at("sha"))?;
    let mut files = Vec::with_capacity(siblings.len());
    for file in siblings {
        let name = file["rfilename"]
            .as_str()
            .ok_or(Failure::Missing("name of a file (rfilename)"))?;
        files.push(InnerPath::parse(name).map_err(Failure::at("rfilename"))?);
    }
    files.sort();
    Ok((commit, files))
}

/// The beginning of an answer; as much as is shown of it.
fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(1000)]).into_owned()
}
