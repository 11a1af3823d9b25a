//! CUDA: libraries beside libtorch, devices, driver.

use super::report::Report;
use std::path::Path;
use std::process::Command;

/// `set_up` is the command that brings libtorch.
pub(super) fn examine(report: &Report, libtorch: &Path, set_up: &str) {
    let libraries = libtorch.join("lib/libtorch_cuda.so").exists();
    let devices = devices();
    let state = if libraries {
        "libraries are there"
    } else {
        "no libraries"
    };
    let Some(devices) = devices else {
        report.found("CUDA", format!("{state}, no device"));
        return;
    };
    report.found(
        "CUDA",
        format!("{state}, {} device(s)", devices.names.len()),
    );
    for name in &devices.names {
        report.found("", name);
    }
    if !libraries {
        report.warn(
            "programs will not use the device",
            format!("{set_up} --cuda"),
        );
    }
    if devices.without_driver {
        report.warn(
            "nvidia-smi finds no driver",
            "install NVIDIA's driver 580 or newer, which CUDA 13 needs",
        );
    }
    if let Some(driver) = devices.driver {
        report.found("", format!("driver {driver}"));
        let major = driver
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major < 580) {
            report.warn(
                "the driver is older than CUDA 13",
                "install NVIDIA's driver 580 or newer",
            );
        }
    }
}

struct Devices {
    names: Vec<String>,
    driver: Option<String>,
    without_driver: bool,
}

/// What `nvidia-smi` lists, or else the device files; `None` without either.
fn devices() -> Option<Devices> {
    let mut query = Command::new("nvidia-smi");
    query.args([
        "--query-gpu=name,memory.total,driver_version",
        "--format=csv,noheader",
    ]);
    match query.output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let lines: Vec<(&str, &str)> = text
                .lines()
                .filter_map(|line| line.rsplit_once(", "))
                .collect();
            let driver = lines.first().map(|(_, driver)| (*driver).to_owned());
            let names: Vec<String> = lines.iter().map(|(name, _)| (*name).to_owned()).collect();
            (!names.is_empty()).then_some(Devices {
                names,
                driver,
                without_driver: false,
            })
        }
        other => {
            let names = device_files();
            (!names.is_empty()).then_some(Devices {
                names,
                driver: None,
                without_driver: other.is_ok(),
            })
        }
    }
}

/// `/dev/nvidia0` and so on.
fn device_files() -> Vec<String> {
    let entries = Path::new("/dev").read_dir().into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.path().display().to_string());
    let numbered = |name: &String| {
        name.strip_prefix("/dev/nvidia")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    names.filter(numbered).collect()
}
