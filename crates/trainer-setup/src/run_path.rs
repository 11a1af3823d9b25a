//! Where a program looks for libtorch when it starts: beside itself, then in a folder of this machine.

use anyhow::{Result, bail};
use std::path::Path;

/// What stands for the folder of the program in a run path.
const ORIGIN: &str = if cfg!(target_os = "macos") {
    "@loader_path"
} else {
    "$ORIGIN"
};

/// How all arguments of [`argument`] begin.
pub(crate) fn start() -> String {
    format!("link-arg=-Wl,-rpath,{ORIGIN}")
}

/// What follows `-C` on a line of rustc's: the program's own folder, `lib` in it and beside it, then `library`, the `lib/` of a
/// libtorch. An error where the linker could not be told that path.
pub(crate) fn argument(library: &Path) -> Result<String> {
    let Some(library) = library.to_str().filter(|path| !path.contains([',', ':'])) else {
        bail!(
            "{}: a path with a comma, a colon or other than Unicode cannot be a program's run path\n\
             fix: set XDG_CACHE_HOME to a folder with a plain name",
            library.display()
        );
    };
    let own = ["/lib", "/../lib"].map(|below| format!("{ORIGIN}{below}"));
    let between = if cfg!(target_os = "macos") {
        ",-rpath,"
    } else {
        ":"
    };
    let folders = [own.join(between), library.to_owned()].join(between);
    Ok(format!("{}{between}{folders}", start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_looks_beside_itself_first() -> Result<()> {
        assert_eq!(
            argument(Path::new("/c/lib"))?,
            "link-arg=-Wl,-rpath,$ORIGIN:$ORIGIN/lib:$ORIGIN/../lib:/c/lib"
        );
        Ok(())
    }

    #[test]
    fn a_path_that_would_be_split_is_refused() {
        for path in ["/a,b/lib", "/a:b/lib"] {
            assert!(argument(Path::new(path)).is_err(), "{path}");
        }
    }
}
