use serde_json::{Map, Value as Json};

use super::{
    encoding::{Encoding, KNOWN},
    format::Format,
};

/// How the files of a configuration are read, where its card says so.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) csv: CsvSettings,
    /// How text files are encoded; nothing for UTF-8.
    pub(crate) encoding: Option<Encoding>,
    /// The field of a JSON file's one object that holds the rows.
    pub(crate) field: Option<String>,
    /// The columns that are read, in this order; nothing for all.
    pub(crate) columns: Option<Vec<String>>,
    /// Whether Arrow files are read where they lie.
    pub(crate) mapped: bool,
}

/// How a CSV file is taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CsvSettings {
    /// What stands between fields; if nothing is said, a tab in `.tsv` and a comma in others.
    pub(crate) delimiter: Option<u8>,
    pub(crate) quote: u8,
    /// Whether the first row has the names of the columns.
    pub(crate) header: bool,
    /// The names of the columns, in place of the first row's.
    pub(crate) names: Option<Vec<String>>,
    pub(crate) missing: Missing,
}

/// Which cells are no values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Missing {
    /// Whether empty cells are.
    empty: bool,
    /// Whether pandas' words are, where a column holds numbers.
    words: bool,
    /// Whether they are in every column.
    words_in_texts: bool,
    /// Others, in every column.
    more: Vec<String>,
}

/// What pandas takes for a missing value,
/// <https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html> under `na_values`.
const WORDS: [&str; 18] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

impl Default for Missing {
    fn default() -> Self {
        Self {
            empty: true,
            words: true,
            words_in_texts: false,
            more: Vec::new(),
        }
    }
}

impl Missing {
    /// Whether `cell` is no value, whatever the column holds.
    pub(crate) fn in_texts(&self, cell: &str) -> bool {
        match cell {
            "" => self.empty,
            cell => {
                (self.words_in_texts && WORDS.contains(&cell))
                    || self.more.iter().any(|word| word == cell)
            }
        }
    }

    /// Whether `cell` is no value in a column of numbers or truth values.
    pub(crate) fn in_numbers(&self, cell: &str) -> bool {
        self.in_texts(cell) || (self.words && WORDS.contains(&cell))
    }

    /// As `keep_default_na`, `na_values` and `na_filter` say. Where the first is said to be on, texts may be missing too, as
    /// they are to pandas.
    fn read(settings: &Map<String, Json>) -> Result<Self, String> {
        let mut missing = Self::default();
        let flag = |name: &str| match settings.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(*flag)),
            Some(value) => Err(format!(
                "{name}: {value} is not supported; expected true or false"
            )),
        };
        if let Some(keep) = flag("keep_default_na")? {
            (missing.empty, missing.words, missing.words_in_texts) = (keep, keep, keep);
        }
        match settings.get("na_values") {
            None | Some(Json::Null) => {}
            Some(Json::String(word)) => missing.more.push(word.clone()),
            Some(value) => {
                let words = value.as_array().and_then(|words| {
                    let words = words.iter().map(|word| word.as_str().map(str::to_owned));
                    words.collect::<Option<Vec<String>>>()
                });
                missing.more = words.ok_or_else(|| {
                    format!(
                        "na_values: {value} is not supported; expected a text or a list of texts"
                    )
                })?;
            }
        }
        missing.empty = missing.empty || missing.more.iter().any(String::is_empty);
        if flag("na_filter")? == Some(false) {
            missing = Self {
                empty: false,
                words: false,
                words_in_texts: false,
                more: Vec::new(),
            };
        }
        Ok(missing)
    }
}

impl Default for CsvSettings {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: b'"',
            header: true,
            names: None,
            missing: Missing::default(),
        }
    }
}

/// Settings that say which files there are and what they are called.
const ABOUT_FILES: [&str; 7] = [
    "config_name",
    "data_files",
    "data_dir",
    "default",
    "description",
    "version",
    "features",
];

/// Of the settings of a format those that change no row, whatever they say.
fn harmless(format: Format) -> &'static [&'static str] {
    match format {
        Format::Csv => &[
            "chunksize",
            "engine",
            "float_precision",
            "memory_map",
            "verbose",
            "warn_bad_lines",
        ],
        Format::Json => &[
            "block_size",
            "chunksize",
            "parse_agent_traces",
            "use_threads",
        ],
        Format::Text => &["chunksize"],
        Format::Parquet => &["batch_size", "fragment_scan_options"],
        Format::Arrow => &[],
    }
}

/// Of the settings of CSV those that speak of one another.
const OF_CSV: [&str; 8] = [
    "names",
    "column_names",
    "sep",
    "delimiter",
    "header",
    "keep_default_na",
    "na_values",
    "na_filter",
];

/// The other settings of a format in Python's `datasets`, each with the value, as JSON, that changes no row.
fn fixed(format: Format) -> &'static [(&'static str, &'static str)] {
    match format {
        Format::Csv => &[
            ("comment", "null"),
            ("converters", "null"),
            ("date_format", "null"),
            ("decimal", "\".\""),
            ("dialect", "null"),
            ("doublequote", "true"),
            ("encoding_errors", "\"strict\""),
            ("error_bad_lines", "true"),
            ("escapechar", "null"),
            ("false_values", "null"),
            ("index_col", "null"),
            ("lineterminator", "null"),
            ("mangle_dupe_cols", "true"),
            ("nrows", "null"),
            ("on_bad_lines", "\"error\""),
            ("prefix", "null"),
            ("quoting", "0"),
            ("skip_blank_lines", "true"),
            ("skipfooter", "0"),
            ("skipinitialspace", "false"),
            ("skiprows", "null"),
            ("thousands", "null"),
            ("true_values", "null"),
            ("usecols", "null"),
        ],
        Format::Json => &[
            ("encoding_errors", "null"),
            ("newlines_in_values", "null"),
            ("on_mixed_types", "\"use_json\""),
        ],
        Format::Text => &[
            ("encoding_errors", "null"),
            ("keep_linebreaks", "false"),
            ("sample_by", "\"line\""),
        ],
        Format::Parquet => &[("filters", "null"), ("on_bad_files", "\"error\"")],
        Format::Arrow => &[],
    }
}

