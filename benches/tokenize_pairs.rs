//! Pairs of texts to tokens: `map` here, `map` of Python's `datasets`, and the tokenizers library alone.
//!
//! `cargo bench -p trainer-tokenize --bench tokenize_pairs -- 200000 3` takes MRPC's pairs from the hub's cache, as often as it takes to have
//! 200,000, encodes them by the tokenizer of MiniLM with truncation, and writes the result to the disk, three times in turn with Python
//! (`parity/tokenize_pairs.py`; by the Python that `PYTHON` names, or not at all). Prints seconds of the clock and of the processors.

use std::{env, fs, path::Path, process::Command, time::Instant};

use tokenizers::EncodeInput;
use trainer_data::{BoxError, Dataset, MapOptions, concatenate_datasets, load_dataset};
use trainer_tokenize::{AutoTokenizer, Tokenizer};

const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";

fn main() -> Result<(), BoxError> {
    let numbers = env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok());
    let numbers: Vec<usize> = numbers.collect();
    let (count, turns) = match numbers.as_slice() {
        [count, turns, ..] => (*count, *turns),
        [count] => (*count, 1),
        [] => (2000, 1),
    };
    let folder = tempfile::tempdir_in(".")?;
    let folder = folder.path();
    let pairs = pairs(count)?;
    pairs.save_to_disk(folder.join("pairs"))?;
    let pairs = Dataset::load_from_disk(folder.join("pairs"))?;
    let tokenizer = AutoTokenizer::from_pretrained(MODEL)?;
    println!(
        "{:<24} {:>9} {:>12}",
        format!("{count} pairs"),
        "clock",
        "processors"
    );
    for _ in 0..turns {
        for threads in [1, 2] {
            let out = folder.join(format!("here-{threads}.arrow"));
            timed(&format!("here, {threads} threads"), || {
                map(&pairs, &tokenizer, threads, &out)
            })?;
            python(count, folder, threads)?;
        }
        timed("the library, 1 thread", || library(&pairs, folder))?;
    }
    Ok(())
}

/// MRPC's training rows, again and again.
fn pairs(count: usize) -> Result<Dataset, BoxError> {
    let rows = load_dataset("nyu-mll/glue", "mrpc")?;
    let rows = &rows["train"];
    let all = vec![rows.clone(); count.div_ceil(rows.num_rows())];
    let first: Vec<usize> = (0..count).collect();
    Ok(concatenate_datasets(&all)?.select(&first)?)
}

fn map(pairs: &Dataset, tokenizer: &Tokenizer, threads: usize, out: &Path) -> Result<(), BoxError> {
    let options = MapOptions::default().num_proc(threads).on_disk(out);
    let columns = tokenizer.pair("sentence1", "sentence2").truncation(true);
    let mapped = pairs.map_with(&columns, &options)?;
    assert_eq!(mapped.num_rows(), pairs.num_rows());
    Ok(())
}

/// What there is to do without columns: each pair by `encode_fast` of the tokenizers library.
fn library(pairs: &Dataset, folder: &Path) -> Result<(), BoxError> {
    let saved = folder.join("tokenizer");
    if !saved.exists() {
        AutoTokenizer::from_pretrained(MODEL)?.save_pretrained(&saved)?;
    }
    let mut backend = tokenizers::Tokenizer::from_file(saved.join("tokenizer.json"))?;
    backend.with_padding(None);
    let all: Vec<usize> = (0..pairs.num_rows()).collect();
    let rows = pairs.rows(&all)?;
    let (first, second) = (rows.column("sentence1")?, rows.column("sentence2")?);
    let mut tokens = 0;
    for row in 0..rows.len() {
        let pair: EncodeInput<'_> = (first.str(row)?, second.str(row)?).into();
        tokens += backend.encode_fast(pair, true)?.len();
    }
    assert!(tokens > 0);
    Ok(())
}

/// Prints the line of Python's script, where there is a Python.
fn python(count: usize, folder: &Path, processes: usize) -> Result<(), BoxError> {
    let Some(python) = env::var_os("PYTHON") else {
        return Ok(());
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../parity/tokenize_pairs.py");
    let output = Command::new(python)
        .arg(script)
        .arg(count.to_string())
        .arg(folder)
        .arg(processes.to_string())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [_, processes, clock, used] => {
            println!(
                "{:<24} {clock:>9} {used:>12}",
                format!("python, {processes} processes")
            );
            Ok(())
        }
        _ => Err(format!("Python's script printed {text:?}").into()),
    }
}

fn timed(what: &str, work: impl FnOnce() -> Result<(), BoxError>) -> Result<(), BoxError> {
    let (begun, used) = (Instant::now(), processors());
    work()?;
    let (clock, used) = (begun.elapsed().as_secs_f64(), processors() - used);
    println!("{what:<24} {clock:>9.3} {used:>12.3}");
    Ok(())
}

/// Seconds that this process has used of the processors, as Linux counts them in hundredths; 0 elsewhere.
fn processors() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    ticks as f64 / 100.0
}
