use std::collections::HashSet;

use super::{format::file_name, patterns::matching};

/// The files of each split.
pub(crate) type Splits = Vec<(String, Vec<String>)>;

/// The splits in their order, each with the words that stand for it in the name of a file or folder; the rule of
/// Python's `datasets`,
/// <https://github.com/huggingface/datasets/blob/4.0.0/src/datasets/data_files.py#L36-L79>.
const KEYWORDS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    ("validation", &["validation", "valid", "dev", "val"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

/// What a word ends with, and begins behind.
const AROUND: &str = "[-._ 0-9]";

/// What stands behind the name of a split in `data/`.
const SHARD: &str = "-[0-9][0-9][0-9][0-9][0-9]-of-[0-9][0-9][0-9][0-9][0-9]*.*";

/// Names that decide for formats of their own.
const LOGS: [&str; 1] = ["**/*.eval"];
const TASKS: [&str; 2] = ["**/task.toml", "**/instruction.md"];

/// Files by split, by the first of these that any file has: the name of a shard in `data/`, whose split is free; a folder
/// with the words of a split in its name; a file with such a name. Without either, all files are `train`.
///
/// # Errors
/// What is wrong with the name of a shard's split.
pub(crate) fn by_name(files: &[String]) -> Result<Splits, String> {
    let shards = shards(files)?;
    if !shards.is_empty() {
        return Ok(shards);
    }
    for (split, patterns) in [("logs", LOGS.as_slice()), ("test", &TASKS)] {
        let found = of_patterns(files, patterns.iter().map(|&pattern| pattern.to_owned()));
        if !found.is_empty() {
            return Ok(vec![(split.to_owned(), found)]);
        }
    }
    let words = by_words(files);
    if !words.is_empty() {
        return Ok(words);
    }
    let all = of_patterns(files, ["**".to_owned()]);
    Ok(match all.is_empty() {
        true => Vec::new(),
        false => vec![("train".to_owned(), all)],
    })
}

/// Files by the words in the names of their folders, or else in their own.
pub(crate) fn by_words(files: &[String]) -> Splits {
    let in_folder = |word: &str| {
        [
            format!("**/{word}/**"),
            format!("**/{word}{AROUND}*/**"),
            format!("**/*{AROUND}{word}/**"),
            format!("**/*{AROUND}{word}{AROUND}*/**"),
        ]
    };
    let in_file = |word: &str| {
        [
            format!("**/{word}{AROUND}*"),
            format!("**/*{AROUND}{word}{AROUND}*"),
        ]
    };
    let folders = of_words(files, in_folder);
    match folders.is_empty() {
        true => of_words(files, in_file),
        false => folders,
    }
}

fn of_words<const N: usize>(files: &[String], patterns: impl Fn(&str) -> [String; N]) -> Splits {
    let splits = KEYWORDS.iter().map(|(split, words)| {
        let patterns = words.iter().flat_map(|word| patterns(word));
        ((*split).to_owned(), of_patterns(files, patterns))
    });
    splits.filter(|(_, files)| !files.is_empty()).collect()
}

fn shards(files: &[String]) -> Result<Splits, String> {
    let mut names: Vec<String> = Vec::new();
    for file in of_patterns(files, [format!("data/*{SHARD}")]) {
        let name = file_name(&file);
        // The last place at which the pattern can begin.
        let ends = name.rmatch_indices('-').map(|(at, _)| at);
        let mut ends = ends.filter(|&at| is_shard(&name[at..]));
        let split = &name[..ends.next().unwrap_or_default()];
        if !is_split(split) {
            return Err(format!(
                "the name of {file} makes {split:?} a split, but such a name has letters, digits, underscores, and full \
                 stops between them"
            ));
        }
        if !names.iter().any(|have| have == split) {
            names.push(split.to_owned());
        }
    }
    let place = |name: &String| KEYWORDS.iter().position(|(known, _)| known == name);
    names.sort_by_key(|name| (place(name).unwrap_or(KEYWORDS.len()), name.clone()));
    let splits = names.into_iter().map(|name| {
        let files = of_patterns(files, [format!("data/{name}{SHARD}")]);
        (name, files)
    });
    Ok(splits.collect())
}

fn is_shard(rest: &str) -> bool {
    glob::Pattern::new(SHARD).is_ok_and(|pattern| pattern.matches(rest))
}

/// Whether a split may be called so.
pub(crate) fn is_split(name: &str) -> bool {
    let is_word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    name.split('.').all(is_word)
}

/// The files that match any of `patterns`, each once, in the order of the patterns.
fn of_patterns(files: &[String], patterns: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for pattern in patterns {
        let mut matched = matching(files, &pattern).unwrap_or_default();
        matched.retain(|file| seen.insert(file.clone()));
        found.append(&mut matched);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::by_name;

    fn splits(files: &[&str]) -> String {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let splits = by_name(&files).unwrap_or_default();
        let splits = splits
            .iter()
            .map(|(split, files)| format!("{split}: {}", files.join(" ")));
        splits.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn shards_then_folders_then_files_decide() {
        assert_eq!(
            splits(&["data/easy-00000-of-00001.csv", "test/a.csv"]),
            "easy: data/easy-00000-of-00001.csv"
        );
        assert_eq!(
            splits(&["data/train/test.csv", "dev.csv"]),
            "train: data/train/test.csv"
        );
        assert_eq!(
            splits(&["eval.csv", "my-dev.csv", "notes.csv", "train_0.csv"]),
            "train: train_0.csv; validation: my-dev.csv; test: eval.csv"
        );
        assert_eq!(
            splits(&["README.md", "a.csv", "trainer.csv"]),
            "train: a.csv trainer.csv"
        );
        assert_eq!(splits(&["README.md", ".a.csv"]), "");
    }

    #[test]
    fn a_name_counts_once() {
        assert_eq!(
            splits(&["train/train-1/train_train.csv"]),
            "train: train/train-1/train_train.csv"
        );
    }
}
