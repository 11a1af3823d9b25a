use std::path::{Path, PathBuf};

use crate::{Error, Result, regular_file};

/// Where the hub is, where its cache is, and how to ask.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) cache: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) token: Option<String>,
    pub(crate) offline: bool,
    pub(crate) progress: bool,
    /// How often a transfer that brings nothing more is tried again.
    pub(crate) max_retries: u32,
}

pub(crate) const ENDPOINT: &str = "https://huggingface.co";
/// As `huggingface_hub` has it.
pub(crate) const MAX_RETRIES: u32 = 5;

impl Settings {
    /// As the environment `variable` and the home folder say; an empty variable counts as unset.
    pub(crate) fn read(
        variable: impl Fn(&str) -> Option<String>,
        home: Option<PathBuf>,
    ) -> Result<Self> {
        let variable = &|name: &str| variable(name).filter(|value| !value.is_empty());
        let path = |name: &str| path_in(name, variable, home.as_deref());
        let hub_home = hub_home(variable, home.as_deref());
        let cache = path("HF_HUB_CACHE")
            .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| hub_home.as_ref().map(|home| home.join("hub")))
            .ok_or_else(no_home)?;
        let token_file = path("HF_TOKEN_PATH").or_else(|| hub_home.map(|home| home.join("token")));
        let token = variable("HF_TOKEN")
            .or_else(|| variable("HUGGING_FACE_HUB_TOKEN"))
            .or_else(|| regular_file::read_to_string(&token_file?).ok())
            .map(|token| token.trim().to_owned())
            .filter(|token| !token.is_empty());
        let set = |name: &str| variable(name).is_some_and(|value| is_true(&value));
        Ok(Self {
            cache,
            endpoint: variable("HF_ENDPOINT").map_or_else(
                || ENDPOINT.to_owned(),
                |endpoint| endpoint.trim_end_matches('/').to_owned(),
            ),
            token,
            offline: set("HF_HUB_OFFLINE") || set("TRANSFORMERS_OFFLINE"),
            progress: !set("HF_HUB_DISABLE_PROGRESS_BARS"),
            max_retries: MAX_RETRIES,
        })
    }
}

/// The folder for what is made of data sets: `HF_DATASETS_CACHE`, or `datasets` in the hub's home.
///
/// # Errors
/// [`Error::NotFound`] as [`Settings::read`].
pub(crate) fn datasets_cache() -> Result<PathBuf> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = std::env::home_dir();
    path_in("HF_DATASETS_CACHE", variable, home.as_deref())
        .or_else(|| Some(hub_home(variable, home.as_deref())?.join("datasets")))
        .ok_or_else(no_home)
}

fn hub_home(
    variable: impl Fn(&str) -> Option<String> + Copy,
    home: Option<&Path>,
) -> Option<PathBuf> {
    path_in("HF_HOME", variable, home)
        .or_else(|| Some(path_in("XDG_CACHE_HOME", variable, home)?.join("huggingface")))
        .or_else(|| Some(home?.join(".cache").join("huggingface")))
}

fn path_in(
    name: &str,
    variable: impl Fn(&str) -> Option<String> + Copy,
    home: Option<&Path>,
) -> Option<PathBuf> {
    Some(expand(&with_variables(&variable(name)?, variable), home))
}

fn no_home() -> Error {
    Error::NotFound {
        message: "there is no home folder to keep the cache of the hub in: set HF_HOME".to_owned(),
        source: None,
    }
}

/// All but the token, which is nobody's business.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("cache", &self.cache)
            .field("endpoint", &self.endpoint)
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

fn is_true(value: &str) -> bool {
    ["1", "ON", "YES", "TRUE"].contains(&value.to_uppercase().as_str())
}

/// `path` with the values of the variables that it names, as `$NAME` or `${NAME}`; one that is not set stays as it stands.
fn with_variables(path: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        let behind = &rest[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, length) = match behind
            .strip_prefix('{')
            .and_then(|in_it| in_it.split_once('}'))
        {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
                (&behind[..end], end)
            }
        };
        match variable(name).filter(|_| !name.is_empty()) {
            Some(value) => out += &value,
            None => out += &rest[at..at + 1 + length],
        }
        rest = &behind[length..];
    }
    out + rest
}

/// `~` at the beginning of `path` is the home folder.
fn expand(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::Result;

    fn read(variables: &[(&str, &str)]) -> Result<Settings> {
        let find = |name: &str| {
            variables
                .iter()
                .find(|(have, _)| *have == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Settings::read(find, Some("/home/ada".into()))
    }

    #[test]
    fn the_nearest_variable_decides_on_the_cache() -> Result<()> {
        let cache = |variables: &[(&str, &str)]| {
            read(variables).map(|settings| settings.cache.display().to_string())
        };
        assert_eq!(cache(&[])?, "/home/ada/.cache/huggingface/hub");
        assert_eq!(cache(&[("XDG_CACHE_HOME", "/x")])?, "/x/huggingface/hub");
        assert_eq!(
            cache(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "~/hf")])?,
            "/home/ada/hf/hub"
        );
        for (home, expected) in [
            ("$HOME/x", "/home/eve/x/hub"),
            ("${HOME}x/$NONE", "/home/evex/$NONE/hub"),
            ("/a$/${HOME", "/a$/${HOME/hub"),
        ] {
            assert_eq!(
                cache(&[("HF_HOME", home), ("HOME", "/home/eve")])?,
                expected
            );
        }
        assert_eq!(
            cache(&[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")])?,
            "/old"
        );
        assert_eq!(
            cache(&[("XDG_CACHE_HOME", "/x"), ("HUGGINGFACE_HUB_CACHE", "~/old")])?,
            "/home/ada/old"
        );
        assert_eq!(
            cache(&[
                ("HF_HOME", "/h"),
                ("HF_HUB_CACHE", "/new"),
                ("HUGGINGFACE_HUB_CACHE", "/old")
            ])?,
            "/new"
        );
        assert_eq!(
            cache(&[("HF_HUB_CACHE", "")])?,
            "/home/ada/.cache/huggingface/hub"
        );
        Ok(())
    }

    #[test]
    fn switches_are_read_as_python_reads_them() -> Result<()> {
        for (value, offline) in [
            ("1", true),
            ("true", true),
            ("Yes", true),
            ("0", false),
            ("", false),
            ("2", false),
        ] {
            assert_eq!(
                read(&[("HF_HUB_OFFLINE", value)])?.offline,
                offline,
                "{value}"
            );
        }
        assert!(read(&[("TRANSFORMERS_OFFLINE", "ON")])?.offline);
        assert_eq!(
            read(&[("HF_ENDPOINT", "http://mirror/")])?.endpoint,
            "http://mirror"
        );
        Ok(())
    }

    #[test]
    fn the_token_is_read_from_its_file_and_not_printed() -> std::result::Result<(), crate::BoxError>
    {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("token");
        std::fs::write(&file, "hf_secret\n")?;
        let settings = read(&[("HF_TOKEN_PATH", &file.display().to_string())])?;
        assert_eq!(settings.token.as_deref(), Some("hf_secret"));
        assert!(!format!("{settings:?}").contains("secret"));
        assert_eq!(
            read(&[("HF_TOKEN", "mine")])?.token.as_deref(),
            Some("mine")
        );
        Ok(())
    }
}
