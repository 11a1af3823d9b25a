//! `cargo xtask parity`: the same cases in Python and here, compared bit by bit.

use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use trainer_setup::disk;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// What is compared
    #[arg(value_enum, default_value_t = Subject::Trainings)]
    subject: Subject,
    /// Only the cases, or tokenizers, whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Cases of this file, in the form that parity/README.md describes, instead of parity/cases.json
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    cases: Option<PathBuf>,
    /// Write what Python's runs ended with into parity/recorded.json, which the tests compare with
    #[arg(long)]
    record: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// The cases of parity/cases.json: every bit that a training leaves
    Trainings,
    /// What tokenizers make of texts: those of the hub's cache, and one of each class of Python's
    Tokenizers,
}

/// What a case leaves: weights of 91 MB, their two moments, and room to write.
const BYTES_OF_A_RUN: u64 = 300_000_000;

/// What a case of a small model leaves, which is drawn from a configuration.
const BYTES_OF_A_SMALL_RUN: u64 = 30_000_000;

/// The cases that are also resumed, at these steps, by each program from what the other wrote.
const RESUMED: [(&str, u64); 2] = [("mrpc_60_steps", 30), ("bf16", 10)];

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.subject == Subject::Tokenizers {
        return tokenizers(workspace, options);
    }
    let own = || workspace.path("parity/cases.json");
    let file = options.cases.clone().unwrap_or_else(own);
    let mut chosen = chosen_cases(&file, options.only.as_deref())?;
    let sides = Sides(Programs::prepare(workspace, "parity_case")?);
    let out = workspace.path("out/parity");
    let runs = if options.record { 3 } else { 2 };
    let needed: u64 = chosen.iter().map(|case| runs * bytes_of_a_run(case)).sum();
    empty_folder(&out, needed + 2 * RESUMED.len() as u64 * BYTES_OF_A_RUN)?;

    for case in &mut chosen {
        sides.add_files(case, &out)?;
    }
    let cases = write_cases(&out.join("cases.json"), &chosen)?;
    let [python, rust] = [out.join("python"), out.join("rust")];
    sides.run_python(&cases, &python)?;
    sides.run_rust(&cases, &rust)?;
    let mut equal = sides.compare(&cases, &python, &rust, &[])?;
    for (name, step) in RESUMED {
        if let Some(case) = chosen.iter().find(|case| case["name"] == name) {
            equal &= resume_crosswise(&sides, case, step, &out)?;
        }
    }
    if options.record {
        let without_dropout = out.join("python_without_dropout");
        let plain = write_cases(
            &out.join("without_dropout.json"),
            &chosen.into_iter().map(plain).collect::<Vec<_>>(),
        )?;
        sides.run_python(&plain, &without_dropout)?;
        let mut record = sides.0.script("record_cases.py");
        succeed(record.arg(&cases).arg(&python).arg(&without_dropout))?;
    }
    if !equal {
        return Ok(ExitCode::FAILURE);
    }
    std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn bytes_of_a_run(case: &Value) -> u64 {
    match case["from_config"].as_bool() {
        Some(true) => BYTES_OF_A_SMALL_RUN,
        _ => BYTES_OF_A_RUN,
    }
}

/// What a run leaves for all tokenizers.
const BYTES_OF_TEXTS: u64 = 1_500_000_000;

