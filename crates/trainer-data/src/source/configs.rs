use super::{
    asked::Asked,
    card::{Card, CardConfig},
    chosen::{chosen, one_format, refused},
    declared_columns::Declared,
    format::{Format, can_be, is_data},
    left_out,
    settings::Settings,
    split_names::Splits,
};
use crate::{Error, Features, Result, hub::Files, nearest, warning};

/// Which files are which split, how they are read, and what their columns are.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) splits: Splits,
    pub(crate) format: Format,
    pub(crate) settings: Settings,
    pub(crate) declared: Declared,
}

/// The plan for configuration `wanted` of `place`, whose files are `files` and whose card is `card`; what was `asked` for wins over the
/// card.
pub(crate) fn plan(
    place: &Files,
    files: &[String],
    card: &Card,
    wanted: Option<&str>,
    asked: &Asked,
) -> Result<Plan> {
    let of_card = choose(place, card, wanted)?;
    let own = asked
        .first()
        .map(|_| asked.over(place, of_card))
        .transpose()?;
    let config = own.as_ref().or(of_card);
    let mut splits = chosen(place, files, config)?;
    for (_, files) in &mut splits {
        files.retain(|file| is_data(file));
    }
    let format = one_format(place, &splits)?;
    for (_, files) in &mut splits {
        files.retain(|file| can_be(file, format));
    }
    if asked.files.is_empty() && asked.folder.is_none() {
        left_out::tell(place, files, &splits, card, config)?;
    }
    let wrong = |message| refused(place, message);
    let (settings, ignored) = match config {
        Some(config) => Settings::read(&config.settings, format)
            .map_err(|message| wrong(format!("configuration {}: {message}", config.name)))?,
        None => Default::default(),
    };
    asked.check_settings(format, &ignored)?;
    if !ignored.is_empty() {
        warning!(
            "{place}: these settings of the card say nothing of such files: {}",
            ignored.join(", ")
        );
    }
    let declared = match asked.declared(format) {
        Some(declared) => declared,
        None => declared(card, of_card, format).map_err(wrong)?,
    };
    Ok(Plan {
        splits,
        format,
        settings,
        declared,
    })
}

/// The columns that the card declares for `config`, or for the only one that it knows of.
fn declared(card: &Card, config: Option<&CardConfig>, format: Format) -> Result<Declared, String> {
    let name = config
        .map(|config| config.name.as_str())
        .or(card.infos.only());
    let of_info = match name {
        Some(name) => card.infos.features(name)?,
        None => Features::new(),
    };
    let own = config
        .map(|config| config.features())
        .transpose()?
        .unwrap_or_default();
    if own.is_empty() {
        return Ok(Declared::refusing_others(of_info));
    }
    if !of_info.is_empty() && of_info != own {
        return Err(format!(
            "the card declares features twice: {of_info} under dataset_info, {own} under configs"
        ));
    }
    // Of a CSV file, Python too takes only the columns that a configuration declares.
    Ok(match format {
        Format::Csv => Declared::dropping_others(own),
        _ => Declared::refusing_others(own),
    })
}

fn choose<'a>(
    place: &Files,
    card: &'a Card,
    wanted: Option<&str>,
) -> Result<Option<&'a CardConfig>> {
    let present: Vec<String> = card
        .configs
        .iter()
        .map(|config| config.name.clone())
        .collect();
    let unknown = |message: String| Error::UnknownConfig {
        message,
        present: present.clone(),
    };
    let named = |name: &str| card.configs.iter().find(|config| config.name == name);
    match (wanted, card.configs.as_slice()) {
        (Some(wanted), configs) => match named(wanted) {
            Some(config) => Ok(Some(config)),
            None if configs.is_empty() && wanted == "default" => Ok(None),
            None => {
                let hint = nearest::hint(wanted, &present);
                Err(unknown(format!(
                    "{place} has no configuration {wanted:?}{hint}"
                )))
            }
        },
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only)),
        (None, configs) => {
            let default = configs.iter().find(|config| config.is_default);
            match default.or_else(|| card.infos.only().and_then(named)) {
                Some(config) => Ok(Some(config)),
                None => Err(unknown(format!(
                    "{place} has several configurations and none was asked for"
                ))),
            }
        }
    }
}
