//! What is run, in which order and under which conditions.

use super::job::{Job, Model};
use super::report::{self, Line};
use super::rows::{ROWS, Row};
use crate::programs::Programs;
use crate::side::{Measured, Side};
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;
use trainer_setup::processor::Processor;

/// Flags of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Pairs of runs, here and in Python, of each kind
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pairs: u32,
    /// Only the row of this name; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// The rows of BERT-base sizes too
    #[arg(long, conflicts_with = "only")]
    all: bool,
    /// Measure so many steps of each training, not as many as its batch size takes for a quiet figure
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// Print the names of the rows and what each measures
    #[arg(long)]
    list: bool,
}

/// What `TrainerBuilder::build` sets here by `mallopt` (`trainer_torch::memory`), as glibc's environment variables for Python.
const MALLOC: [(&str, u64); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", 1 << 30),
    ("MALLOC_TRIM_THRESHOLD_", i32::MAX as u64),
    ("MALLOC_TOP_PAD_", 64 << 20),
];

const MINILM: &str = "sentence-transformers/all-MiniLM-L6-v2";
const BERT_BASE: &str = "google-bert/bert-base-cased";

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.list {
        for row in &ROWS {
            println!("{:<16} {}", row.name, row.title);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows = chosen(options)?;
    let bench = Bench {
        programs: Programs::prepare(workspace, "glue_mrpc")?,
        out: workspace.path("out/bench"),
    };
    let mut jobs: Vec<Job> = Vec::new();
    for row in &rows {
        if !jobs.contains(&row.job) {
            jobs.push(row.job);
        }
    }
    eprintln!("first one step of Python that does not count: it fills the disk cache");
    bench.run(Side::Python, jobs[0], &jobs[0].first_step())?;
    let processor = Processor::find();
    let mut lines = Vec::new();
    for job in jobs {
        let pairs = bench.pairs(job, options)?;
        for row in rows.iter().filter(|row| row.job == job) {
            let line = Line::new(row, &pairs)?;
            // Whoever stops it later has what was measured.
            eprintln!("{}", line.row_of_table(&processor));
            lines.push(line);
        }
    }
    let threads = bench.programs.threads();
    let table = report::table(&processor, threads, options.pairs, &lines);
    print!("{table}");
    Ok(ExitCode::SUCCESS)
}

fn chosen(options: &Options) -> Result<Vec<&'static Row>> {
    let unknown = |name: &&String| ROWS.iter().all(|row| row.name != **name);
    if let Some(name) = options.only.iter().find(unknown) {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        bail!("no row is called {name}; there are {}", names.join(", "));
    }
    let wanted = |row: &&Row| match options.only.as_slice() {
        [] => options.all || row.is_quick(),
        names => names.iter().any(|name| name == row.name),
    };
    Ok(ROWS.iter().filter(wanted).collect())
}

/// Both programs, and the folder that they write into.
struct Bench<'a> {
    programs: Programs<'a>,
    out: PathBuf,
}

impl Bench<'_> {
    /// Runs of this program and Python's, in turn, after one step that does not count: it reads the model once.
    fn pairs(&self, job: Job, options: &Options) -> Result<Vec<[Measured; 2]>> {
        self.run(Side::Rust, job, &job.first_step())?;
        let job = options.steps.map_or(job, |steps| job.with_steps(steps));
        let run = |side| self.run(side, job, &job.flags());
        let mut pairs = Vec::new();
        for pair in 1..=options.pairs {
            eprintln!("{job}: pair {pair} of {}", options.pairs);
            pairs.push([run(Side::Rust)?, run(Side::Python)?]);
        }
        Ok(pairs)
    }

    fn run(&self, side: Side, job: Job, flags: &[String]) -> Result<Measured> {
        let mut command = side.glue_program(&self.programs);
        match side {
            Side::Rust => command.args(["--compute", "fast"]),
            Side::Python => command.envs(MALLOC.map(|(name, value)| (name, value.to_string()))),
        };
        command.arg("--model").arg(self.model(job.model)?);
        command.args(flags);
        side.run(command, &self.out)
    }

    fn model(&self, model: Model) -> Result<PathBuf> {
        let folder = match model {
            Model::MiniLm => return Ok(MINILM.into()),
            Model::BertBase => self.out.join("bert-base"),
        };
        // The tokenizer is written last.
        if !folder.join("tokenizer.json").is_file() {
            let mut script = self.programs.script("random_model.py");
            if !script.arg(BERT_BASE).arg(&folder).status()?.success() {
                bail!("parity/random_model.py could not make {}", folder.display());
            }
        }
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::MALLOC;
    use crate::workspace::Workspace;

    #[test]
    fn python_gets_the_settings_of_this_program() -> anyhow::Result<()> {
        let file = Workspace::find()?.path("crates/trainer-torch/src/memory.rs");
        let text = std::fs::read_to_string(file)?;
        for set in [
            "M_MMAP_THRESHOLD, 1 << 30",
            "NEVER: libc::c_int = libc::c_int::MAX",
            "M_TRIM_THRESHOLD, NEVER",
            "GROW_BY: libc::c_int = 64 << 20",
            "M_TOP_PAD, GROW_BY",
        ] {
            assert!(text.contains(set), "{set}");
        }
        let values = MALLOC.map(|(_, value)| value);
        assert_eq!(values, [1 << 30, 2_147_483_647, 64 << 20]);
        Ok(())
    }
}
