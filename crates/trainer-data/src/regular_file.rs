//! Files that have an end.
//!
//! A pipe that is opened waits for a writer, and a device such as `/dev/zero` is read for ever. What this project reads are
//! regular files, or links to them: opened once, and read as far as they were long then.
//!
//! ```
//! use trainer_data::regular_file;
//!
//! let folder = tempfile::tempdir()?;
//! let place = folder.path().join("config.json");
//! std::fs::write(&place, "{}")?;
//! assert_eq!(regular_file::read_to_string(&place)?, "{}");
//! assert!(regular_file::open(folder.path()).is_err());
//! # Ok::<(), std::io::Error>(())
//! ```

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Take},
    path::Path,
};

/// The most bytes of a file that is read as a whole and is no data: settings, states, vocabularies, lists of names.
pub const MOST_BYTES: u64 = 256 << 20;

/// Opens a file to read, and says how long it is.
///
/// # Errors
/// The system's; [`io::ErrorKind::InvalidInput`] for what is no regular file, and [`io::ErrorKind::IsADirectory`].
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.read(true);
    // To open a pipe that nobody writes to would wait. Regular files know no waiting.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        let message = "it is a folder, where a file is expected";
        return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
    }
    if !metadata.is_file() {
        let message = "it is no regular file, but a pipe, a socket or a device";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok((file, metadata.len()))
}

/// Opens a file to read from its beginning to where it ends now.
///
/// # Errors
/// As [`open`].
pub fn open_to_end(path: &Path) -> io::Result<Take<File>> {
    let (file, length) = open(path)?;
    Ok(file.take(length))
}

/// What a file holds.
///
/// # Errors
/// As [`open`]; [`io::ErrorKind::FileTooLarge`] for one of more than [`MOST_BYTES`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, length) = open(path)?;
    if length > MOST_BYTES {
        let message = format!("it has {length} bytes, more than {MOST_BYTES}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text that a file holds.
///
/// # Errors
/// As [`read`]; [`io::ErrorKind::InvalidData`] for what is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "stream did not contain valid UTF-8",
        )
    })
}
