//! Compares a device with the CPU, and times models of BERT-base sizes on it: the program of `cargo xtask gpu`, which packs it for
//! a machine with a GPU. A result is a line of JSON.
//!
//! ```text
//! cargo run --release --example gpu_check -- check --device cpu
//! ```

mod agreement;
mod learning;
mod report;
mod rows;
mod tasks;
mod timing;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::json;
use tch::Device;
use trainer::torch::cuda::{self, Loaded};
use trainer::torch::info;

use report::Report;
use rows::Sizes;

/// Where there is no such device; other failures are 1.
const NO_DEVICE: u8 = 3;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Say which device there is, or end with status 3
    Device(On),
    /// Compare outputs, losses and gradients with the CPU's, train in every precision, resume
    Check(On),
    /// Time training and prediction
    Time {
        #[command(flatten)]
        on: On,
        #[arg(long, value_enum)]
        precision: timing::Precision,
        /// Rows a batch
        #[arg(long)]
        batch: usize,
        /// A model at which a CPU is soon done, in place of BERT-base
        #[arg(long)]
        tiny: bool,
    },
}

#[derive(Args, Clone, Copy)]
struct On {
    #[arg(long, value_enum, default_value_t = Place::Cuda)]
    device: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum Place {
    Cpu,
    Cuda,
}

fn main() -> trainer::Result<ExitCode> {
    let task = Cli::parse().task;
    let (Task::Device(on) | Task::Check(on) | Task::Time { on, .. }) = &task;
    let device = match on.device {
        Place::Cpu => Device::Cpu,
        Place::Cuda => match cuda_device()? {
            Ok(device) => device,
            Err(why) => {
                eprintln!("{why}");
                return Ok(ExitCode::from(NO_DEVICE));
            }
        },
    };
    run(&task, device)
}

fn run(task: &Task, device: Device) -> trainer::Result<ExitCode> {
    let sizes = Sizes::read()?;
    match task {
        Task::Device(_) => {
            tell_device(device)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Check(_) => {
            let mut report = Report::default();
            // float32 means float32: products may round their inputs nowhere.
            if device.is_cuda() {
                cuda::allow_tf32(false)?;
            }
            agreement::check(&mut report, &sizes, device);
            learning::check(&mut report, &sizes, device);
            Ok(report.exit_code())
        }
        Task::Time {
            precision,
            batch,
            tiny,
            ..
        } => {
            let size = if *tiny { &sizes.tiny } else { &sizes.base };
            timing::time(&sizes, size, device, (*precision, *batch))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The first CUDA device, or why there is none.
fn cuda_device() -> trainer::Result<Result<Device, String>> {
    let folder = cuda::library_folder().unwrap_or_default();
    Ok(match cuda::load() {
        Loaded::Failed(why) => Err(format!("libtorch's CUDA library does not load: {why}")),
        Loaded::Loaded(_) if cuda::is_available()? => Ok(Device::Cuda(0)),
        Loaded::Loaded(library) => Err(format!(
            "no CUDA device: {} is loaded, but NVIDIA's driver is missing, too old for it, or shows no GPU",
            library.display()
        )),
        _ => Err(format!(
            "no libtorch_cuda.so beside libtorch_cpu.so in {}",
            folder.display()
        )),
    })
}

fn tell_device(device: Device) -> trainer::Result<()> {
    let libtorch = info::version();
    if device == Device::Cpu {
        println!("{}", json!({"device": "cpu", "libtorch": libtorch}));
        return Ok(());
    }
    for found in cuda::devices()?.into_iter().take(1) {
        println!(
            "{}",
            json!({
                "device": found.name,
                "memory_mb": found.total_memory / 1_000_000,
                "capability": format!("{}.{}", found.capability.0, found.capability.1),
                "libtorch": libtorch,
                "cuda": cuda::config()?,
            })
        );
    }
    Ok(())
}
