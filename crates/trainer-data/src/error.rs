use std::path::PathBuf;

/// An error of any kind, as closures, collators and samplers of the user give it back.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong while data is found, read, changed or served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column was asked for that the data set does not have.
    #[error("there is no column {name:?}{}; the columns are {}", crate::nearest::hint(.name, .present), list(.present))]
    UnknownColumn {
        /// The name asked for.
        name: String,
        /// The columns that are there.
        present: Vec<String>,
    },
    /// A split was asked for that the dictionary does not have.
    #[error("there is no split {name:?}{}; the splits are {}", crate::nearest::hint(.name, .present), list(.present))]
    UnknownSplit {
        /// The name asked for.
        name: String,
        /// The splits that are there.
        present: Vec<String>,
    },
    /// A configuration of a hub data set was asked for that its card does not have, or none was and there are several.
    #[error("{message}; the configurations are {}", list(.present))]
    UnknownConfig {
        /// What is wrong.
        message: String,
        /// The configurations that are there.
        present: Vec<String>,
    },
    /// Two columns got the same name.
    #[error("there are two columns {name:?}")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// The columns of one table differ in length.
    #[error("column {name:?} has {found} rows where {expected} are expected")]
    ColumnLength {
        /// The column.
        name: String,
        /// The rows of the columns before it.
        expected: usize,
        /// Its own rows.
        found: usize,
    },
    /// A map made another number of rows than it was given, and a column of the data set is kept, which has as many as before.
    #[error(
        "column {name:?} has {found} rows where {expected} are expected, because the column {kept:?} is kept as it was: name it \
         among the columns to remove, or make it anew"
    )]
    KeptColumnLength {
        /// The first column that was made.
        name: String,
        /// Its rows.
        found: usize,
        /// The first column that is kept.
        kept: String,
        /// The rows that the map was given.
        expected: usize,
    },
    /// A row number is too large.
    #[error("row {row} does not exist: there are {num_rows} rows")]
    RowOutOfRange {
        /// The row asked for, from 0.
        row: usize,
        /// The rows that are there.
        num_rows: usize,
    },
    /// A value is not of the type that was asked for.
    #[error("column {column:?}{}: expected {expected}, found {found}", at_row(.row))]
    WrongType {
        /// The column.
        column: String,
        /// The row, from 0, where one row is meant.
        row: Option<usize>,
        /// What was asked for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A class label is not one of the declared classes.
    #[error("column {column:?}{}: {value} is not one of the {} classes {}", at_row(.row), .names.len(), list(.names))]
    LabelOutOfRange {
        /// The column; empty where the label is not in one.
        column: String,
        /// The row, from 0, where the label is in one.
        row: Option<usize>,
        /// The value found.
        value: String,
        /// The names of the classes.
        names: Vec<String>,
    },
    /// An argument has a value that cannot be used.
    #[error("{name}: {message}")]
    InvalidArgument {
        /// The argument.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A function of the user failed on some rows.
    #[error("{operation} of rows {first} to {last}: {source}")]
    Rows {
        /// What was done: `map`, `filter` or `collate`.
        operation: &'static str,
        /// The first row of the batch, from 0, in the data set that the function was given.
        first: usize,
        /// The last row of the batch.
        last: usize,
        /// What the function said.
        source: BoxError,
    },
    /// A batch could not be made.
    #[error("epoch {epoch}, batch {batch} ({}): {source}", row_list(.rows))]
    Batch {
        /// The epoch, from 0.
        epoch: u64,
        /// The batch, from 0.
        batch: usize,
        /// Its rows, from 0.
        rows: Vec<usize>,
        /// What the collator said.
        source: BoxError,
    },
    /// The worker threads of a loader failed.
    #[error("{message}")]
    Workers {
        /// What happened.
        message: String,
        /// What the system said.
        source: Option<BoxError>,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line of a text file is not what it should be.
    #[error("{}, line {line}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        message: String,
        /// What the parser said, if it was a parser that found it.
        source: Option<BoxError>,
    },
    /// A file as a whole cannot be used.
    #[error("{}: {message}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// What the reader of the format said, if it was the one that found it.
        source: Option<BoxError>,
    },
    /// No data was found where it was looked for.
    #[error("{message}")]
    NotFound {
        /// What was looked for, and where.
        message: String,
        /// What the hub said, if it was asked.
        source: Option<BoxError>,
    },
    /// The hub, or its cache, did not give a file.
    #[error("{message}")]
    Hub {
        /// The kind and name of the repository, as `data set nyu-mll/glue`.
        repository: String,
        /// The file, or nothing where the repository as a whole is meant.
        file: Option<String>,
        /// The address of the hub.
        endpoint: String,
        /// Why the file could not be had.
        reason: HubReason,
        /// Everything above and what to do about it.
        message: String,
        /// What the network said, if it was used.
        source: Option<BoxError>,
    },
}

/// Why the hub did not give a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubReason {
    /// `HF_HUB_OFFLINE` is set and the file is not in the cache.
    Offline,
    /// The hub does not have it.
    NotFound,
    /// The hub does not show it to this token, or without one.
    Unauthorised,
    /// The hub did not answer.
    Unreachable,
    /// The transfer or the cache failed.
    Failed,
}

fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}

fn at_row(row: &Option<usize>) -> String {
    row.map_or_else(String::new, |row| format!(", row {row}"))
}

fn row_list(rows: &[usize]) -> String {
    let shown: Vec<String> = rows.iter().take(8).map(ToString::to_string).collect();
    let more = if rows.len() > shown.len() {
        ", …"
    } else {
        ""
    };
    format!("rows {}{more}", shown.join(", "))
}
