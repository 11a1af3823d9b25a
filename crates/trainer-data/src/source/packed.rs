//! Packed files, unpacked to a folder that is gone after they were read.

use std::{
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use zip::ZipArchive;

use super::{
    apache::Budget,
    encoding::{Encoding, Recoded},
    format::{self, Ending, Format},
    packer::Packer,
    table::{damaged, guarded, unreadable},
};
use crate::{Error, Result, regular_file, warning};

/// A file to read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where it is read.
    pub(crate) path: PathBuf,
    /// What it is called in errors.
    pub(crate) name: PathBuf,
}

/// Where files are unpacked, from the first one on.
#[derive(Debug, Default)]
pub(crate) struct Unpacked(Option<TempDir>);

impl Unpacked {
    /// The files of `format` in `path`, which is one, or has it packed: by what it begins with, as in Python's `datasets`,
    /// not by its name. Where an `encoding` is given they are as UTF-8.
    pub(crate) fn open(
        &mut self,
        path: &Path,
        format: Format,
        encoding: Option<Encoding>,
    ) -> Result<Vec<Source>> {
        let sources = self.plain(path, format)?;
        let (Some(encoding), Format::Csv | Format::Json | Format::Text) = (encoding, format) else {
            return Ok(sources);
        };
        let recoded = sources.into_iter().map(|source| {
            let unread = |error| unreadable(&source.name, error);
            let (file, length) = regular_file::open(&source.path).map_err(unread)?;
            let mut budget = Budget::of_packed(length);
            let path = self.write(&source.name, Recoded::new(file, encoding), &mut budget)?;
            Ok(Source { path, ..source })
        });
        recoded.collect()
    }

    /// The files in `path`, or `path` itself.
    fn plain(&mut self, path: &Path, format: Format) -> Result<Vec<Source>> {
        let source = |path: PathBuf, name: PathBuf| Source { path, name };
        let packer = match packed_by(path)? {
            None => return Ok(vec![source(path.to_owned(), path.to_owned())]),
            Some(Packer::Zip) => return self.members(path, format),
            Some(packer) => packer,
        };
        let unread = |source| unreadable(path, source);
        let (file, length) = regular_file::open(path).map_err(unread)?;
        let Some(file) = packer.unpacked(file).map_err(unread)? else {
            return Err(Error::File {
                path: path.to_owned(),
                message: format!(
                    "it is packed by {packer}, which is not supported: unpack it, or pack it by gzip, bzip2, xz, zstd or zip"
                ),
                source: None,
            });
        };
        let mut budget = Budget::of_packed(length);
        // A parser of a hostile file may panic.
        let unpacked = guarded(path, || self.write(path, file, &mut budget))?;
        Ok(vec![source(unpacked, path.to_owned())])
    }

    fn members(&mut self, path: &Path, format: Format) -> Result<Vec<Source>> {
        let (names, others): (Vec<String>, Vec<String>) = names(path)?
            .into_iter()
            .partition(|name| format::of_file(name) == Some(Ending::Read(format)));
        if names.is_empty() {
            return Err(Error::File {
                path: path.to_owned(),
                message: format!("no file in the archive is of format {format}"),
                source: None,
            });
        }
        if !others.is_empty() {
            warning!(
                "{}: these files in the archive are not used: {}",
                path.display(),
                others.join(", ")
            );
        }
        let (mut archive, length) = archive(path)?;
        let mut budget = Budget::of_packed(length);
        let mut sources = Vec::new();
        for name in names {
            let member = archive
                .by_name(&name)
                .map_err(|source| damaged(path, source))?;
            let unpacked = self.write(path, member, &mut budget)?;
            let name = path.join(name);
            if let Some(packer) = packed_by(&unpacked)? {
                return Err(Error::File {
                    path: name,
                    message: format!(
                        "it is packed by {packer} inside an archive, which is not supported"
                    ),
                    source: None,
                });
            }
            sources.push(Source {
                path: unpacked,
                name,
            });
        }
        Ok(sources)
    }

    /// Writes what `packed`, of the file `path`, gives to a new file, as long as it is within `budget`.
    fn write(
        &mut self,
        path: &Path,
        mut packed: impl Read,
        budget: &mut Budget,
    ) -> Result<PathBuf> {
        let temporary = |source| unreadable(&std::env::temp_dir(), source);
        let folder = match self.0.take() {
            Some(folder) => folder,
            None => TempDir::new().map_err(temporary)?,
        };
        let folder = self.0.insert(folder);
        let cannot_write = |source| unreadable(folder.path(), source);
        let file = tempfile::Builder::new()
            .tempfile_in(folder.path())
            .map_err(cannot_write)?;
        let (mut file, unpacked) = file.keep().map_err(|error| cannot_write(error.error))?;
        let mut part = vec![0; 1 << 16];
        loop {
            let read = packed
                .read(&mut part)
                .map_err(|source| damaged(path, source))?;
            if read == 0 {
                return Ok(unpacked);
            }
            budget
                .take(read, 1)
                .map_err(|message| damaged(path, message))?;
            io::Write::write_all(&mut file, &part[..read]).map_err(cannot_write)?;
        }
    }
}

/// The names of the files in the archive `path` that are not hidden, sorted.
pub(crate) fn names(path: &Path) -> Result<Vec<String>> {
    let (archive, _) = archive(path)?;
    let mut names = Vec::new();
    for name in archive.file_names() {
        names.push(name.map_err(|source| damaged(path, source))?.into_owned());
    }
    names.retain(|name| is_visible(name));
    // The files of a folder before those of the folders in it.
    names.sort_by_key(|name| {
        let mut parts: Vec<(bool, String)> = name
            .split('/')
            .map(|part| (true, part.to_owned()))
            .collect();
        if let Some(last) = parts.last_mut() {
            last.0 = false;
        }
        parts
    });
    Ok(names)
}

fn packed_by(path: &Path) -> Result<Option<Packer>> {
    let mut begins = Vec::new();
    let (file, _) = regular_file::open(path).map_err(|source| unreadable(path, source))?;
    file.take(Packer::MARK)
        .read_to_end(&mut begins)
        .map_err(|source| unreadable(path, source))?;
    Ok(Packer::of(&begins))
}

/// The archive, and how long it is.
fn archive(path: &Path) -> Result<(ZipArchive<impl Read + Seek>, u64)> {
    let (file, length) = regular_file::open(path).map_err(|source| unreadable(path, source))?;
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|source| damaged(path, source))?;
    Ok((archive, length))
}

fn is_visible(name: &str) -> bool {
    !name.ends_with('/')
        && !name
            .split('/')
            .any(|part| part.starts_with('.') || part.starts_with("__"))
}
