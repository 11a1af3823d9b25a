//! Taking files out of a wheel, each compared with the hash that the wheel's own RECORD gives.

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// A file taken out of a wheel.
pub(super) struct Extracted {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// SHA-256 in hexadecimal digits.
    pub(super) sha256: String,
}

/// Write every file for which `destination` gives a path. Fails on the first file that is not as RECORD says.
pub(super) fn extract(
    wheel: &Path,
    destination: impl Fn(&str) -> Option<PathBuf>,
) -> Result<Vec<Extracted>> {
    let archive = File::open(wheel).with_context(|| format!("{}", wheel.display()))?;
    let mut archive = zip::ZipArchive::new(archive)
        .with_context(|| format!("{} is not a whole wheel", wheel.display()))?;
    let record = record(&mut archive).with_context(|| format!("{}: RECORD", wheel.display()))?;

    let mut extracted = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive
            .by_index(index)
            .with_context(|| format!("{}", wheel.display()))?;
        let name = file
            .name()
            .with_context(|| format!("{}", wheel.display()))?
            .into_owned();
        let Some(path) = destination(&name).filter(|_| file.is_file()) else {
            continue;
        };
        let Some(expected) = record.get(&name) else {
            bail!("{}: {name} is not in the wheel's RECORD", wheel.display());
        };
        let (size, hash) =
            copy(&mut file, &path).with_context(|| format!("{}: {name}", wheel.display()))?;
        if size != expected.size || URL_SAFE_NO_PAD.encode(hash) != expected.sha256 {
            bail!(
                "{}: {name} is damaged: {size} bytes, SHA-256 {}; RECORD says {} bytes, {}",
                wheel.display(),
                URL_SAFE_NO_PAD.encode(hash),
                expected.size,
                expected.sha256
            );
        }
        extracted.push(Extracted {
            path,
            size,
            sha256: hex(&hash),
        });
    }
    Ok(extracted)
}

/// Hash and size of a file.
pub(super) fn hash_file(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path).with_context(|| format!("{}", path.display()))?;
    let (size, hash) = hash_into(&mut file, &mut std::io::sink())
        .with_context(|| format!("{}", path.display()))?;
    Ok((size, hex(&hash)))
}

struct Recorded {
    /// As RECORD writes it: base 64 with the characters `-` and `_`, without padding.
    sha256: String,
    size: u64,
}

/// RECORD is a CSV file without a header: path, `sha256=…`, size. Its own line has neither hash nor size.
fn record(archive: &mut zip::ZipArchive<File>) -> Result<HashMap<String, Recorded>> {
    let mut names = archive.file_names().flatten();
    let name = names
        .find(|name| name.ends_with(".dist-info/RECORD"))
        .map(Cow::into_owned);
    drop(names);
    let mut text = String::new();
    archive
        .by_name(&name.context("the wheel has none")?)?
        .read_to_string(&mut text)?;
    let mut found = HashMap::new();
    for line in csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .records()
    {
        let line = line?;
        if let (Some(path), Some(hash), Some(size)) = (line.get(0), line.get(1), line.get(2))
            && let (Some(sha256), Ok(size)) = (hash.strip_prefix("sha256="), size.parse())
        {
            found.insert(
                path.to_owned(),
                Recorded {
                    sha256: sha256.to_owned(),
                    size,
                },
            );
        }
    }
    Ok(found)
}

fn copy(from: &mut impl Read, to: &Path) -> Result<(u64, [u8; 32])> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    let file = File::create(to).with_context(|| format!("{}", to.display()))?;
    let mut file = BufWriter::new(file);
    let copied = hash_into(from, &mut file)?;
    file.flush().with_context(|| format!("{}", to.display()))?;
    Ok(copied)
}

fn hash_into(from: &mut impl Read, to: &mut impl Write) -> Result<(u64, [u8; 32])> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok((size, hash.finalize().into()));
        }
        hash.update(&piece[..read]);
        to.write_all(&piece[..read])?;
        size += read as u64;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::SimpleFileOptions;

    const EMPTY: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    const HELLO: &str = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ";

    fn wheel(folder: &Path, record: &str) -> Result<PathBuf> {
        let path = folder.join("a.whl");
        let mut archive = zip::ZipWriter::new(File::create(&path)?);
        for (name, text) in [
            ("a/lib/one.so", "hello"),
            ("a/empty", ""),
            ("a-1.dist-info/RECORD", record),
        ] {
            archive.start_file(name, SimpleFileOptions::default())?;
            archive.write_all(text.as_bytes())?;
        }
        archive.finish()?;
        Ok(path)
    }

    #[test]
    fn takes_what_was_asked_for_when_it_is_as_recorded() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let record = format!(
            "a/lib/one.so,sha256={HELLO},5\na/empty,sha256={EMPTY},0\na-1.dist-info/RECORD,,\n"
        );
        let wheel = wheel(folder.path(), &record)?;
        let out = folder.path().join("out/lib");
        let found = extract(&wheel, |name| {
            name.strip_prefix("a/lib/").map(|file| out.join(file))
        })?;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].size, &found[0].path), (5, &out.join("one.so")));
        assert_eq!(fs::read_to_string(out.join("one.so"))?, "hello");
        assert_eq!(
            hash_file(&out.join("one.so"))?,
            (5, found[0].sha256.clone())
        );
        assert!(found[0].sha256.starts_with("2cf24dba5fb0a30e"));
        Ok(())
    }

    #[test]
    fn refuses_a_file_that_is_not_as_recorded() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let all = |name: &str| Some(folder.path().join("out").join(name));
        for (record, expected) in [
            (
                format!("a/lib/one.so,sha256={EMPTY},5\n"),
                "a/lib/one.so is damaged",
            ),
            (
                format!("a/lib/one.so,sha256={HELLO},6\n"),
                "a/lib/one.so is damaged",
            ),
            (
                "x,,\n".to_owned(),
                "a/lib/one.so is not in the wheel's RECORD",
            ),
        ] {
            let error = extract(&wheel(folder.path(), &record)?, all)
                .err()
                .context("was accepted")?;
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
        Ok(())
    }

    #[test]
    fn refuses_half_a_wheel() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let wheel = wheel(folder.path(), "x,,\n")?;
        let bytes = fs::read(&wheel)?;
        fs::write(&wheel, &bytes[..bytes.len() / 2])?;
        let error = extract(&wheel, |_| None).err().context("was accepted")?;
        assert!(
            format!("{error:#}").contains("a.whl is not a whole wheel"),
            "{error:#}"
        );
        Ok(())
    }
}
