//! Gives a target the files that are named: `replay TARGET FILE...`. A panic, or a line about each file.

use std::{env, fs, process::ExitCode, time::Instant};

use trainer_fuzz::{TARGETS, run, start};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    if !names.contains(&name.as_str()) {
        eprintln!(
            "usage: replay TARGET FILE...; targets are {}",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    }
    start();
    for path in arguments {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let begun = Instant::now();
        run(&name, &bytes);
        println!("{path}: {:.3} s", begun.elapsed().as_secs_f64());
    }
    ExitCode::SUCCESS
}
