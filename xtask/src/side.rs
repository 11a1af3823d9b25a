//! One run of one program: its log lines with their times, its memory, and the results it wrote.

use crate::programs::Programs;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use wait4::Wait4;

/// Which of the two programs.
#[derive(Clone, Copy)]
pub(crate) enum Side {
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
pub(crate) struct Measured {
    /// From the start of the process to each logged loss.
    losses: Vec<Duration>,
    /// Largest resident set, in bytes, where the system tells.
    pub(crate) peak_memory: Option<u64>,
    /// `all_results.json`.
    results: Value,
}

impl Measured {
    /// From the start of the process to the first logged loss.
    pub(crate) fn first_step(&self) -> Option<Duration> {
        self.losses.first().copied()
    }

    /// From each logged loss to the next.
    pub(crate) fn between_losses(&self) -> impl Iterator<Item = Duration> {
        self.losses.windows(2).map(|two| two[1] - two[0])
    }

    /// A number of `all_results.json`.
    pub(crate) fn result(&self, key: &str) -> Option<f64> {
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
        match self.first_step() {
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
    /// The program that fine-tunes on GLUE, without flags; both take the same.
    pub(crate) fn glue_program(self, programs: &Programs<'_>) -> Command {
        match self {
            Self::Rust => programs.rust(),
            Self::Python => programs.script("compare.py"),
        }
    }

    /// Run `command` with its output folder below `out`, which is emptied first.
    pub(crate) fn run(self, mut command: Command, out: &Path) -> Result<Measured> {
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
        let end = child.wait4().context("the program's end")?;
        let (status, peak_memory) = (end.status, end.rusage.maxrss);

        let mut losses = Vec::new();
        let mut log = String::new();
        for (time, line) in lines {
            if tells_a_loss(&line) {
                losses.push(time - start);
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
            losses,
            peak_memory: (peak_memory > 0).then_some(peak_memory),
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
    fn a_run_gives_times_memory_and_results() -> Result<()> {
        let out = tempfile::tempdir()?;
        let script = "mkdir -p $2; echo '{\"eval_f1\": 0.5}' > $2/all_results.json; for i in 1 2 3; do echo \"{'loss': $i}\"; sleep 0.1; done; echo end >&2";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        let found = Side::Rust.run(command, out.path())?;
        assert_eq!(found.result("eval_f1"), Some(0.5));
        assert!(found.first_step().is_some());
        let steps: Vec<Duration> = found.between_losses().collect();
        assert_eq!(steps.len(), 2);
        assert!(steps.iter().all(|step| *step > Duration::from_millis(50)));
        // A shell has at least a hundred kilobytes.
        assert!(found.peak_memory > Some(100_000));
        assert_eq!(
            fs::read_to_string(out.path().join("rust.log"))?,
            "{'loss': 1}\n{'loss': 2}\n{'loss': 3}\nend\n"
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
