//! The lines that the README tells to type.

use crate::workspace::Workspace;
use anyhow::{Context, Result};

const HEADING: &str = "\n## In a program of your own\n";

/// The first block of shell lines below the heading.
pub(super) fn lines(workspace: &Workspace) -> Result<String> {
    let path = workspace.path("README.md");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    block(&text)
        .map(str::to_owned)
        .with_context(|| format!("{}: no lines to type below {HEADING:?}", path.display()))
}

fn block(text: &str) -> Option<&str> {
    let (_, section) = text.split_once(HEADING)?;
    let section = section.split("\n## ").next()?;
    let (_, rest) = section.split_once("```sh\n")?;
    rest.split_once("```").map(|(lines, _)| lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_that_of_the_section() {
        let text = "```sh\na\n```\n\n## In a program of your own\n\nText\n\n```sh\nb\nc\n```\n\n## Next\n\n```sh\nd\n```\n";
        assert_eq!(block(text), Some("b\nc\n"));
        assert_eq!(
            block("\n## In a program of your own\n\n## Next\n```sh\nd\n```\n"),
            None
        );
    }

    #[test]
    fn the_readme_has_it() -> Result<()> {
        assert!(lines(&Workspace::find()?)?.contains("trainer setup"));
        Ok(())
    }
}
