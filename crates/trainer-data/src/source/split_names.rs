use std::collections::BTreeMap;

use super::format::Format;

/// The splits in their order, each with the words that stand for it in the name of a file or folder; the rule of
/// Python's `datasets`,
/// <https://github.com/huggingface/datasets/blob/4.0.0/src/datasets/data_files.py#L36-L41>.
const KEYWORDS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    ("validation", &["validation", "valid", "dev", "val"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

/// Files of a data set that are not data.
const NOT_DATA: [&str; 6] = [
    "README.md",
    "config.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dataset_dict.json",
    "state.json",
];

/// Files by split: those with the words of a split in their name; if there are none, those in a folder with such a
/// name; if there are none either, all of them as `train`.
///
/// Only files of the format that most of them have count.
pub(crate) fn by_name(files: &[String]) -> Vec<(String, Vec<String>)> {
    let files = data_files(files);
    for part in [file_name, folders] {
        let mut splits = Vec::new();
        for (split, words) in KEYWORDS {
            let of_split = |file: &&&String| {
                split_words(part(file)).any(|word| words.contains(&word.as_str()))
            };
            let files: Vec<String> = files
                .iter()
                .filter(of_split)
                .map(|file| (*file).clone())
                .collect();
            if !files.is_empty() {
                splits.push((split.to_owned(), files));
            }
        }
        if !splits.is_empty() {
            return splits;
        }
    }
    match files.is_empty() {
        true => Vec::new(),
        false => vec![("train".to_owned(), files.into_iter().cloned().collect())],
    }
}

fn data_files(files: &[String]) -> Vec<&String> {
    let mut by_format: BTreeMap<Format, Vec<&String>> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| !NOT_DATA.contains(&file_name(file)))
    {
        if let Some(format) = Format::of(file) {
            by_format.entry(format).or_default().push(file);
        }
    }
    // Of equally many, the format that comes first in `Format`.
    by_format
        .into_values()
        .rev()
        .max_by_key(Vec::len)
        .unwrap_or_default()
}

fn file_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

fn folders(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folders, _)| folders)
}

/// The words of a name, which end where letters end.
fn split_words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| "-._ /".contains(c) || c.is_ascii_digit())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::by_name;

    fn splits(files: &[&str]) -> String {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let splits = by_name(&files);
        let splits = splits
            .iter()
            .map(|(split, files)| format!("{split}: {}", files.join(" ")));
        splits.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn names_decide_before_folders() {
        let found = splits(&[
            "my-dev.csv",
            "train_0.csv",
            "README.md",
            "eval.csv",
            "notes.csv",
        ]);
        assert_eq!(
            found,
            "train: train_0.csv; validation: my-dev.csv; test: eval.csv"
        );
        assert_eq!(
            splits(&["test/a.csv", "val/a.csv"]),
            "validation: val/a.csv; test: test/a.csv"
        );
        assert_eq!(
            splits(&["data/train/test.csv"]),
            "test: data/train/test.csv"
        );
    }

    #[test]
    fn without_such_names_everything_is_train() {
        assert_eq!(
            splits(&["a.csv", "trainer.csv"]),
            "train: a.csv trainer.csv"
        );
        assert_eq!(splits(&["README.md", "a.bin", "state.json"]), "");
    }

    #[test]
    fn the_commonest_format_counts() {
        assert_eq!(
            splits(&["LICENSE.txt", "train.csv", "test.csv"]),
            "train: train.csv; test: test.csv"
        );
        assert_eq!(
            splits(&["train.csv", "train.parquet"]),
            "train: train.parquet"
        );
    }
}
