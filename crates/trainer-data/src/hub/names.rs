use super::Repository;
use crate::Result;

impl Repository {
    /// Names become parts of paths and addresses, so nothing else may be in them.
    pub(super) fn check_names(&self, file: &str) -> Result<()> {
        let ordinary = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !part.is_empty()
                && part.chars().all(allowed)
                && !part.starts_with('.')
                && !part.contains("..")
        };
        let parts: Vec<&str> = self.name().split('/').collect();
        if self.name().starts_with(['.', '/', '~']) {
            return Err(self
                .asked(None)
                .bad_name("is a path, and there is no such folder"));
        }
        if parts.len() > 2 || !parts.iter().all(|part| ordinary(part)) {
            return Err(self
                .asked(None)
                .bad_name("is not a name of the hub, as ORG/NAME"));
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