/// Lets Python write what its tokenizers make of texts, and the example compare it with what is made here.
fn tokenizers(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.record || options.cases.is_some() {
        bail!("tokenizers have no cases of their own: leave --record and --cases out");
    }
    let programs = Programs::without_libtorch(workspace, "trainer-tokenize", "parity_tokens")?;
    let out = workspace.path("out/parity_tokens");
    empty_folder(&out, BYTES_OF_TEXTS)?;
    let mut python = programs.script("tokenizer_texts.py");
    succeed(python.arg(&out).args(&options.only))?;
    if !succeeds(programs.rust().arg(&out))? {
        return Ok(ExitCode::FAILURE);
    }
    std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Lets each program go on from the checkpoint that the other wrote, and compares both ends with Python's whole run.
fn resume_crosswise(sides: &Sides<'_>, case: &Value, step: u64, out: &Path) -> Result<bool> {
    let one = write_cases(&out.join("resumed.json"), std::slice::from_ref(case))?;
    let from = |side: &str, file: &str| -> Result<PathBuf> {
        let mut case = case.clone();
        let name = case["name"].as_str().unwrap_or_default();
        let checkpoint = format!("{side}/{name}/checkpoint-{step}");
        case["args"]["resume_from_checkpoint"] = out.join(checkpoint).to_string_lossy().into();
        write_cases(&out.join(file), &[case])
    };
    let [python_resumed, rust_resumed] = [out.join("python_resumed"), out.join("rust_resumed")];
    sides.run_python(&from("rust", "python_resumes.json")?, &python_resumed)?;
    sides.run_rust(&from("python", "rust_resumes.json")?, &rust_resumed)?;
    let whole = out.join("python");
    println!("\nRust resumed what Python wrote, against Python's uninterrupted run:");
    let equal = sides.compare(&one, &whole, &rust_resumed, &["--resumed"])?;
    println!("\nPython resumed what Rust wrote, against Python's uninterrupted run:");
    Ok(equal & sides.compare(&one, &whole, &python_resumed, &["--resumed"])?)
}

/// The case without dropout.
fn plain(mut case: Value) -> Value {
    case["dropout"] = false.into();
    case
}

/// Makes an empty folder on a disk that has room for `needed` bytes.
fn empty_folder(folder: &Path, needed: u64) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (shown, free) = (folder.display(), disk::free(folder)?);
    println!(
        "up to {} are written into {shown}, and removed if all is equal",
        disk::size(needed)
    );
    if free < needed {
        bail!("only {} are free in {shown}", disk::size(free));
    }
    Ok(())
}

/// Both programs.
struct Sides<'a>(Programs<'a>);

impl Sides<'_> {
    /// The model of a case that adds files to it becomes a copy that has them.
    fn add_files(&self, case: &mut Value, out: &Path) -> Result<()> {
        let Some(files) = case
            .as_object_mut()
            .and_then(|case| case.remove("add_files"))
        else {
            return Ok(());
        };
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let folder = out.join("models").join(text("name"));
        let mut copy = self.0.script("model_copy.py");
        copy.arg(text("model")).arg(&folder).arg(files.to_string());
        succeed(&mut copy)?;
        case["model"] = folder.to_string_lossy().into();
        Ok(())
    }

    fn run_python(&self, cases: &Path, folder: &Path) -> Result<()> {
        succeed(self.0.script("cases.py").arg(cases).arg(folder))
    }

    fn run_rust(&self, cases: &Path, folder: &Path) -> Result<()> {
        let mut command = self.0.rust();
        succeed(command.arg(cases).arg(folder))
    }

    /// Prints the table of differences and says whether there is none.
    fn compare(&self, cases: &Path, python: &Path, rust: &Path, flags: &[&str]) -> Result<bool> {
        let mut command = self.0.script("compare_cases.py");
        succeeds(command.arg(cases).arg(python).arg(rust).args(flags))
    }
}

fn chosen_cases(path: &Path, only: Option<&str>) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let all: Vec<Value> =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let name = |case: &Value| case["name"].as_str().unwrap_or_default().to_owned();
    let chosen: Vec<Value> = all
        .iter()
        .filter(|case| only.is_none_or(|only| name(case).contains(only)))
        .cloned()
        .collect();
    if chosen.is_empty() {
        let names: Vec<String> = all.iter().map(name).collect();
        bail!("no case is called so; there are {}", names.join(", "));
    }
    Ok(chosen)
}

fn write_cases(path: &Path, cases: &[Value]) -> Result<PathBuf> {
    let text = serde_json::to_string_pretty(cases)?;
    std::fs::write(path, text).with_context(|| path.display().to_string())?;
    Ok(path.to_owned())
}

fn succeed(command: &mut Command) -> Result<()> {
    if succeeds(command)? {
        return Ok(());
    }
    bail!("{} failed", command.get_program().display())
}

fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("{} did not start", command.get_program().display()))?;
    Ok(status.success())
}
