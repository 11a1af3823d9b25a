use glob::{Pattern, PatternError};

use super::{format::file_name, glob_match::GlobMatch};

/// Files of a data set that are no data unless they are asked for by name.
const IGNORED: [&str; 6] = [
    "README.md",
    "config.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dummy_data.zip",
    "dataset_dict.json",
];

/// The files that match `pattern`, in their order, by the rules of Python's `datasets`: `**` stands for any folders,
/// hidden files and folders and those with two underscores must be named in the pattern,
/// <https://github.com/huggingface/datasets/blob/4.0.0/src/datasets/data_files.py#L317-L401>.
pub(crate) fn matching(files: &[String], pattern: &str) -> Result<Vec<String>, PatternError> {
    Pattern::new(pattern)?;
    let glob = GlobMatch::new(pattern);
    let matches = |file: &&String| {
        // A name with brackets may be meant as it stands.
        (**file == pattern || glob.matches(file))
            && (!IGNORED.contains(&file_name(file)) || file_name(file) == file_name(pattern))
            && hidden(file) == hidden(pattern)
            && special(file) == special(pattern)
    };
    Ok(files.iter().filter(matches).cloned().collect())
}

/// How many parts of a path are hidden.
fn hidden(path: &str) -> usize {
    let is_hidden = |part: &&str| part.starts_with('.') && !part.trim_matches('.').is_empty();
    path.split('/').filter(is_hidden).count()
}

/// How many folders of a path are as `__pycache__`.
fn special(path: &str) -> usize {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .filter(|part| part.starts_with("__"))
        .count()
}
