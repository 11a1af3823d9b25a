use std::path::Path;

/// How a file holds its rows, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    Parquet,
    Arrow,
    JsonLines,
    Json,
    Csv,
    Tsv,
    Text,
}

/// The endings, for messages.
pub(crate) const ENDINGS: &str = ".parquet, .arrow, .jsonl, .ndjson, .json, .csv, .tsv, .txt";

impl Format {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let ending = Path::new(path).extension()?.to_str()?.to_lowercase();
        match ending.as_str() {
            "parquet" => Some(Self::Parquet),
            "arrow" => Some(Self::Arrow),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "txt" => Some(Self::Text),
            _ => None,
        }
    }
}
