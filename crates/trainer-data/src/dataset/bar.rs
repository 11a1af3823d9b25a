use indicatif::{ProgressBar, ProgressStyle};

const FORM: &str = "{msg} [{elapsed_precise}] [{wide_bar}] {human_pos}/{human_len} rows ({eta})";

/// A bar of rows that are done, on a terminal, where one is asked for.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(super) fn begin(desc: Option<&str>, rows: usize) -> Self {
        Self(desc.map(|desc| {
            let style = ProgressStyle::with_template(FORM);
            ProgressBar::new(rows as u64)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
                .with_message(desc.to_owned())
        }))
    }

    pub(super) fn add(&self, rows: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(rows as u64);
        }
    }
}

/// A bar stays as it is when the work is done or has failed.
impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.abandon();
        }
    }
}
