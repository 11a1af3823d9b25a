use super::Repository;
use crate::Result;

pub(super) const IS_A_PATH: &str = "is a path, and there is no such folder";
pub(super) const NOT_A_NAME: &str = "is not a name of the hub, as ORG/NAME";

/// Why `name` cannot be the name of a repository, `NAME` or `ORG/NAME`; nothing if it can.
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    let ordinary = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !part.is_empty()
            && part.chars().all(allowed)
            && !part.starts_with('.')
            && !part.contains("..")
    };
    if name.starts_with(['.', '/', '~']) {
        return Some(IS_A_PATH);
    }
    let is_name = name.split('/').count() <= 2 && name.split('/').all(ordinary);
    (!is_name).then_some(NOT_A_NAME)
}

impl Repository {
    /// Names become parts of paths and addresses, so nothing else may be in them.
    pub(super) fn check_names(&self, file: &str) -> Result<()> {
        if let Some(why) = refusal(self.name()) {
            return Err(self.asked(None).bad_name(why));
        }
        let inside = |path: &str| {
            !path.contains('\\') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        };
        if !inside(&self.revision) {
            return Err(self.asked(None).bad_name("has no such revision"));
        }
        if !file.is_empty() && !inside(file) {
            return Err(self
                .asked(Some(file))
                .bad_name("is not a path inside a repository"));
        }
        Ok(())
    }
}
