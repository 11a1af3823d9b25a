//! Metrics as files and as a table.

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};
use trainer_data::regular_file;

use crate::number::{Number, round_to};
use crate::{Error, Logs, Result, durable, python_json};

/// Speed of a part of a run: `{prefix}_runtime` in seconds to 4 decimals, samples and steps a second to 3.
pub(crate) fn speed_metrics(
    prefix: &str,
    seconds: f64,
    num_samples: Option<f64>,
    num_steps: Option<f64>,
) -> Logs {
    let mut logs = Logs::new().with(format!("{prefix}_runtime"), round_to(seconds, 4));
    if seconds > 0.0 {
        for (name, count) in [("samples", num_samples), ("steps", num_steps)] {
            if let Some(count) = count {
                let name = format!("{prefix}_{name}_per_second");
                logs.insert(name, round_to(count / seconds, 3));
            }
        }
    }
    logs
}

/// Prints a line on standard output. Nobody may be reading it any more, and a run goes on without.
pub(crate) fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints `***** {split} metrics *****` and one aligned line a metric, as Hugging Face's `log_metrics`.
pub(crate) fn log_metrics(split: &str, metrics: &Logs) {
    print_line(&format!("***** {split} metrics *****"));
    let mut lines: Vec<(&str, String)> = metrics
        .iter()
        .map(|(name, value)| (name, formatted(name, value)))
        .collect();
    lines.sort();
    let key_width = lines.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let value_width = lines
        .iter()
        .map(|(_, value)| value.len())
        .max()
        .unwrap_or(0);
    for (key, value) in lines {
        print_line(&format!("  {key:<key_width$} = {value:>value_width$}"));
    }
}

fn formatted(name: &str, value: Number) -> String {
    match value {
        Number::Float(flos) if name == "total_flos" => {
            format!("{:.0}GF", (flos / 2f64.powi(30)).floor())
        }
        Number::Float(seconds) if name.contains("_runtime") => duration(seconds),
        Number::Float(value) => Number::Float(round_to(value, 4)).to_string(),
        Number::Int(value) => value.to_string(),
    }
}

/// Seconds as `H:MM:SS.cc`.
fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a run time is not negative and far below 2^64 hundredths"
    )]
    let hundredths = (seconds * 100.0) as u64;
    let (rest, hundredths) = (hundredths / 100, hundredths % 100);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{hundredths:02}")
}

/// Writes `{split}_results.json` into `output_dir` and adds the metrics to `all_results.json`, where whatever else is there
/// stays.
pub(crate) fn save_metrics(output_dir: &Path, split: &str, metrics: &Logs) -> Result<()> {
    write_json(&output_dir.join(format!("{split}_results.json")), metrics)?;
    let path = output_dir.join("all_results.json");
    let json = |source| Error::Json {
        path: path.clone(),
        source,
    };
    let mut all: Map<String, Value> = match regular_file::read_to_string(&path) {
        Ok(text) => python_json::from_str(&text).map_err(json)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    for (name, value) in metrics.iter() {
        all.insert(name.to_owned(), serde_json::to_value(value).map_err(json)?);
    }
    write_json(&path, &all)
}

fn write_json(path: &Path, metrics: &impl Serialize) -> Result<()> {
    let text = python_json::to_string(metrics, 4).map_err(|source| Error::Json {
        path: path.to_owned(),
        source,
    })?;
    durable::write(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{duration, formatted, speed_metrics};
    use crate::number::Number;

    // Expected: Python's metrics_format on the same values.
    #[test]
    fn values_are_formatted_as_hugging_face_does() {
        assert_eq!(duration(0.2114), "0:00:00.21");
        assert_eq!(duration(3725.999), "1:02:05.99");
        assert_eq!(formatted("train_loss", Number::Float(0.689_112)), "0.6891");
        assert_eq!(formatted("epoch", Number::Float(2.0)), "2.0");
        let flos = Number::Float(28_068_864_000.0);
        assert_eq!(formatted("total_flos", flos), "26GF");
    }

    #[test]
    fn a_run_of_no_time_has_no_speed() {
        let names: Vec<_> = speed_metrics("eval", 0.0, Some(8.0), Some(1.0))
            .names()
            .map(str::to_owned)
            .collect();
        assert_eq!(names, ["eval_runtime"]);
    }
}
