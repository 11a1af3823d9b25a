//! The libtorch for a program, and where it was looked for.

use super::program::Program;
use crate::libtorch::{Home, TORCH, check_folder, holds_libraries};
use crate::python::Python;
use anyhow::{Result, bail};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Prints the folder of the `torch` package, without importing it.
const TORCH_FOLDER: &str =
    "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])";

/// As [`find_in`], in the places of this user.
pub(crate) fn find(program: &Program) -> Result<PathBuf> {
    find_in(program, &Places::of_the_user())
}

/// What can be looked into, each as it was found.
struct Places {
    /// The value of `LIBTORCH`.
    set: Option<PathBuf>,
    cache: Result<Home>,
    pythons: Vec<PathBuf>,
}

impl Places {
    /// Those of this user: the Pythons are those of an active environment, then `python3` on the PATH.
    fn of_the_user() -> Self {
        let environments = ["VIRTUAL_ENV", "CONDA_PREFIX"]
            .into_iter()
            .filter_map(std::env::var_os)
            .map(|folder| Path::new(&folder).join("bin/python"));
        Self {
            set: std::env::var_os("LIBTORCH").map(PathBuf::from),
            cache: Home::in_cache(),
            pythons: environments.chain(["python3".into()]).collect(),
        }
    }
}

/// The folder with the libraries of the first libtorch there is: `LIBTORCH`, beside the program, in the user's cache, in a
/// Python's `torch` of the same version. A `LIBTORCH` that cannot be used is an error; without any, the error names each place
/// and why it would not do.
fn find_in(program: &Program, places: &Places) -> Result<PathBuf> {
    if let Some(set) = &places.set {
        return match check_folder(set) {
            Ok(_) => Ok(set.join("lib")),
            Err(error) => {
                bail!("LIBTORCH: {error:#}\nfix: set it to a libtorch {TORCH}, or unset it")
            }
        };
    }
    let mut looked = "  LIBTORCH: it is not set\n".to_owned();
    let mut not = |place: &str, why: &str| {
        let _ = writeln!(looked, "  {place}: {why}");
    };
    for folder in program.folders() {
        if holds_libraries(&folder) {
            return Ok(folder);
        }
        not(
            &format!("{}", folder.display()),
            "no libtorch_cpu and libc10 there",
        );
    }
    match &places.cache {
        Ok(home) => match check_folder(home.folder()) {
            Ok(_) => return Ok(home.folder().join("lib")),
            Err(error) => not("the cache", &format!("{error:#}")),
        },
        Err(error) => not("the cache", &error.root_cause().to_string()),
    }
    for python in &places.pythons {
        match of_python(python) {
            Ok(folder) => return Ok(folder.join("lib")),
            Err(why) => not(&python.display().to_string(), &why),
        }
    }
    bail!(
        "{}: no libtorch {TORCH} for it; looked at\n{looked}fix: `trainer setup` brings one into the cache",
        program.path().display()
    )
}

fn of_python(program: &Path) -> Result<PathBuf, String> {
    let python = Python::at(program).ok_or("it does not run")?;
    let folder = python
        .first_line(&["-c", TORCH_FOLDER])
        .ok_or("it has no torch")?;
    let folder = PathBuf::from(folder);
    match check_folder(&folder) {
        Ok(_) => Ok(folder),
        Err(error) => Err(format!("{error:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn libraries(folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        for name in ["libtorch.so", "libtorch_cpu.so", "libc10.so"] {
            fs::write(folder.join(name), "")?;
        }
        Ok(())
    }

    fn libtorch(folder: &Path, version: &str) -> Result<()> {
        libraries(&folder.join("lib"))?;
        Ok(fs::write(folder.join("build-version"), version)?)
    }

    /// A `python` that has this folder for its torch.
    fn python(program: &Path, torch: &Path) -> Result<()> {
        let script = format!(
            "#!/bin/sh\ncase $2 in *torch*) echo {} ;; *) echo 3.12 ;; esac\n",
            torch.display()
        );
        fs::write(program, script)?;
        Ok(fs::set_permissions(
            program,
            fs::Permissions::from_mode(0o755),
        )?)
    }

    struct Machine {
        folder: tempfile::TempDir,
        program: Program,
        places: Places,
    }

    impl Machine {
        fn bare() -> Result<Self> {
            let folder = tempfile::tempdir()?;
            let at = folder.path().canonicalize()?;
            fs::create_dir(at.join("bin"))?;
            fs::write(at.join("bin/program"), "")?;
            python(&at.join("python"), &at.join("site/torch"))?;
            Ok(Self {
                program: Program::find(&at.join("bin/program"))?,
                places: Places {
                    set: None,
                    cache: Ok(Home::in_checkout(&at.join("cache"))),
                    pythons: vec![at.join("python")],
                },
                folder,
            })
        }

        fn at(&self, below: &str) -> Result<PathBuf> {
            Ok(self.folder.path().canonicalize()?.join(below))
        }

        fn found(&self) -> Result<PathBuf> {
            find_in(&self.program, &self.places)
        }
    }

    #[test]
    fn the_order_is_libtorch_beside_cache_python() -> Result<()> {
        let mut machine = Machine::bare()?;
        libtorch(&machine.at("site/torch")?, TORCH)?;
        assert_eq!(machine.found()?, machine.at("site/torch/lib")?);
        libtorch(&machine.at("cache/libtorch")?, TORCH)?;
        assert_eq!(machine.found()?, machine.at("cache/libtorch/lib")?);
        for beside in ["lib", "bin/lib", "bin"] {
            libraries(&machine.at(beside)?)?;
            assert_eq!(machine.found()?, machine.at(beside)?);
        }
        libtorch(&machine.at("own")?, TORCH)?;
        machine.places.set = Some(machine.at("own")?);
        assert_eq!(machine.found()?, machine.at("own/lib")?);
        Ok(())
    }

    #[test]
    fn what_was_looked_for_is_named_with_the_reason() -> Result<()> {
        let machine = Machine::bare()?;
        libtorch(&machine.at("site/torch")?, "2.10.0")?;
        let said = machine.found().err().context("was found")?.to_string();
        for part in [
            "bin/program: no libtorch 2.11.0 for it",
            "LIBTORCH: it is not set",
            "bin/lib: no libtorch_cpu and libc10 there",
            "the cache: ",
            "cache/libtorch is not a folder",
            "python: ",
            "is libtorch 2.10.0; trainer needs 2.11.0",
            "fix: `trainer setup`",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        Ok(())
    }

    #[test]
    fn a_libtorch_that_was_set_is_not_passed_over() -> Result<()> {
        let mut machine = Machine::bare()?;
        libtorch(&machine.at("cache/libtorch")?, TORCH)?;
        machine.places.set = Some(machine.at("gone")?);
        let said = machine.found().err().context("was found")?.to_string();
        assert!(
            said.contains("LIBTORCH: ") && said.contains("gone is not a folder"),
            "{said}"
        );
        Ok(())
    }
}
