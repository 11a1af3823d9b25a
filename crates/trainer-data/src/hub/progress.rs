use indicatif::{ProgressBar, ProgressStyle};

use super::{client::Client, names::InnerPath};

/// So many characters of a file's path are shown.
const SHOWN: usize = 30;
const FORM: &str =
    "{msg} [{elapsed_precise}] [{wide_bar}] {bytes}/{total_bytes} {bytes_per_sec} ({eta})";

/// A bar of what has come of a file, where the settings ask for one.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn begin(client: &Client<'_>, path: &InnerPath, first: u64, size: u64) -> Self {
        if !client.shows_progress() {
            return Self(None);
        }
        let style = ProgressStyle::with_template(FORM);
        let bar = ProgressBar::new(size)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_position(first)
            .with_message(shortened(path.as_str()));
        Self(Some(bar))
    }

    pub(super) fn add(&mut self, bytes: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes as u64);
        }
    }
}

/// A bar stays as it is when its file has come or broken off.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.abandon();
        }
    }
}

/// The end of a path, in one line whatever is in it.
fn shortened(path: &str) -> String {
    let shown = path.replace(char::is_control, "?");
    let chars = shown.chars().count();
    match chars.checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(cut) => format!("..{}", shown.chars().skip(cut).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_bar_shows_the_end_of_a_path_in_one_line() {
        assert_eq!(shortened("a/Icon\r"), "a/Icon?");
        let long = "ü".repeat(31);
        assert_eq!(shortened(&long), format!("..{}", "ü".repeat(30)));
    }
}
