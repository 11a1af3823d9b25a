//! One run of one program: its log lines with their times, its memory, and the results it wrote.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Which of the two programs.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Rust,
    Python,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
        })
    }
}

/// What one run showed.
pub(super) struct Measured {
    /// From the start of the process to the first logged loss.
    pub(super) first_step: Option<Duration>,
    /// Largest resident set, in bytes; only Linux tells.
    pub(super) peak_memory: Option<u64>,
    /// `all_results.json`.
    results: Value,
}

impl Measured {
    /// A number of `all_results.json`.
    pub(super) fn result(&self, key: &str) -> Option<f64> {
        self.results.get(key)?.as_f64()
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |key| {
            self.result(key)
                .map_or_else(|| "?".to_owned(), |value| format!("{value:.1}"))
        };
        write!(
            f,
            "{} samples/s to train, ",
            number("train_samples_per_second")
        )?;
        write!(f, "{} to evaluate, ", number("eval_samples_per_second"))?;
        match self.first_step {
            Some(time) => write!(f, "first step after {:.1} s, ", time.as_secs_f64())?,
            None => write!(f, "first step not seen, ")?,
        }
        match self.peak_memory {
            Some(bytes) => write!(f, "{}", trainer_setup::disk::size(bytes)),
            None => write!(f, "peak memory not known"),
        }
    }
}

impl Side {
    /// Run `command` with its output folder below `out`, which is emptied first.
    pub(super) fn run(self, mut command: Command, out: &Path) -> Result<Measured> {
        let folder = out.join(self.to_string().to_lowercase());
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        }
        fs::create_dir_all(out).with_context(|| format!("{}", out.display()))?;
        command
            .arg("--output_dir")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());

        let start = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("{} did not start", command.get_program().display()))?;
        let lines = lines(&mut child);
        let peak_memory = watch_memory(&mut child)?;
        let status = child.wait().context("the program's end")?;

        let mut first_step = None;
        let mut log = String::new();
        for (time, line) in lines {
            if first_step.is_none() && tells_a_loss(&line) {
                first_step = Some(time - start);
            }
            log.push_str(&line);
            log.push('\n');
        }
        let log_file = folder.with_extension("log");
        fs::write(&log_file, &log).with_context(|| format!("{}", log_file.display()))?;
        if !status.success() {
            let lines: Vec<&str> = log.lines().collect();
            let end = lines[lines.len().saturating_sub(20)..].join("\n");
            bail!(
                "{self} failed ({status}); the end of {}:\n{end}",
                log_file.display()
            );
        }
        let results = folder.join("all_results.json");
        let text =
            fs::read_to_string(&results).with_context(|| format!("{}", results.display()))?;
        let results =
            serde_json::from_str(&text).with_context(|| format!("{}", results.display()))?;
        Ok(Measured {
            first_step,
            peak_memory,
            results,
        })
    }
}

/// A log line of a step: `{'loss': '0.69', …}`.
fn tells_a_loss(line: &str) -> bool {
    line.contains("'loss'") || line.contains("\"loss\"")
}

/// Every line of both outputs with the time at which it came, while the program runs and after.
fn lines(child: &mut Child) -> Receiver<(Instant, String)> {
    fn read(from: Option<impl Read + Send + 'static>, to: Sender<(Instant, String)>) {
        let Some(from) = from else { return };
        std::thread::spawn(move || {
            for piece in BufReader::new(from).split(b'\n') {
                let Ok(piece) = piece else { return };
                let line = String::from_utf8_lossy(&piece).trim_end().to_owned();
                if to.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
    }
    let (to, lines) = channel();
    read(child.stdout.take(), to.clone());
    read(child.stderr.take(), to);
    lines
}

/// Wait for the program's end and give the last value of its high-water mark of memory.
fn watch_memory(child: &mut Child) -> Result<Option<u64>> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait().context("the program's state")?.is_none() {
        if let Some(bytes) = fs::read_to_string(&status)
            .ok()
            .as_deref()
            .and_then(high_water_mark)
        {
            peak = peak.max(Some(bytes));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(peak)
}

/// `VmHWM:  1448 kB`, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_from_other_lines() {
        assert!(tells_a_loss(
            "{'loss': '0.7059', 'grad_norm': '1.222', 'epoch': '0.002179'}"
        ));
        assert!(!tells_a_loss(
            "{'eval_loss': '0.6872', 'eval_accuracy': '0.6471'}"
        ));
        assert!(!tells_a_loss("{'train_loss': '0.6951'}"));
    }

    #[test]
    fn the_high_water_mark_is_in_kilobytes() {
        assert_eq!(
            high_water_mark("Name:\tx\nVmHWM:\t    1448 kB\nVmRSS:\t 2 kB\n"),
            Some(1448 * 1024)
        );
        assert_eq!(high_water_mark("State:\tZ (zombie)\n"), None);
    }

    #[test]
    fn a_run_gives_times_memory_and_results() -> Result<()> {
        let out = tempfile::tempdir()?;
        let script = "mkdir -p $2; echo '{\"eval_f1\": 0.5}' > $2/all_results.json; echo \"{'loss': 1}\"; sleep 0.1; echo end >&2";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        let found = Side::Rust.run(command, out.path())?;
        assert_eq!(found.result("eval_f1"), Some(0.5));
        assert!(found.first_step.is_some());
        assert_eq!(
            fs::read_to_string(out.path().join("rust.log"))?,
            "{'loss': 1}\nend\n"
        );
        Ok(())
    }

    #[test]
    fn a_failure_shows_the_end_of_the_log() -> Result<()> {
        let out = tempfile::tempdir()?;
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such model >&2; exit 3", "sh"]);
        let error = Side::Python
            .run(command, out.path())
            .err()
            .context("was accepted")?;
        assert!(format!("{error:#}").contains("no such model"), "{error:#}");
        Ok(())
    }
}
