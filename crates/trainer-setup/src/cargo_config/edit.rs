//! The text of a configuration, with what a crate needs in it.

use crate::run_path;
use anyhow::{Context, Result, bail};
use std::path::Path;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// Cargo joins the flags of all tables that fit the target.
const TARGET: &str = if cfg!(target_os = "macos") {
    r#"cfg(target_os = "macos")"#
} else {
    r#"cfg(target_os = "linux")"#
};

/// The full name of this machine's target.
const HOST: &str = if cfg!(target_os = "macos") {
    "aarch64-apple-darwin"
} else if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

/// `text` with `LIBTORCH` and with the run path in rustc's flags and, for documentation tests, rustdoc's. What else there is
/// stays as it is, comments too; a text that has all of it comes back unchanged. An error where one of these keys holds
/// something that is not ours.
pub(super) fn with_libtorch(text: &str, libtorch: &Path) -> Result<String> {
    let mut document: DocumentMut = text.parse().context("it is not TOML")?;
    set_libtorch(&mut document, libtorch)?;
    let argument = run_path::argument(&libtorch.join("lib"))?;
    for key in ["rustflags", "rustdocflags"] {
        add_flag(&mut document, key, &argument)?;
    }
    Ok(document.to_string())
}

/// The lines of a configuration that has nothing else.
pub(super) fn lines(libtorch: &Path) -> Result<String> {
    with_libtorch("", libtorch)
}

fn set_libtorch(document: &mut DocumentMut, libtorch: &Path) -> Result<()> {
    let libtorch = libtorch
        .to_str()
        .with_context(|| format!("{}: the path is not Unicode", libtorch.display()))?;
    let env = table(document.as_table_mut(), "env")?;
    match env.get_mut("LIBTORCH") {
        None => {
            env.insert("LIBTORCH", libtorch.into());
        }
        Some(item) => match item.as_str() {
            Some(there) if there == libtorch => {}
            Some(there) if from_a_cache(Path::new(there)) => {
                let decor = item.as_value().map(|value| value.decor().clone());
                *item = libtorch.into();
                if let (Some(value), Some(decor)) = (item.as_value_mut(), decor) {
                    *value.decor_mut() = decor;
                }
            }
            _ => bail!("env.LIBTORCH is set already, to{item}"),
        },
    }
    Ok(())
}

/// `…/trainer/libtorch-VERSION`, as an earlier set-up wrote it.
fn from_a_cache(path: &Path) -> bool {
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    name(path).is_some_and(|name| name.starts_with("libtorch-"))
        && path
            .parent()
            .and_then(name)
            .is_some_and(|name| name == "trainer")
}

/// Add `-C argument` to the flags that cargo uses, in place of an earlier set-up's.
fn add_flag(document: &mut DocumentMut, key: &str, argument: &str) -> Result<()> {
    let flags = flags(document, key)?;
    if flags.iter().any(|flag| flag.as_str() == Some(argument)) {
        return Ok(());
    }
    let ours = |flag: &Value| {
        flag.as_str()
            .is_some_and(|flag| flag.starts_with(&run_path::start()))
    };
    let earlier = flags.iter().position(ours);
    match earlier {
        Some(at) => {
            flags.replace(at, argument);
        }
        None => {
            flags.push("-C");
            flags.push(argument);
        }
    }
    Ok(())
}

/// The list of flags that counts.
fn flags<'a>(document: &'a mut DocumentMut, key: &str) -> Result<&'a mut Array> {
    let (name, owner) = match owner(document, key) {
        None => (
            format!("build.{key}"),
            table(document.as_table_mut(), "build")?,
        ),
        Some(target) => {
            let targets = document
                .entry("target")
                .or_insert_with(|| {
                    let mut targets = Table::new();
                    targets.set_implicit(true);
                    Item::Table(targets)
                })
                .as_table_mut()
                .context("target is not a table")?;
            (format!("target.'{target}'.{key}"), table(targets, target)?)
        }
    };
    owner
        .entry(key)
        .or_insert(Item::Value(Array::new().into()))
        .as_array_mut()
        .with_context(|| format!("{name} is not a list"))
}

/// The table below `target` that they belong into; `None` for `build`, which cargo ignores where a table of the target has some.
/// rustc's stand in each of the target's tables, rustdoc's in the one that has its full name.
fn owner(document: &DocumentMut, key: &str) -> Option<&'static str> {
    let has = |table: Option<&Item>| table.is_some_and(|table| table.get(key).is_some());
    let targets = document.get("target").and_then(Item::as_table_like);
    if key == "rustdocflags" {
        let own = targets.is_some_and(|targets| has(targets.get(HOST)));
        return own.then_some(HOST);
    }
    let in_targets = targets.is_some_and(|targets| targets.iter().any(|(_, item)| has(Some(item))));
    (in_targets || !has(document.get("build"))).then_some(TARGET)
}

