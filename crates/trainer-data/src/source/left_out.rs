use std::collections::HashSet;

use super::{
    card::{Card, CardConfig},
    chosen::{chosen, refused, some},
    format::{Ending, endings},
    patterns::matching,
    split_names::{Splits, by_words},
};
use crate::{Result, hub::Files, warning};

/// Warns of the files of data that are in no split, and of those that are in two.
///
/// # Errors
/// Where names decide and a file that is left out has the name of a split that there is not.
pub(crate) fn tell(
    place: &Files,
    files: &[String],
    splits: &Splits,
    card: &Card,
    config: Option<&CardConfig>,
) -> Result<()> {
    let mut left_out = matching(files, "**").unwrap_or_default();
    left_out.retain(|file| may_be_data(file));
    remove(&mut left_out, splits);
    for other in &card.configs {
        if let Ok(splits) = chosen(place, files, Some(other)) {
            remove(&mut left_out, &splits);
        }
    }
    if config.is_none_or(|config| config.splits.is_none()) {
        let folder = config.map_or("", |config| config.folder.as_str());
        by_their_names(place, folder, &left_out, splits)?;
    }
    if !left_out.is_empty() {
        warning!("{place}: these files are not used: {}", some(&left_out));
    }
    for (at, (split, files)) in splits.iter().enumerate() {
        let files: HashSet<&String> = files.iter().collect();
        for (other, others) in &splits[at + 1..] {
            let both: Vec<String> = others
                .iter()
                .filter(|file| files.contains(file))
                .cloned()
                .collect();
            if !both.is_empty() {
                warning!(
                    "{place}: these files are in both {split} and {other}: {}",
                    some(&both)
                );
            }
        }
    }
    Ok(())
}

/// Looks at what the names of files in `folder` say of the splits, be it in another case.
fn by_their_names(place: &Files, folder: &str, left_out: &[String], splits: &Splits) -> Result<()> {
    let split_of = |file: &str| {
        let inside = file.strip_prefix(folder)?.trim_start_matches('/');
        Some(by_words(&[inside.to_owned()]).into_iter().next()?.0)
    };
    for file in left_out {
        if let Some(split) = split_of(&file.to_lowercase())
            && !splits.iter().any(|(have, _)| *have == split)
        {
            return Err(refused(place, dropped(file, &split, splits)));
        }
    }
    let train = splits.iter().filter(|(split, _)| split == "train");
    let mut others: Vec<String> = train.flat_map(|(_, files)| files).cloned().collect();
    others.retain(|file| {
        split_of(file).is_none()
            && split_of(&file.to_lowercase()).is_some_and(|split| split != "train")
    });
    if !others.is_empty() {
        warning!(
            "{place}: these files are read as train, since the words for splits are in lower case: {}",
            some(&others)
        );
    }
    Ok(())
}

/// Leaves the files that are in none of `splits`.
fn remove(files: &mut Vec<String>, splits: &Splits) {
    let used: HashSet<&String> = splits.iter().flat_map(|(_, files)| files).collect();
    files.retain(|file| !used.contains(file));
}

/// Whether a file can be read here, by any ending in any case.
fn may_be_data(file: &str) -> bool {
    let mut endings = endings(file).filter_map(|ending| Ending::of(&ending.to_lowercase()));
    endings.any(|ending| !matches!(ending, Ending::Other(_)))
}

fn dropped(file: &str, split: &str, splits: &Splits) -> String {
    let names: Vec<&str> = splits.iter().map(|(name, _)| name.as_str()).collect();
    format!(
        "{file} would be left out, with the split {split} that its name stands for: the splits are {}, by shards in \
         data/ before names of folders before names of files, which are case-sensitive, and by one format for all; \
         rename it, or list the files under configs in README.md",
        names.join(", ")
    )
}
