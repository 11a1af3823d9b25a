use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use sha2::{Digest, Sha256};

use super::{
    announced::{Announced, announced, sent},
    client::{Client, Failure},
    failure::Asked,
    names::{BlobName, Commit, InnerPath, Misnamed},
    progress::Bar,
    repository::Place,
};
use crate::{Result, hexadecimal::hexadecimal, warning};

/// So long is waited before a transfer that broke off is tried again.
const WAIT: Duration = Duration::from_secs(1);

/// Why a file did not come.
enum Broken {
    /// The hub failed.
    Hub(Failure),
    /// This machine failed.
    Here(io::Error),
    /// It is not what was announced.
    Other(String),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Here(error)
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::Hub(failure)
    }
}

/// Fetches the file `path` of `commit` into the cache.
///
/// It is received beside the place where it is looked for and moved there when it is what the hub announced. What came of
/// a file whose SHA-256 is known stays there when the transfer ends early; what is sent next, in this call or a later one, goes on behind it.
pub(super) fn fetch(
    place: &Place,
    commit: &Commit,
    path: &InnerPath,
    asked: &Asked<'_>,
    bar: &Bar,
) -> Result<PathBuf> {
    let client = Client::new(asked.settings);
    let endpoint = &asked.settings.endpoint;
    let address = place.kind.file(endpoint, &place.name, commit, path);
    let retries = asked.settings.max_retries;
    receive(place, commit, path, (&client, retries), &address, bar).map_err(|broken| match broken {
        Broken::Hub(failure) => asked.failure(failure),
        Broken::Here(error) => asked.failed("could not be put into the cache", Some(error.into())),
        Broken::Other(why) => asked.failed(
            &format!("{why}; the download from {endpoint} is discarded, try again"),
            None,
        ),
    })
}

fn receive(
    place: &Place,
    commit: &Commit,
    path: &InnerPath,
    (client, retries): (&Client<'_>, u32),
    address: &str,
    bar: &Bar,
) -> Result<PathBuf, Broken> {
    let announced = announced(&client.head(address)?)?;
    if announced.commit != *commit {
        let from = announced.commit;
        return Err(Broken::Other(format!(
            "came from commit {from} and not {commit}"
        )));
    }
    let folder = &place.folder;
    fs::create_dir_all(folder.incomplete())?;
    let lock = File::create(folder.lock_of(&announced.blob))?;
    lock.lock()?;
    if let Some(file) = folder.file(commit, path) {
        // Another thread or process has fetched it while this one waited.
        return Ok(file);
    }
    let part = folder.part_of(&announced.blob);
    let fetched = again(retries, &part, path, || {
        fetch_into(&part, client, &announced, path, bar)
    });
    let fetched = fetched.and_then(|size| check(&part, size, &announced.blob));
    if let Err(broken) = fetched {
        let goes_on = matches!(broken, Broken::Hub(_)) && announced.blob.sha256().is_some();
        if !goes_on && part.exists() {
            fs::remove_file(&part)?;
        }
        return Err(broken);
    }
    Ok(folder.keep(&part, &announced.blob, commit, path)?)
}

/// Calls `fetch` again where the transfer broke off, up to `retries` times in a row without more of `part`.
fn again(
    retries: u32,
    part: &Path,
    path: &InnerPath,
    mut fetch: impl FnMut() -> Result<u64, Broken>,
) -> Result<u64, Broken> {
    let length = || fs::metadata(part).map_or(0, |part| part.len());
    let (mut most, mut left) = (length(), retries);
    loop {
        let failure = match fetch() {
            Err(Broken::Hub(failure)) if failure.may_pass() => failure,
            ended => return ended,
        };
        let length = length();
        if length > most {
            (most, left) = (length, retries);
        }
        let Some(fewer) = left.checked_sub(1) else {
            return Err(failure.into());
        };
        left = fewer;
        warning!(
            "{:?} is asked for again, {length} bytes have come: {failure}",
            path.as_str()
        );
        thread::sleep(WAIT);
    }
}

/// Has the bytes sent that `part` lacks. Returns the size that the file should have.
fn fetch_into(
    part: &Path,
    client: &Client<'_>,
    announced: &Announced,
    path: &InnerPath,
    bar: &Bar,
) -> Result<u64, Broken> {
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(part)?;
    let mut start = file.metadata()?.len();
    // Bytes of two answers make one file only where its hash shows that they belong together.
    if announced.blob.sha256().is_none() || announced.size.is_none_or(|size| start > size) {
        file.set_len(0)?;
        start = 0;
    }
    if announced.size == Some(start) {
        return Ok(start);
    }
    let answer = client.get(&announced.address.to_string(), start)?;
    let (first, size) = sent(&answer)?;
    if first != start {
        file.set_len(first.min(start))?;
    }
    if first > start {
        let source = Misnamed::new(
            &first.to_string(),
            "a part that begins where it was asked to",
        );
        return Err(Failure::at("content-range")(source).into());
    }
    let size = announced
        .size
        .or(size)
        .ok_or(Failure::Missing("content-length"))?;
    file.seek(SeekFrom::End(0))?;
    // One more byte shows that there is more than was announced.
    let rest = answer.response.into_body().into_reader();
    bar.file(path, first, size);
    let rest = rest.take((size - first.min(size)).saturating_add(1));
    let copied = copy(rest, &mut file, bar);
    if copied.is_err() {
        bar.broken_off(file.metadata()?.len(), size);
    }
    copied.map(|()| size)
}

fn copy(mut from: impl Read, to: &mut File, bar: &Bar) -> Result<(), Broken> {
    let mut buffer = vec![0; 1 << 17];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                to.write_all(&buffer[..read])?;
                bar.add(read);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::from(ureq::Error::from(error)).into()),
        }
    }
}

/// Checks that a file has the announced size and, where the tag is a SHA-256, that hash.
fn check(file: &Path, size: u64, blob: &BlobName) -> Result<(), Broken> {
    let found = fs::metadata(file)?.len();
    if found > size {
        return Err(Broken::Other(format!(
            "came with more than the {size} bytes announced"
        )));
    }
    if found < size {
        return Err(Broken::Other(format!("came with {found} bytes of {size}")));
    }
    let Some(expected) = blob.sha256() else {
        return Ok(());
    };
    let mut hash = Sha256::new();
    io::copy(&mut File::open(file)?, &mut hash)?;
    let found = hexadecimal(&hash.finalize());
    match found.eq_ignore_ascii_case(expected) {
        true => Ok(()),
        false => Err(Broken::Other(format!(
            "came with SHA-256 {found} and not {expected}"
        ))),
    }
}
