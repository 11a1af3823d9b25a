//! The names that go into paths and addresses. Each is checked here, once; what takes a path takes these types, so that
//! no other text of a server, a file of the cache or a user gets there.

use std::fmt;

pub(super) const IS_A_PATH: &str = "is a path, and there is no such folder";
pub(super) const NOT_A_NAME: &str = "is not a name of the hub, as ORG/NAME";

/// So many characters of a text that is no name are shown.
const SHOWN: usize = 60;
/// The longest name of a blob, which leaves room for an ending in the 255 bytes of a file's name.
const MAX_BLOB: usize = 200;

/// A text that is not the name it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found}, where {expected} is expected")]
pub(crate) struct Misnamed {
    /// As it can be shown on any terminal, and not too long.
    found: String,
    expected: &'static str,
}

impl Misnamed {
    pub(super) fn new(found: &str, expected: &'static str) -> Self {
        let cut = found.char_indices().nth(SHOWN).map(|(at, _)| at);
        let found = match cut {
            Some(at) => format!("{:?}…", &found[..at]),
            None => format!("{found:?}"),
        };
        Self { found, expected }
    }
}

/// The full hash of a commit: 40 hexadecimal digits in lower case, `REGEX_COMMIT_HASH` of `huggingface_hub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit(String);

impl Commit {
    pub(crate) fn parse(text: &str) -> Result<Self, Misnamed> {
        match is_hex(text, 40) && !text.contains(|digit: char| digit.is_ascii_uppercase()) {
            true => Ok(Self(text.to_owned())),
            false => Err(Misnamed::new(
                text,
                "the hash of a commit, 40 hexadecimal digits,",
            )),
        }
    }
}

/// The name of a file's content, from the tag (`ETag`) that a server gives it: mostly a hash, but mirrors have tags of
/// their own kind, as `5f3-abc.gz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobName(String);

impl BlobName {
    /// Of a tag as it stands in a header: `"TAG"`, `W/"TAG"` or bare.
    pub(crate) fn from_tag(tag: &str) -> Result<Self, Misnamed> {
        let name = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        let plain = |byte: u8| byte.is_ascii_graphic() && !br#"/\:*?"<>|"#.contains(&byte);
        let fits = (1..=MAX_BLOB).contains(&name.len());
        match fits && !name.starts_with('.') && name.bytes().all(plain) {
            true => Ok(Self(name.to_owned())),
            false => Err(Misnamed::new(tag, "a tag that can be a file's name")),
        }
    }

    /// The SHA-256 of the content, where that is the tag: so it is for the large files of the hub.
    pub(crate) fn sha256(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|name| is_hex(name, 64))
    }
}

/// A path inside a repository, or the name of a branch or tag: parts with `/` between them, none of which leads elsewhere.
///
/// What `_validate_relative_filename` of `huggingface_hub` refuses is refused here, on every system: `..`, also between
/// backslashes, and what begins at a root or a drive. So are empty parts, `.` and NUL, which no path of git has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InnerPath(String);

impl InnerPath {
    pub(crate) fn parse(text: &str) -> Result<Self, Misnamed> {
        let anchored = |part: &str| {
            let second = part.char_indices().nth(1);
            part.starts_with('\\') || second.is_some_and(|(_, second)| second == ':')
        };
        let ordinary = |part: &str| {
            !matches!(part, "" | ".")
                && !anchored(part)
                && part.split('\\').all(|part| part != "..")
        };
        match !text.contains('\0') && text.split('/').all(ordinary) {
            true => Ok(Self(text.to_owned())),
            false => Err(Misnamed::new(text, "a path inside the repository")),
        }
    }
}

/// The name of a repository, `NAME` or `ORG/NAME`: what `validate_repo_id` of `huggingface_hub` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepositoryName(String);

impl RepositoryName {
    /// Otherwise why it is none.
    pub(crate) fn parse(name: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let ordinary = |part: &str| {
            (1..=96).contains(&part.len())
                && part.bytes().all(allowed)
                && !part.starts_with(['-', '.'])
                && !part.ends_with(['-', '.'])
        };
        if name.starts_with(['.', '/', '~']) {
            return Err(IS_A_PATH);
        }
        let is_name = name.split('/').count() <= 2
            && name.split('/').all(ordinary)
            && !name.contains("--")
            && !name.contains("..")
            && !name.ends_with(".git");
        match is_name {
            true => Ok(Self(name.to_owned())),
            false => Err(NOT_A_NAME),
        }
    }
}

fn is_hex(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What all of these are to the rest: a text that was looked at.
macro_rules! checked {
    ($($name:ident),+) => {$(
        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

checked!(Commit, BlobName, InnerPath, RepositoryName);

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{BlobName, Commit, InnerPath, RepositoryName};

    /// Texts of what makes paths leave their folder, of what is in good names, and of anything.
    fn texts() -> impl Strategy<Value = String> {
        let parts = [
            "..",
            ".",
            "/",
            "//",
            "\\",
            "\0",
            "\n",
            "\u{1b}",
            ":",
            "C:",
            "W/",
            "\"",
            "%2e",
            "~",
            "-",
            "--",
            ".git",
            "a",
            "B",
            "0",
            "é",
            "\u{2215}",
            "0123456789abcdef",
            "0123456789abcdef0123456789abcdef01234567",
        ];
        prop_oneof![
            vec(select(parts.to_vec()), 0..8).prop_map(|parts| parts.concat()),
            any::<String>(),
        ]
    }

    /// The parts of a path, each a plain name; nothing if it has another part.
    fn plain_parts(path: &str) -> Option<Vec<&str>> {
        let plain = |part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        };
        Path::new(path).components().map(plain).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn a_checked_path_stays_in_its_folder(text in texts()) {
            if let Ok(path) = InnerPath::parse(&text) {
                prop_assert_eq!(path.as_str(), &text);
                let parts = plain_parts(&text);
                prop_assert_eq!(parts.map(|parts| parts.join("/")), Some(text.clone()));
                prop_assert!(!text.contains('\0') && !text.is_empty());
            }
        }

        #[test]
        fn a_checked_tag_is_one_plain_name(text in texts()) {
            if let Ok(blob) = BlobName::from_tag(&text) {
                let name = blob.as_str();
                prop_assert_eq!(plain_parts(name), Some(vec![name]));
                prop_assert!(text.contains(name) && name.len() <= 200 && !name.starts_with('.'));
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }

        #[test]
        fn a_checked_commit_is_a_hash(text in texts()) {
            let is_hash = text.len() == 40 && text.bytes().all(|byte| b"0123456789abcdef".contains(&byte));
            prop_assert_eq!(Commit::parse(&text).is_ok(), is_hash);
        }

        #[test]
        fn two_repositories_never_share_a_folder(one in texts(), other in texts()) {
            let folder = |name| {
                let name = RepositoryName::parse(name).ok()?;
                Some(super::super::address::Kind::Model.folder_name(&name))
            };
            if let (Some(first), Some(second)) = (folder(&one), folder(&other)) {
                prop_assert_eq!(first == second, one == other);
                prop_assert_eq!(plain_parts(&first), Some(vec![first.as_str()]));
            }
        }

        #[test]
        fn what_is_refused_is_shown_in_one_short_line(text in texts()) {
            if let Err(why) = InnerPath::parse(&text) {
                let shown = why.to_string();
                prop_assert!(!shown.contains(char::is_control) && shown.chars().count() < 700, "{shown}");
            }
        }
    }
}
