//! Files whose rows are read some at a time.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    arrow_file, csv_file,
    declared_columns::Declared,
    files::{named, only, style},
    format::Format,
    json_file,
    packed::{Source, Unpacked},
    parquet_file,
    settings::Settings,
    table::{alike, damaged},
    text_file,
};
use crate::{Column, Columns, Dataset, Features, Result, caught, hub::Files};

/// What takes rows, some at a time, until it breaks off.
pub(crate) type Give<'g> = &'g mut dyn FnMut(Columns) -> Result<ControlFlow<()>>;

/// Counts the rows that are read together: so many that reading them one by one would be slower, and no more bytes than a few.
#[derive(Debug, Default)]
pub(crate) struct Room {
    rows: usize,
    bytes: usize,
}

impl Room {
    const ROWS: usize = 1000;
    const BYTES: usize = 4 << 20;

    /// Whether no other row has room beside those before and this one, of about so many bytes; the next row begins anew then.
    pub(crate) fn is_full(&mut self, bytes: usize) -> bool {
        self.rows += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let is_full = self.rows >= Self::ROWS || self.bytes >= Self::BYTES;
        if is_full {
            *self = Self::default();
        }
        is_full
    }
}

/// Where a file is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Here(PathBuf),
    /// In a folder or repository, from which it is brought when it is read.
    Of(Arc<Files>, String),
}

impl Place {
    pub(crate) fn path(&self) -> Result<PathBuf> {
        match self {
            Self::Here(path) => Ok(path.clone()),
            Self::Of(files, name) => files.require(name),
        }
    }

    /// The paths of all of `places`, which are in one folder or repository: what must be fetched is so at the same time.
    pub(crate) fn paths(places: &[&Self]) -> Result<Vec<PathBuf>> {
        let mut all = None;
        let mut names = Vec::new();
        for place in places {
            if let Self::Of(files, name) = place {
                all = Some(files);
                names.push(name);
            }
        }
        if let Some(files) = all {
            files.require_all(&names)?;
        }
        places.iter().map(|place| place.path()).collect()
    }
}

/// How the files of a split are read, and what their columns are.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) settings: Arc<Settings>,
    pub(crate) declared: Arc<Declared>,
    /// Of text files.
    pub(crate) features: Features,
    /// The columns of the split, without rows.
    pub(crate) head: Columns,
}

/// A file whose rows are read some at a time.
#[derive(Debug, Clone)]
pub(crate) struct StreamedFile {
    pub(crate) place: Place,
    pub(crate) format: Format,
    pub(crate) form: Arc<Form>,
}

impl StreamedFile {
    /// Gives the rows behind the first `skip` to `give`, some at a time, at least one, with the columns of the split.
    ///
    /// A packed file is unpacked to the disk until it is read.
    pub(crate) fn each_batch(
        &self,
        mut skip: u64,
        give: &mut dyn FnMut(Dataset) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let path = self.place.path()?;
        let mut unpacked = Unpacked::default();
        let mut flow = ControlFlow::Continue(());
        for source in unpacked.open(&path, self.format, self.form.settings.encoding)? {
            // What a reader passed over by itself, it has taken from this.
            let mut left = skip;
            let skipped = &mut left;
            let read = caught(|| {
                self.form
                    .each_batch(&source, self.format, skipped, &mut |columns| {
                        let rows = self.form.whole(&source.path, self.format, columns)?;
                        flow = give(rows)?;
                        Ok(flow)
                    })
            });
            let read = read.unwrap_or_else(|panic| Err(damaged(&source.path, panic)));
            read.map_err(|error| named(error, &source))?;
            if flow.is_break() {
                break;
            }
            skip = left;
        }
        Ok(())
    }
}

impl Form {
    fn each_batch(
        &self,
        source: &Source,
        format: Format,
        skip: &mut u64,
        give: Give<'_>,
    ) -> Result<()> {
        let (path, settings) = (source.path.as_path(), &*self.settings);
        let wanted = settings.columns.as_deref();
        let features = &self.features;
        match format {
            Format::Parquet => parquet_file::each_batch(path, wanted, skip, give),
            Format::Arrow => arrow_file::each_batch(path, wanted, skip, give),
            Format::Json => {
                json_file::each_batch(path, settings.field.as_deref(), features, skip, give)
            }
            Format::Csv => {
                let style = style(source, settings);
                let features = (features, &settings.csv.missing);
                csv_file::each_batch(path, &style, features, skip, give)
            }
            Format::Text => text_file::each_batch(path, skip, give),
        }
    }

    /// Rows of a file as those of the split.
    fn whole(&self, path: &Path, format: Format, columns: Columns) -> Result<Dataset> {
        let columns = match self.settings.columns.as_deref() {
            Some(wanted) => only(path, &columns, wanted)?,
            None => columns,
        };
        let columns = self.declared.complete(path, columns)?;
        let may_lack = !matches!(format, Format::Csv | Format::Text);
        Dataset::from_columns(alike(path, &columns, &self.head, may_lack)?)
    }
}

/// The columns of `source` without its rows, as they are for the first file of a split.
pub(crate) fn head(
    source: &Source,
    format: Format,
    settings: &Settings,
    features: &Features,
) -> Result<Columns> {
    let wanted = settings.columns.as_deref();
    let path = source.path.as_path();
    match format {
        Format::Parquet => parquet_file::head(path, wanted),
        Format::Arrow => arrow_file::head(path, wanted),
        Format::Json => Ok(features
            .iter()
            .map(|(name, feature)| (name, Column::nulls(feature, 0)))
            .collect()),
        Format::Csv => csv_file::head(path, &style(source, settings), features),
        Format::Text => Ok(Columns::new().with("text", Column::strings([""; 0]))),
    }
}