fn table<'a>(parent: &'a mut Table, key: &str) -> Result<&'a mut Table> {
    parent
        .entry(key)
        .or_insert(Item::Table(Table::new()))
        .as_table_mut()
        .with_context(|| format!("{key} is not a table of its own ([{key}])"))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    const FLAG: &str = r#""-C", "link-arg=-Wl,-rpath,$ORIGIN:$ORIGIN/lib:$ORIGIN/../lib:/c/trainer/libtorch-2.11.0/lib""#;

    fn edited(text: &str) -> Result<String> {
        with_libtorch(text, Path::new("/c/trainer/libtorch-2.11.0"))
    }

    #[test]
    fn an_empty_file_gets_three_keys_and_stays_so() -> Result<()> {
        let text = edited("")?;
        let expected = format!(
            "[env]\nLIBTORCH = \"/c/trainer/libtorch-2.11.0\"\n\n\
             [target.'cfg(target_os = \"linux\")']\nrustflags = [{FLAG}]\n\n\
             [build]\nrustdocflags = [{FLAG}]\n"
        );
        assert_eq!(text, expected);
        assert_eq!(edited(&text)?, text);
        Ok(())
    }

    #[test]
    fn what_the_user_wrote_stays() -> Result<()> {
        let text = "# mine\n[alias]\nb = \"build\" # short\n\n[env]\nA = \"1\"\n\n\
                    [target.'cfg(target_os = \"linux\")']\nrunner = \"nice\"\nrustflags = [\n  \"-D\", \"warnings\", # strict\n]\n";
        let after = edited(text)?;
        for line in [
            "# mine\n[alias]\nb = \"build\" # short\n",
            "A = \"1\"\nLIBTORCH = ",
            "runner = \"nice\"\nrustflags = [\n  \"-D\", \"warnings\"",
            "# strict",
        ] {
            assert!(after.contains(line), "{line}\n{after}");
        }
        assert_eq!(edited(&after)?, after);
        let flags: DocumentMut = after.parse()?;
        let flags = flags["target"][TARGET]["rustflags"].as_array();
        assert_eq!(flags.map(Array::len), Some(4), "{after}");
        Ok(())
    }

    #[test]
    fn flags_of_build_go_on_to_count() -> Result<()> {
        let after = edited("[build]\nrustflags = [\"-D\", \"warnings\"]\n")?;
        assert!(
            after.contains(&format!("rustflags = [\"-D\", \"warnings\", {FLAG}]")),
            "{after}"
        );
        assert!(
            after.contains(&format!("rustdocflags = [{FLAG}]")),
            "{after}"
        );
        assert_eq!(after.matches("\nrustflags").count(), 1, "{after}");
        Ok(())
    }

    #[test]
    fn flags_of_the_target_for_rustdoc_go_on_to_count() -> Result<()> {
        let after = edited(&format!(
            "[target.{HOST}]\nrustdocflags = [\"--cfg\", \"a\"]\n"
        ))?;
        assert!(
            after.contains(&format!("rustdocflags = [\"--cfg\", \"a\", {FLAG}]")),
            "{after}"
        );
        assert!(!after.contains("[build]"), "{after}");
        Ok(())
    }

    #[test]
    fn another_version_takes_the_place_of_an_earlier_one() -> Result<()> {
        let old = with_libtorch("", Path::new("/d/trainer/libtorch-2.10.0"))?;
        let new = edited(&old)?;
        assert_eq!(new, edited("")?);
        Ok(())
    }

    #[test]
    fn what_is_taken_is_refused() {
        for (text, expected) in [
            (
                "[env]\nLIBTORCH = \"/opt/libtorch\"\n",
                "env.LIBTORCH is set already",
            ),
            (
                "[env]\nLIBTORCH = { value = \"libtorch\", relative = true }\n",
                "env.LIBTORCH is set already",
            ),
            (
                "[build]\nrustflags = \"-D warnings\"\n",
                "build.rustflags is not a list",
            ),
            ("env = 1\n", "env is not a table"),
            ("target = 1\n", "target is not a table"),
            ("[env", "it is not TOML"),
        ] {
            let error = edited(text).err().map(|error| format!("{error:#}"));
            assert!(
                error
                    .as_deref()
                    .is_some_and(|error| error.contains(expected)),
                "{text}: {error:?}"
            );
        }
    }
}
