//! Files that broke a reader by a panic, a stack that was too deep, memory or time: each ends in data or one error, soon and
//! in little memory. Each is read by a process of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use trainer_data::load_dataset;
use zip::ZipArchive;

/// What a process of its own is to read.
const READ: &str = "TRAINER_TEST_HOSTILE";
const LONGEST: Duration = Duration::from_secs(5);
const MOST_KIB: u64 = 1 << 20;

/// The folders of data set cards, and the files of other kinds, that are in the archive.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let archive = format!("{}/tests/hostile.zip", env!("CARGO_MANIFEST_DIR"));
    ZipArchive::new(fs::File::open(archive).unwrap())
        .unwrap()
        .extract(folder)
        .unwrap();
    let kinds = ["arrow", "card", "parquet", "text"];
    let entries = kinds.map(|kind| fs::read_dir(folder.join(kind)).unwrap());
    let mut inputs: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    inputs
}

/// Some have no ending of their own.
fn with_ending(path: PathBuf) -> PathBuf {
    if path.extension().is_some() || path.is_dir() {
        return path;
    }
    let named = path.with_extension("parquet");
    fs::rename(path, &named).unwrap();
    named
}

#[test]
fn hostile_files_end_in_data_or_one_error() {
    let folder = TempDir::new().unwrap();
    let inputs = inputs(folder.path());
    assert_eq!(inputs.len(), 49);
    let mut wrong = Vec::new();
    for path in inputs {
        let path = with_ending(path);
        let begun = Instant::now();
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "hostile::one", "--ignored", "--nocapture"])
            .env(READ, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() && begun.elapsed() < LONGEST {
            std::thread::sleep(Duration::from_millis(5));
        }
        let is_late = begun.elapsed() >= LONGEST;
        if is_late {
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let said: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("read "))
            .collect();
        let kib = said
            .first()
            .and_then(|line| line.split(' ').nth(1)?.parse::<u64>().ok());
        if !output.status.success() || is_late || kib.is_none_or(|kib| kib > MOST_KIB) {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            wrong.push(format!(
                "{} {:?} {said:?} {errors}",
                path.display(),
                begun.elapsed()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Of the test above: reads one, and says how much memory that took at most.
#[test]
#[ignore = "is started by the test above"]
fn one() {
    let Some(path) = env::var_os(READ) else {
        return;
    };
    let read = load_dataset(Path::new(&path).to_str().unwrap(), None);
    let what = read.map_or_else(|error| error.to_string(), |data| format!("{data}"));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.map_or("0", |peak| peak.trim().trim_end_matches(" kB"));
    let what: String = what.replace('\n', " ").chars().take(300).collect();
    println!("\nread {peak} KiB: {what}");
}
