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
    let mut bomb = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    (0..20).for_each(|_| bomb.write_all(&zeros).unwrap());
    let message = refused("a.csv.bz2", &bomb.finish().unwrap());
    assert!(message.contains(expected), "{message}");
    let mut bomb = zstd::Encoder::new(Vec::new(), 19).unwrap();
    (0..40).for_each(|_| bomb.write_all(&zeros).unwrap());
    let message = refused("a.csv.zst", &bomb.finish().unwrap());
    assert!(message.contains(expected), "{message}");
    let message = refused("a.csv.xz", include_bytes!("../data/bomb.xz"));
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

/// A frame of zstd that asks for a window of 2 GiB, and one block of xz with a dictionary of 4 GiB: the file is short, the memory
/// would not be.
#[test]
fn what_asks_for_too_much_memory_is_refused() {
    // Magic, frame header without sizes, window of 2^31, a raw block of one byte.
    let zstd = [
        0x28,
        0xb5,
        0x2f,
        0xfd,
        0x00,
        21 << 3,
        0x09,
        0x00,
        0x00,
        b'a',
    ];
    let message = refused("a.csv.zst", &zstd);
    assert!(message.contains("too much memory"), "{message}");
    let message = refused("a.csv.xz", include_bytes!("../data/hungry.xz"));
    assert!(message.contains("needed memory too big"), "{message}");
}

/// zstd's own library packs here; `parity/folders.py` has what Python's other modules pack.
#[test]
fn files_in_zstd_are_read() {
    let packed = zstd::encode_all(ROWS.as_bytes(), 3).unwrap();
    let parts = [
        zstd::encode_all(&ROWS.as_bytes()[..15], 19).unwrap(),
        zstd::encode_all(&ROWS.as_bytes()[15..], 1).unwrap(),
    ];
    for (name, bytes) in [
        ("a.csv.zst", packed.clone()),
        ("b.csv", packed.clone()),
        ("c.csv.zst", parts.concat()),
    ] {
        let folder = folder(name, &bytes);
        assert_eq!(rows(&folder.path().join(name)), 2, "{name}");
    }
    for length in [5, packed.len() / 2, packed.len() - 1] {
        let message = refused("a.csv.zst", &packed[..length]);
        assert!(
            message.starts_with("a.csv.zst: the file is damaged"),
            "{message}"
        );
    }
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
    for begin in [
        b"\xfd7zXZ\0 and so on".as_slice(),
        b"\x28\xb5\x2f\xfd and so on",
        b"BZh91AY&SY and so on",
    ] {
        let message = refused("a.csv", begin);
        assert!(
            message.starts_with("a.csv: the file is damaged"),
            "{message}"
        );
    }
    for (packer, begin) in [
        ("lz4", b"\x04\x22\x4d\x18 and so on".as_slice()),
        ("7z", b"7z\xbc\xaf\x27\x1c and so on"),
        ("rar", b"Rar!\x1a\x07 and so on"),
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
