//! Compares what tokenizers give here with what `parity/tokenizer_texts.py` wrote that they give in Python: `cargo xtask parity tokenizers`.
//!
//! `parity_tokens FOLDER` prints a row a tokenizer and the first case of each kind of difference, and fails where one is not explained.

mod case;
mod explained;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

use case::{Difference, differences};
use explained::reason;
use serde_json::{Value, json};
use trainer_tokenize::{AutoTokenizer, Tokenizer};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<ExitCode> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let listed: Vec<Value> = serde_json::from_reader(File::open(folder.join("tokenizers.json"))?)?;
    println!("{:<60} {:>8} {:>12}", "tokenizer", "cases", "differences");
    let mut equal = true;
    for entry in &listed {
        equal &= compare(folder, entry)?;
    }
    Ok(match equal {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Compares one tokenizer and prints its row. Whether all differences are explained.
fn compare(folder: &Path, entry: &Value) -> Result<bool> {
    let name = entry["name"].as_str().unwrap_or_default();
    let loaded = AutoTokenizer::from_pretrained(entry["folder"].as_str().unwrap_or_default());
    let mut tally = Tally::default();
    let tokenizer = match (loaded, entry["refused"].as_str()) {
        (Err(_), Some(_)) => {
            println!("{name:<60} refused here as there");
            return Ok(true);
        }
        (Ok(_), Some(python)) => {
            tally.add(
                name,
                Difference::new("loading", "loaded here", &json!(python)),
            );
            return Ok(tally.print(name));
        }
        (Err(error), None) => {
            tally.add(
                name,
                Difference::new("loading", &error.to_string(), &json!("loaded")),
            );
            return Ok(tally.print(name));
        }
        (Ok(tokenizer), None) => tokenizer,
    };
    for difference in about(&tokenizer, &entry["about"]) {
        tally.add(name, difference);
    }
    let cases = File::open(folder.join(entry["cases"].as_str().unwrap_or_default()))?;
    for line in BufReader::new(cases).lines() {
        let case: Value = serde_json::from_str(&line?)?;
        tally.cases += 1;
        for difference in differences(&tokenizer, &case) {
            tally.add(name, difference);
        }
    }
    Ok(tally.print(name))
}

/// What a tokenizer says of itself.
fn about(tokenizer: &Tokenizer, python: &Value) -> Vec<Difference> {
    let mut columns = tokenizer.model_input_names().to_vec();
    columns.sort();
    let special: serde_json::Map<String, Value> = tokenizer
        .special_tokens()
        .iter()
        .map(|(name, token)| (name.to_owned(), json!(token)))
        .collect();
    let said = [
        ("columns", json!(columns)),
        ("limit", json!(tokenizer.model_max_length())),
        ("padding_side", json!(tokenizer.padding_side().name())),
        ("pad_id", json!(tokenizer.pad_token_id())),
        ("special_tokens", Value::Object(special)),
        ("size", json!(tokenizer.vocab_size())),
    ];
    let differs = |(what, here): (&'static str, Value)| {
        (here != python[what]).then(|| Difference::new(what, &here.to_string(), &python[what]))
    };
    said.into_iter().filter_map(differs).collect()
}

/// The differences of one tokenizer, the first of each kind kept.
#[derive(Default)]
struct Tally {
    cases: usize,
    kinds: Vec<(Difference, usize, Option<&'static str>)>,
}

impl Tally {
    fn add(&mut self, name: &str, difference: Difference) {
        let same =
            |(first, ..): &&mut (Difference, usize, Option<&str>)| first.kind == difference.kind;
        match self.kinds.iter_mut().find(same) {
            Some((_, count, _)) => *count += 1,
            None => {
                let reason = reason(name, difference.kind);
                self.kinds.push((difference, 1, reason));
            }
        }
    }

    fn print(&self, name: &str) -> bool {
        let count: usize = self.kinds.iter().map(|(_, count, _)| count).sum();
        println!("{name:<60} {:>8} {count:>12}", self.cases);
        for (first, count, reason) in &self.kinds {
            match reason {
                Some(reason) => println!("  {} ({count}): explained, {reason}", first.kind),
                None => println!("  {count}, first {first}"),
            }
        }
        self.kinds.iter().all(|(_, _, reason)| reason.is_some())
    }
}
