//! Writes what is made here of data files: this project's side of `cargo xtask parity data`, whose other side is `parity/data_values.py`.
//!
//! `parity_data LIST OUT` loads what each line of LIST names and writes a line to OUT:
//!
//! * `{"name": …, "builder": "csv", "file": …, "sep": ","}` (`sep` may be absent) is a file, `{"name": …, "path": …, "config": …}` a data set of the hub.
//! * `{"name": …, "splits": {split: {"rows": n, "columns": [{"name": …, "type": …, "values": […]}]}}}` is what it became, with all values in full
//!   (see `values`), `{"name": …, "error": message}` why it is refused.

mod values;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use serde_json::{Map, Value as Json, json};
use trainer_data::{Dataset, DatasetDict, DatasetLoader};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (Some(list), Some(out)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: parity_data LIST OUT");
        return Ok(ExitCode::FAILURE);
    };
    let mut out = BufWriter::new(File::create(out)?);
    for line in BufReader::new(File::open(list)?).lines() {
        let entry: Json = serde_json::from_str(&line?)?;
        let mut became = match catch_unwind(AssertUnwindSafe(|| load(&entry))) {
            Ok(Ok(data)) => json!({ "splits": splits(&data)? }),
            Ok(Err(error)) => json!({ "error": error.to_string() }),
            Err(_) => json!({ "error": "a panic" }),
        };
        became["name"] = entry["name"].clone();
        serde_json::to_writer(&mut out, &became)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn load(entry: &Json) -> Result<DatasetDict> {
    let text = |key: &str| entry[key].as_str();
    let loader = match text("file") {
        Some(file) => {
            let loader = DatasetLoader::new(text("builder").ok_or("which builder?")?);
            let loader = loader.data_files([file]);
            match text("sep") {
                Some(sep) => loader.sep(sep),
                None => loader,
            }
        }
        None => {
            let loader = DatasetLoader::new(text("path").ok_or("neither a file nor a path")?);
            match text("config") {
                Some(config) => loader.config(config),
                None => loader,
            }
        }
    };
    Ok(loader.load()?)
}

fn splits(data: &DatasetDict) -> Result<Json> {
    let mut splits = Map::new();
    for (split, data) in data.iter() {
        splits.insert(split.to_owned(), columns(data)?);
    }
    Ok(splits.into())
}

fn columns(data: &Dataset) -> Result<Json> {
    let features = data.features();
    let mut columns = Vec::new();
    for (name, feature) in features.iter() {
        let column = data.column(name)?;
        let values: Vec<Json> = column
            .iter()
            .map(|value| values::exact(&value, feature))
            .collect();
        columns.push(json!({ "name": name, "type": feature.to_string(), "values": values }));
    }
    Ok(json!({ "rows": data.num_rows(), "columns": columns }))
}
