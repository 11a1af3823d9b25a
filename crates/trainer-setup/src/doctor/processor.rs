//! Cores, threads, and the instructions that libtorch's kernels choose by.

use super::report::Report;
use crate::processor::Processor;

pub(super) fn examine(report: &Report) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    match std::env::var("OMP_NUM_THREADS") {
        Err(_) => report.found(
            "threads",
            format!("{cores} cores; OMP_NUM_THREADS is not set"),
        ),
        Ok(set) => {
            report.found("threads", format!("{cores} cores; OMP_NUM_THREADS={set}"));
            match set.parse::<usize>() {
                Ok(0) | Err(_) => {
                    report.warn("OMP_NUM_THREADS is not a number of threads", "unset it")
                }
                Ok(threads) if threads > cores => {
                    report.warn(
                        "more threads than cores are slower",
                        format!("set OMP_NUM_THREADS to {cores} or unset it"),
                    );
                }
                Ok(_) => {}
            }
        }
    }
    let processor = Processor::find();
    let sets: Vec<String> = processor
        .instruction_sets()
        .map(|(name, has)| format!("{name} {}", if has { "yes" } else { "no" }))
        .collect();
    let variable = |name| std::env::var(name).ok();
    let (capability, isa) = (
        variable("ATEN_CPU_CAPABILITY"),
        variable("ONEDNN_MAX_CPU_ISA"),
    );
    let kernels = processor.kernels(capability.as_deref(), isa.as_deref());
    report.found("processor", processor.model);
    report.found("", sets.join(", "));
    report.found(
        "",
        format!("--compute fast takes the kernels for {kernels}"),
    );
}