impl Settings {
    /// What `settings` of a card's configuration say of files of `format`; and the names of those that say nothing of it.
    ///
    /// # Errors
    /// Names a setting that would change rows and is not supported.
    pub(crate) fn read(
        settings: &Map<String, Json>,
        format: Format,
    ) -> Result<(Self, Vec<String>), String> {
        let mut read = Self::default();
        let mut ignored = Vec::new();
        for (name, value) in settings {
            let fixed = fixed(format).iter().find(|(have, _)| have == name);
            if let Some((_, neutral)) = fixed {
                if !is_neutral(value, neutral) {
                    return Err(format!("{name}: {value} is not supported, only {neutral}"));
                }
                continue;
            }
            let refused = match (format, name.as_str()) {
                (Format::Csv, name) if OF_CSV.contains(&name) => None,
                (Format::Csv, "quotechar") => read.csv.set_quote(value),
                (Format::Json, "field") => read.set_field(value),
                (Format::Csv | Format::Json | Format::Text, "encoding") => read.set_encoding(value),
                (Format::Parquet, "columns") => read.set_parquet_columns(value),
                (format, name) => {
                    if !ABOUT_FILES.contains(&name) && !harmless(format).contains(&name) {
                        ignored.push(name.to_owned());
                    }
                    None
                }
            };
            if let Some(expected) = refused {
                return Err(format!(
                    "{name}: {value} is not supported; expected {expected}"
                ));
            }
        }
        if format == Format::Csv {
            read.csv.set_columns(settings)?;
            read.csv.missing = Missing::read(settings)?;
        }
        Ok((read, ignored))
    }

    fn set_parquet_columns(&mut self, value: &Json) -> Option<&'static str> {
        let names = value.as_array().map(|names| {
            let names = names.iter().map(|name| name.as_str().map(str::to_owned));
            names.collect::<Option<Vec<String>>>()
        });
        match (value, names) {
            (Json::Null, _) => self.columns = None,
            (_, Some(Some(names))) => self.columns = Some(names),
            _ => return Some("a list of names"),
        }
        None
    }

    fn set_encoding(&mut self, value: &Json) -> Option<&'static str> {
        match value {
            Json::Null => self.encoding = None,
            value => match value.as_str().and_then(Encoding::named) {
                Some(encoding) => self.encoding = encoding,
                None => return Some(KNOWN),
            },
        }
        None
    }

    fn set_field(&mut self, value: &Json) -> Option<&'static str> {
        match value {
            Json::Null => self.field = None,
            Json::String(field) => self.field = Some(field.clone()),
            _ => return Some("the name of a field"),
        }
        None
    }
}

impl CsvSettings {
    fn set_quote(&mut self, value: &Json) -> Option<&'static str> {
        match one_byte(value) {
            Some(quote) => self.quote = quote,
            None => return Some("one ASCII character"),
        }
        None
    }

    /// The settings that speak of one another: `delimiter` wins over `sep`, `column_names` over `names`, and with names
    /// the first row is a row as others, unless `header: 0` says that it has names too.
    fn set_columns(&mut self, settings: &Map<String, Json>) -> Result<(), String> {
        let given = |name: &str| {
            settings
                .get(name)
                .filter(|value| !value.is_null())
                .map(|value| (name.to_owned(), value))
        };
        if let Some((name, value)) = given("delimiter").or(given("sep")) {
            let delimiter = one_byte(value).ok_or_else(|| {
                format!("{name}: {value} is not supported; expected one ASCII character")
            })?;
            self.delimiter = Some(delimiter);
        } else if settings.contains_key("sep") {
            return Err("sep: null is not supported; expected one ASCII character".to_owned());
        }
        if let Some((name, value)) = given("column_names").or(given("names")) {
            let texts = value.as_array().and_then(|names| {
                names
                    .iter()
                    .map(|name| name.as_str().map(str::to_owned))
                    .collect()
            });
            let names: Vec<String> = texts.ok_or_else(|| {
                format!("{name}: {value} is not supported; expected a list of names")
            })?;
            self.names = Some(names);
        }
        self.header = match settings.get("header") {
            None => self.names.is_none(),
            Some(Json::String(infer)) if infer == "infer" => self.names.is_none(),
            Some(Json::Null) => false,
            Some(Json::Number(row)) if row.as_u64() == Some(0) => true,
            Some(value) => {
                return Err(format!(
                    "header: {value} is not supported; expected 0, null or infer"
                ));
            }
        };
        Ok(())
    }
}

fn one_byte(value: &Json) -> Option<u8> {
    match value.as_str()?.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Some(*byte),
        _ => None,
    }
}

/// Whether a setting has the value that changes nothing.
fn is_neutral(value: &Json, neutral: &str) -> bool {
    serde_json::from_str::<Json>(neutral).is_ok_and(|neutral| neutral == *value)
}
