//! Files that appear whole or not at all, whatever happens to the process or the machine meanwhile.
//!
//! What is written goes into a file beside its place, hidden by a leading dot; it is flushed to the disk and then renamed.
//! Readers see the old content or the new, never a part. The new file is as open to others as the process's umask lets
//! any file be.
//!
//! ```
//! use std::io::Write;
//! use trainer_data::durable;
//!
//! # let folder = tempfile::tempdir()?;
//! let place = folder.path().join("results.json");
//! durable::write(&place, b"{}")?;
//!
//! let mut file = durable::StagedFile::create(&place)?;    // for what is too large to be held in memory
//! file.write_all(b"[1, ")?;
//! file.write_all(b"2]")?;
//! assert_eq!(std::fs::read(&place)?, b"{}");
//! file.keep()?;
//! assert_eq!(std::fs::read(&place)?, b"[1, 2]");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes `bytes` to `path`, in the place of what is there.
///
/// # Errors
/// What the system says if the folder does not exist, or cannot be written to, or the disk is full; `path` is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = StagedFile::create(path)?;
    file.write_all(bytes)?;
    file.keep()
}

/// A file that is being written beside its place. Dropped without [`keep`](Self::keep), it is removed.
#[derive(Debug)]
pub struct StagedFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl StagedFile {
    /// Begins a file that will be `path`. Its folder must exist.
    ///
    /// # Errors
    /// What the system says if no file can be made there.
    pub fn create(path: &Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut builder = tempfile::Builder::new();
        // Temporary files are private; this one becomes a real one.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder
            .prefix(&format!(".{name}."))
            .suffix(".partial")
            .tempfile_in(folder_of(path))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    /// Puts the file at its place, in the place of what is there, when all of it is on the disk.
    ///
    /// # Errors
    /// What the system says; what was at the place is then still there, unless it is the folder that cannot be flushed.
    pub fn keep(self) -> io::Result<()> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        sync_folder(folder_of(&self.path))
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes what was renamed, made and removed in `folder` durable, where the system can.
///
/// # Errors
/// What the system says if the folder does not exist or cannot be flushed.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// Puts the folder `new` in the place of the folder `place`, and gives the path that the old one has now, which the caller removes:
/// that of `new` where the system exchanges names in one step, so that one of both is at `place` at any time; else `parked`, to which it
/// is renamed first.
///
/// # Errors
/// What the system says; the old folder is then still at `place`, or if it cannot be put back at `parked`.
pub fn replace_folder(new: &Path, place: &Path, parked: &Path) -> io::Result<PathBuf> {
    match exchange(new, place)? {
        true => Ok(new.to_owned()),
        false => replace_in_two_steps(new, place, parked),
    }
}

fn replace_in_two_steps(new: &Path, place: &Path, parked: &Path) -> io::Result<PathBuf> {
    fs::rename(place, parked)?;
    if let Err(error) = fs::rename(new, place) {
        fs::rename(parked, place)?;
        return Err(error);
    }
    Ok(parked.to_owned())
}

/// Whether each of both has the name of the other now; the system, or the file system, may not have such a step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(error) if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP].contains(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// The folder of a path: the current one for a bare name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> io::Result<Vec<String>> {
        std::fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    #[test]
    fn nothing_is_seen_before_it_is_whole_and_nothing_stays_of_what_is_not_kept() -> io::Result<()>
    {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("weights");
        write(&path, b"old")?;
        let mut file = StagedFile::create(&path)?;
        file.write_all(&[7; 100_000])?;
        assert_eq!(std::fs::read(&path)?, b"old");
        drop(file);
        assert_eq!(std::fs::read(&path)?, b"old");
        assert_eq!(names(folder.path())?, ["weights"]);

        let mut file = StagedFile::create(&path)?;
        file.write_all(&[7; 100_000])?;
        file.keep()?;
        assert_eq!(std::fs::read(&path)?, [7; 100_000]);
        assert_eq!(names(folder.path())?, ["weights"]);
        Ok(())
    }

    #[test]
    fn a_place_that_cannot_be_is_an_error() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(write(&folder.path().join("absent/file"), b"").is_err());
        assert!(write(folder.path(), b"").is_err());
        Ok(())
    }

    #[test]
    fn a_bare_name_lies_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("file")), Path::new("."));
        assert_eq!(folder_of(Path::new("folder/file")), Path::new("folder"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_as_open_as_any_other_file() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir()?;
        let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
        write(&ours, b"1")?;
        std::fs::write(&other, b"1")?;
        let mode = |path| std::fs::metadata(path).map(|data| data.permissions().mode());
        assert_eq!(mode(ours)?, mode(other)?);
        Ok(())
    }

    #[test]
    fn a_folder_takes_the_place_of_another_or_leaves_it() -> io::Result<()> {
        for replace in [replace_folder, replace_in_two_steps] {
            let folder = tempfile::tempdir()?;
            let [new, place, parked] =
                ["new", "place", "parked"].map(|name| folder.path().join(name));
            fs::create_dir(&place)?;
            fs::write(place.join("old"), b"")?;
            assert!(replace(&new, &place, &parked).is_err());
            assert_eq!(names(folder.path())?, ["place"]);
            assert_eq!(names(&place)?, ["old"]);

            fs::create_dir(&new)?;
            let old = replace(&new, &place, &parked)?;
            assert_eq!(names(&place)?.len(), 0);
            assert_eq!(names(&old)?, ["old"]);
            assert_eq!(names(folder.path())?.len(), 2);
        }
        Ok(())
    }
}
