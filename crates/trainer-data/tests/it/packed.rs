//! Files in gzip and zip.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use tempfile::{TempDir, tempdir};
use trainer_data::load_dataset;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::warnings;

const ROWS: &str = "text,label\na,1\nb,0\n";

fn gz(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn folder(name: &str, bytes: &[u8]) -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    folder
}

fn rows(path: &Path) -> usize {
    load_dataset(path.to_str().unwrap(), None).unwrap()["train"].num_rows()
}

/// What is said of a folder with this file, without the folder.
fn refused(name: &str, bytes: &[u8]) -> String {
    let folder = folder(name, bytes);
    let path = folder.path().to_str().unwrap();
    let message = load_dataset(path, None).unwrap_err().to_string();
    message.replace(&format!("{path}/"), "")
}

#[test]
fn a_packed_file_loads_by_its_path_and_from_its_folder() {
    let two = [gz("text,label\na,1\n"), gz("b,0\n")].concat();
    for (name, bytes) in [
        ("a.csv.gz", gz(ROWS)),
        ("b.csv.gz", two),
        ("c.zip", zip(&[("x/c.csv", ROWS.as_bytes())])),
        ("d.csv.zip", zip(&[("d.csv", ROWS.as_bytes())])),
    ] {
        let folder = folder(name, &bytes);
        assert_eq!(rows(&folder.path().join(name)), 2, "{name}");
        assert_eq!(rows(folder.path()), 2, "{name}");
    }
}

#[test]
fn what_is_packed_has_a_size_in_proportion() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b'0'; 1 << 20];
    (0..100).for_each(|_| bomb.write_all(&zeros).unwrap());
    let bomb = bomb.finish().unwrap();
    let expected = "it stands for more than ";
    let message = refused("a.csv.gz", &bomb);
    assert!(message.contains(expected), "{message}");
    // All members of an archive together.
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for member in 0..4 {
        let name = format!("{member}.csv");
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        (0..25).for_each(|_| archive.write_all(&zeros).unwrap());
    }
    let message = refused("a.zip", &archive.finish().unwrap().into_inner());
    assert!(message.contains(expected), "{message}");
}

#[test]
fn errors_in_a_packed_file_have_its_name() {
    let bad = "text,label\na,1,2\n";
    let said = "line 2: 3 fields where the first line has 2";
    assert_eq!(refused("a.csv.gz", &gz(bad)), format!("a.csv.gz, {said}"));
    let archive = zip(&[("good.csv", ROWS.as_bytes()), ("x/bad.csv", bad.as_bytes())]);
    assert_eq!(
        refused("a.zip", &archive),
        format!("a.zip/x/bad.csv, {said}")
    );
    let nested = zip(&[("a.csv.gz", &gz(ROWS))]);
    assert_eq!(
        refused("a.zip", &nested),
        "a.zip/a.csv.gz: it is packed by gzip inside an archive, which is not supported"
    );
}

#[test]
fn what_cannot_be_unpacked_is_refused() {
    let whole = gz(&ROWS.repeat(50));
    for length in [3, 12, whole.len() / 2, whole.len() - 1] {
        let message = refused("a.csv.gz", &whole[..length]);
        assert!(
            message.starts_with("a.csv.gz: the file is damaged"),
            "{length}: {message}"
        );
    }
    let whole = zip(&[("a.csv", ROWS.as_bytes())]);
    assert!(refused("a.zip", &whole[..whole.len() - 5]).starts_with("a.zip: the file is damaged"));
    let mut other = whole.clone();
    let at = whole
        .windows(4)
        .position(|part| part == b"a,1\n")
        .unwrap_or(45);
    other[at] ^= 1;
    assert!(refused("a.zip", &other).starts_with("a.zip: the file is damaged"));
    for (packer, begin) in [
        ("xz", b"\xfd7zXZ\0 and so on".as_slice()),
        ("zstd", b"\x28\xb5\x2f\xfd and so on"),
        ("bzip2", b"BZh91AY&SY and so on"),
    ] {
        let message = refused("a.csv", begin);
        assert!(
            message.starts_with(&format!(
                "a.csv: it is packed by {packer}, which is not supported"
            )),
            "{message}"
        );
    }
}

#[test]
fn files_of_an_archive_that_are_not_used_are_named() {
    let folder = folder(
        "a.zip",
        &zip(&[
            ("a.csv", ROWS.as_bytes()),
            ("b.txt", b"no"),
            ("__MACOSX/a.csv", b"no"),
        ]),
    );
    let (rows, warned) = warnings(|| rows(folder.path()));
    assert_eq!(rows, 2);
    assert_eq!(warned.len(), 1);
    assert!(
        warned[0].ends_with("a.zip: these files in the archive are not used: b.txt"),
        "{warned:?}"
    );
}
