//! Where chat templates stand: `chat_template` of `tokenizer_config.json`, or files of their own, which win over it.

use std::path::{Component, Path};
use std::{fs, io};

use serde_json::Value;

use super::ChatTemplates;
use crate::save::write;
use crate::source::{Source, read};
use crate::{Error, Result};

const FILE: &str = "chat_template.jinja";
const FOLDER: &str = "additional_chat_templates";
const ENDING: &str = ".jinja";

/// What the field `chat_template` holds: a text, texts by name, or a list of objects with `name` and `template`. Nothing for anything else.
pub(crate) fn of_config(value: &Value) -> Option<ChatTemplates> {
    let none = ChatTemplates::new();
    match value {
        Value::Null => Some(none),
        Value::String(text) => Some(none.with(ChatTemplates::DEFAULT, text.as_str())),
        Value::Object(named) => named.iter().try_fold(none, |all, (name, text)| {
            Some(all.with(name.as_str(), text.as_str()?))
        }),
        Value::Array(listed) => listed.iter().try_fold(none, |all, one| {
            let field = |name| one.get(name)?.as_str();
            Some(all.with(field("name")?, field("template")?))
        }),
        _ => None,
    }
}

/// The templates in files of their own, if there are any.
pub(crate) fn of_files(source: &Source) -> Result<Option<ChatTemplates>> {
    let mut templates = ChatTemplates::new();
    if let Some(path) = source.file(FILE)? {
        templates = templates.with(ChatTemplates::DEFAULT, text(&path)?);
    }
    for name in source.names_in(FOLDER, ENDING)? {
        if let Some(path) = source.file(&format!("{FOLDER}/{name}{ENDING}"))? {
            templates = templates.with(name, text(&path)?);
        }
    }
    Ok((!templates.is_empty()).then_some(templates))
}

fn text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|source| Error::Read {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidData, source),
    })
}

/// Writes templates where Python writes them: the default one as `chat_template.jinja`, others by their names into a folder.
pub(crate) fn save(templates: &ChatTemplates, folder: &Path) -> Result<()> {
    for (name, text) in templates.iter() {
        if name == ChatTemplates::DEFAULT {
            write(folder.join(FILE), text.as_bytes())?;
            continue;
        }
        if !is_plain(name) {
            return Err(Error::ChatTemplateName(name.to_owned()));
        }
        let folder = folder.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|source| Error::Write {
            path: folder.clone(),
            source,
        })?;
        write(folder.join(format!("{name}{ENDING}")), text.as_bytes())?;
    }
    Ok(())
}

/// Whether a name is that of a file, and of no other place.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let one = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if *part == *name);
    one && !name.contains(['/', '\\', '\0'])
}
