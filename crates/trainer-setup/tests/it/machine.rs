//! A user's machine: a home with nothing in it, a libtorch that has its names alone, a crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) struct Machine {
    home: tempfile::TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let machine = Self { home };
        machine.put(
            "crate/Cargo.toml",
            "[package]\nname = \"mine\"\nedition = \"2024\"\n",
        );
        machine.put("crate/src/lib.rs", "");
        machine
    }

    /// A path in the home.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().canonicalize().unwrap().join(below)
    }

    pub(crate) fn put(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A libtorch in that folder.
    pub(crate) fn libtorch(&self, below: &str) -> PathBuf {
        for name in ["libtorch.so", "libtorch_cpu.so", "libc10.so"] {
            self.put(&format!("{below}/lib/{name}"), "");
        }
        self.put(&format!("{below}/build-version"), "2.11.0");
        self.path(below)
    }

    /// `trainer` in the crate, with this `LIBTORCH`.
    pub(crate) fn trainer(&self, libtorch: Option<&Path>, args: &[&str]) -> Output {
        let mut trainer = Command::new(env!("CARGO_BIN_EXE_trainer"));
        trainer.args(args).current_dir(self.path("crate"));
        for name in [
            "LIBTORCH",
            "XDG_CACHE_HOME",
            "LD_LIBRARY_PATH",
            "DYLD_LIBRARY_PATH",
        ] {
            trainer.env_remove(name);
        }
        for name in ["RUSTFLAGS", "RUSTDOCFLAGS", "VIRTUAL_ENV", "CONDA_PREFIX"] {
            trainer.env_remove(name);
        }
        let real = std::env::home_dir().unwrap();
        for (name, below) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(name).is_none() {
                trainer.env(name, real.join(below));
            }
        }
        trainer.env("HOME", self.home.path());
        if let Some(libtorch) = libtorch {
            trainer.env("LIBTORCH", libtorch);
        }
        trainer.output().unwrap()
    }
}

/// What it wrote to standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
