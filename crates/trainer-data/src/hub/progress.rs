use indicatif::{ProgressBar, ProgressStyle};

use super::{names::InnerPath, settings::Settings};

/// So many characters of a file's path are shown.
const SHOWN: usize = 30;
const FORM: &str =
    "{msg} [{elapsed_precise}] [{wide_bar}] {bytes}/{total_bytes} {bytes_per_sec} ({eta})";

/// A bar of what has come of all files that are fetched together, where the settings ask for one.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// It shows nothing until a file begins.
    pub(super) fn begin(settings: &Settings) -> Self {
        Self(settings.progress.then(|| {
            let style = ProgressStyle::with_template(FORM);
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        }))
    }

    /// A file of `size` bytes begins, of which `first` are there.
    pub(super) fn file(&self, path: &InnerPath, first: u64, size: u64) {
        if let Some(bar) = &self.0 {
            bar.inc_length(size);
            bar.set_message(shortened(path.as_str()));
            bar.inc(first);
        }
    }

    /// The file that began broke off after `there` of its `size` bytes; it may begin again.
    pub(super) fn broken_off(&self, there: u64, size: u64) {
        if let Some(bar) = &self.0 {
            bar.dec(there);
            bar.dec_length(size);
        }
    }

    pub(super) fn add(&self, bytes: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes as u64);
        }
    }
}

/// A bar stays as it is when its files have come or broken off.
impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.0.as_ref().filter(|bar| bar.length() > Some(0)) {
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
