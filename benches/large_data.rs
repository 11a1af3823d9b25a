//! Data that is larger than what the process may have: made, saved, opened again, shuffled, and read as batches.
//!
//! `cargo bench -p trainer-data --bench large_data -- 10` does so with 10 GB, of which 20 lie on the disk for a while, and
//! prints times and the peak of the process's own memory. Pages of mapped files, which the system takes back when
//! it needs them, are told apart where it says how many they are (Linux).

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use trainer_data::{
    BoxError, Collate, Column, Columns, DataLoader, Dataset, MapOptions, RandomSampler, Rows,
};

/// Numbers of a row's list, of 8 bytes each.
const IDS: usize = 64;
/// Bytes of a row's text.
const TEXT: usize = 480;
const BATCH: usize = 32;

/// A text and a list of numbers for each row.
fn made(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let numbers = rows.column("number")?;
    let numbers: Vec<i64> = (0..rows.len())
        .map(|k| numbers.int(k))
        .collect::<Result<_, _>>()?;
    let texts = numbers.iter().map(|number| {
        let mut text = format!("row {number} ").repeat(TEXT / 6 + 1);
        text.truncate(TEXT);
        text
    });
    let ids = numbers
        .iter()
        .map(|number| (0..IDS as i64).map(|k| number + k).collect::<Vec<i64>>());
    Ok(Columns::new()
        .with("text", Column::strings(texts))
        .with("ids", Column::int_lists(ids)))
}

/// Reads all of a batch, and gives the sum of its numbers and the bytes of its texts.
struct Sums;

impl Collate for Sums {
    type Batch = (i64, usize);

    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError> {
        let (texts, ids) = (rows.column("text")?, rows.column("ids")?);
        let (mut sum, mut bytes) = (0_i64, 0);
        for k in 0..rows.len() {
            sum = sum.wrapping_add(ids.int_list(k)?.iter().sum::<i64>());
            bytes += texts.str(k)?.len();
        }
        Ok((sum, bytes))
    }
}

/// The largest memory of the process itself, looked at twenty times a second.
struct Peak {
    most: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Peak {
    fn start() -> Self {
        let (most, ends) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (seen, stop) = (Arc::clone(&most), Arc::clone(&ends));
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                seen.fetch_max(own_memory().unwrap_or(0), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(50));
            }
        });
        Self { most, ends, thread }
    }

    /// In MB.
    fn stop(self) -> u64 {
        self.ends.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
        self.most.load(Ordering::Relaxed) / 1000
    }
}

/// In kB.
fn own_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn timed<T>(what: &str, work: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    let (peak, begun) = (Peak::start(), Instant::now());
    let result = work();
    let seconds = begun.elapsed().as_secs_f64();
    println!("{what:<40} {seconds:9.3} s, {:5} MB", peak.stop());
    result
}

fn main() -> Result<(), BoxError> {
    let gigabytes = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok());
    let gigabytes: f64 = gigabytes.unwrap_or(0.01);
    let rows = (gigabytes * 1e9) as i64 / (TEXT + IDS * 8) as i64;
    let folder = tempfile::tempdir_in(".")?;
    let (file, saved) = (
        folder.path().join("made.arrow"),
        folder.path().join("saved"),
    );
    println!("{rows} rows, {gigabytes} GB");
    let numbers = Dataset::from_columns(Columns::new().with("number", Column::ints(0..rows)))?;
    let data = timed("map, to the disk", || {
        let options = MapOptions::default().on_disk(&file);
        Ok(numbers.map_with(&made, &options)?)
    })?;
    timed("save_to_disk", || Ok(data.save_to_disk(&saved)?))?;
    drop(data);
    fs::remove_file(file)?;
    let data = timed("load_from_disk", || Ok(Dataset::load_from_disk(&saved)?))?;
    let data = timed("shuffle", || Ok(data.shuffle(42)))?;
    for (name, workers) in [("batches of 32, shuffled", 0), ("the same, 1 worker", 1)] {
        timed(name, || {
            let loader = DataLoader::builder(&data, Sums)
                .sampler(RandomSampler::new(data.num_rows(), 1))
                .batch_size(BATCH)
                .num_workers(workers)
                .build()?;
            let (begun, mut sum, mut bytes) = (Instant::now(), 0_i64, 0);
            for batch in loader.iter(0) {
                let (more, text) = batch?;
                sum = sum.wrapping_add(more);
                bytes += text;
            }
            let per_second = data.num_rows() as f64 / begun.elapsed().as_secs_f64();
            println!("{per_second:.0} rows/s");
            // Each number stands in 64 lists, moved by 0 to 63.
            let expected =
                IDS as i64 * (rows * (rows - 1) / 2) + rows * (IDS * (IDS - 1) / 2) as i64;
            let all = (sum, bytes) == (expected, rows as usize * TEXT);
            all.then_some(()).ok_or_else(|| "rows were lost".into())
        })?;
    }
    Ok(())
}
