use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::names::{Commit, InnerPath, RepositoryName};

/// What Python's `quote` encodes where nothing is safe.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~');
const PATH: &AsciiSet = &PART.remove(b'/');

/// What a repository holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Model,
    Dataset,
}

impl Kind {
    /// As errors say it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Dataset => "data set",
        }
    }

    /// As addresses and folders of the cache say it.
    fn plural(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
        }
    }

    /// The folder in the cache.
    pub(crate) fn folder_name(self, name: &RepositoryName) -> String {
        format!("{}--{}", self.plural(), name.as_str().replace('/', "--"))
    }

    /// Where the hub at `endpoint` says which commit a revision is, and which files it has.
    pub(crate) fn listing(
        self,
        endpoint: &str,
        name: &RepositoryName,
        revision: &InnerPath,
    ) -> String {
        let revision = utf8_percent_encode(revision.as_str(), PART);
        format!(
            "{endpoint}/api/{}/{name}/revision/{revision}",
            self.plural()
        )
    }

    /// Where the hub at `endpoint` has a file.
    pub(crate) fn file(
        self,
        endpoint: &str,
        name: &RepositoryName,
        commit: &Commit,
        path: &InnerPath,
    ) -> String {
        let prefix = match self {
            Self::Model => "",
            Self::Dataset => "datasets/",
        };
        let path = utf8_percent_encode(path.as_str(), PATH);
        format!("{endpoint}/{prefix}{name}/resolve/{commit}/{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::{Commit, InnerPath, RepositoryName};
    use super::Kind;

    #[test]
    fn names_are_written_into_addresses_as_python_quotes_them()
    -> Result<(), Box<dyn std::error::Error>> {
        let name = RepositoryName::parse("x/y")?;
        let commit = Commit::parse(&"1".repeat(40))?;
        let file = |kind: Kind, path| -> Result<String, super::super::names::Misnamed> {
            Ok(kind.file("http://hub", &name, &commit, &InnerPath::parse(path)?))
        };
        let at = "resolve/1111111111111111111111111111111111111111";
        assert_eq!(
            file(Kind::Model, "a b/ü?#%.txt")?,
            format!("http://hub/x/y/{at}/a%20b/%C3%BC%3F%23%25.txt")
        );
        assert_eq!(
            file(Kind::Dataset, "a-b_c.~d")?,
            format!("http://hub/datasets/x/y/{at}/a-b_c.~d")
        );
        assert_eq!(
            Kind::Dataset.listing("http://hub", &name, &InnerPath::parse("refs/pr/1")?),
            "http://hub/api/datasets/x/y/revision/refs%2Fpr%2F1"
        );
        Ok(())
    }
}
