//! One input in a process of its own.

use super::{Build, temporary};
use anyhow::{Context, Result};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};
use wait4::Wait4;

/// How much memory a reader may take, in KiB.
pub(super) const MOST_KIB: u64 = 1 << 20;
/// How much time of the processor it may take, in seconds: that of a clock would depend on what else runs.
const LONGEST_S: u64 = 5;
/// What waits is ended after this time of the clock.
const WAITS: Duration = Duration::from_secs(60);

/// Gives a target an input; says what it has found, if it has.
pub(super) fn run(
    build: &Build<'_>,
    program: &Path,
    target: &str,
    input: &Path,
) -> Result<Option<String>> {
    let temporary = temporary()?;
    let said = temporary.path().join("said");
    let file = fs::File::create(&said).with_context(|| format!("{}", said.display()))?;
    let begun = Instant::now();
    let child = build
        .bounded(program, temporary.path(), Some(LONGEST_S))
        .arg(target)
        .arg(input)
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .context("sh did not start")?;
    // This thread waits for its end, which says what it took; another one ends it.
    let id = child.id().to_string();
    let (running, ended) = channel::<()>();
    let watch = thread::spawn(move || {
        let is_late = ended.recv_timeout(WAITS) == Err(RecvTimeoutError::Timeout);
        if is_late {
            // Its number is no other one's: it was there a moment ago.
            let _ = Command::new("kill").args(["-KILL", &id]).status();
        }
        is_late
    });
    let end = child.wait4().context("the program's end")?;
    drop(running);
    let is_late = watch.join().unwrap_or(false);
    let mut errors = String::new();
    fs::File::open(&said)
        .and_then(|file| file.take(1 << 16).read_to_string(&mut errors))
        .with_context(|| format!("{}", said.display()))?;
    let kib = end.rusage.maxrss / 1024;
    let computed = end.rusage.utime + end.rusage.stime;
    Ok(if is_late {
        Some(format!("waited for more than {} s", WAITS.as_secs()))
    } else if computed >= Duration::from_secs(LONGEST_S) {
        Some(format!("computed for {:.1} s", computed.as_secs_f64()))
    } else if !end.status.success() {
        Some(format!("{}: {}", end.status, first_lines(&errors)))
    } else if errors.contains("panicked at") {
        Some(format!("printed a panic: {}", first_lines(&errors)))
    } else if kib > MOST_KIB {
        Some(format!(
            "took {kib} KiB in {:.1} s",
            begun.elapsed().as_secs_f64()
        ))
    } else {
        None
    })
}

fn first_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.take(3).collect::<Vec<_>>().join("; ")
}
