use std::{
    num::NonZeroUsize,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::{Dataset, ResultCache, bar::Bar};
use crate::{
    BoxError, Column, Columns, Error, Feature, Result, Rows, column::concatenate, panics::message,
};

/// Makes columns from rows: what [`Dataset::map`] calls.
///
/// Closures of this shape are one; a type is one by implementing the single method.
pub trait MapRows: Send + Sync {
    /// New columns for `rows`, all of one length: one value for each of the rows, or, where the result keeps no column of
    /// the data set as it was, any number of values for each of them.
    ///
    /// Called once for each batch of rows, from several threads and in no particular order. An error, or columns of
    /// another length, ends the map and reaches its caller with the numbers of the rows.
    ///
    /// # Errors
    /// Whatever makes the rows unusable.
    fn map_rows(&self, rows: &Rows<'_>) -> Result<Columns, BoxError>;

    /// All that decides, beside the rows, about the columns that are made; nothing if that cannot be said, as for closures.
    /// A [`ResultCache`] finds results again by it.
    fn fingerprint(&self) -> Option<String> {
        None
    }
}

impl<F> MapRows for F
where
    F: Fn(&Rows<'_>) -> Result<Columns, BoxError> + Send + Sync,
{
    fn map_rows(&self, rows: &Rows<'_>) -> Result<Columns, BoxError> {
        self(rows)
    }
}

/// How [`Dataset::map_with`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MapOptions {
    /// Rows given to one call, at least 1. Default 1000.
    pub batch_size: usize,
    /// Threads, at least 1; nothing for one on each core. Default nothing.
    pub num_proc: Option<usize>,
    /// Columns of the data set that the result does not have. A column that the function makes is kept all the same.
    pub remove_columns: Vec<String>,
    /// The Arrow file that the result is written to, in which it then stays; nothing for a result in memory. Default nothing.
    pub on_disk: Option<PathBuf>,
    /// Where the result is looked for, and kept if it is not there. Default nothing.
    pub cache: Option<ResultCache>,
    /// What the bar says that shows how far the work is, on a terminal; nothing for no bar. Default nothing.
    pub desc: Option<String>,
}

impl Default for MapOptions {
    fn default() -> Self {
        Self {
            batch_size: 1000,
            num_proc: None,
            remove_columns: Vec::new(),
            on_disk: None,
            cache: None,
            desc: None,
        }
    }
}

impl MapOptions {
    /// With this many rows to a call.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// With this many threads.
    #[must_use]
    pub fn num_proc(mut self, num_proc: usize) -> Self {
        self.num_proc = Some(num_proc);
        self
    }

    /// Without these columns.
    #[must_use]
    pub fn remove_columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.remove_columns = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Whether the result has the column `name` of the data set, unless the function makes one of that name.
    pub(super) fn keeps(&self, name: &str) -> bool {
        !self.remove_columns.iter().any(|removed| removed == name)
    }

    /// With the result in the Arrow file `path`, which is replaced if it is there: nothing but some batches is in memory at a
    /// time, neither now nor when rows are read. The file is mapped as those of [`Dataset::load_from_disk`] are.
    ///
    /// The file is always made anew; [`cache`](Self::cache) finds it again.
    #[must_use]
    pub fn on_disk(mut self, path: impl Into<PathBuf>) -> Self {
        self.on_disk = Some(path.into());
        self
    }

    /// With the result taken from `cache` if an earlier call has left it there, and else left there for later ones. It lies
    /// on the disk as with [`on_disk`](Self::on_disk), of which only one may be given.
    #[must_use]
    pub fn cache(mut self, cache: ResultCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// With a bar that begins with `desc`, where standard error is a terminal.
    #[must_use]
    pub fn desc(mut self, desc: impl Into<String>) -> Self {
        self.desc = Some(desc.into());
        self
    }
}

impl Dataset {
    /// The data set with the columns that `function` makes, in batches of 1000 rows on all cores.
    ///
    /// A column that is there already is replaced in its place, new ones come last. The order of the rows stays.
    ///
    /// ```
    /// use trainer_data::{BoxError, Column, Columns, Dataset, Rows};
    /// let data = Dataset::from_columns(Columns::new().with("text", Column::strings(["a", "bcd"])))?;
    /// let data = data.map(|rows: &Rows<'_>| {
    ///     let texts = rows.column("text")?;
    ///     let lengths: Result<Vec<i64>, BoxError> =
    ///         (0..rows.len()).map(|k| Ok(texts.str(k)?.len() as i64)).collect();
    ///     Ok(Columns::new().with("length", Column::ints(lengths?)))
    /// })?;
    /// assert_eq!(data.row(1)?.int("length")?, 3);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Rows`] with what `function` said and the rows it was given; of several failures that of the first rows.
    pub fn map(&self, function: impl MapRows) -> Result<Self> {
        self.map_with(&function, &MapOptions::default())
    }

    /// [`Self::map`] with options.
    ///
    /// A function may give more rows than it got, or fewer, where every column of the data set is removed or replaced:
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, MapOptions, Rows};
    /// let data = Dataset::from_columns(Columns::new().with("text", Column::strings(["a b", "c", ""])))?;
    /// let words = |rows: &Rows<'_>| {
    ///     let texts = rows.column("text")?;
    ///     let mut words = Vec::new();
    ///     for k in 0..rows.len() {
    ///         words.extend(texts.str(k)?.split_whitespace());
    ///     }
    ///     Ok(Columns::new().with("word", Column::strings(words)))
    /// };
    /// let words = data.map_with(&words, &MapOptions::default().remove_columns(["text"]))?;
    /// assert_eq!(words.num_rows(), 3);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::map`]; also [`Error::InvalidArgument`] for an option that is 0 and [`Error::UnknownColumn`] for a
    /// column to remove that is not there.
    pub fn map_with<M: MapRows + ?Sized>(
        &self,
        function: &M,
        options: &MapOptions,
    ) -> Result<Self> {
        for name in &options.remove_columns {
            self.find(name)?;
        }
        match (&options.on_disk, &options.cache) {
            (Some(_), Some(_)) => Err(Error::InvalidArgument {
                name: "on_disk",
                message: "there is a cache too, whose files have names of their own".to_owned(),
            }),
            (None, None) => self.map_in_memory(function, options),
            _ if self.is_empty() => self.map_in_memory(function, options),
            (Some(path), None) => self.map_on_disk(function, options, path),
            (None, Some(cache)) => {
                let place =
                    cache.place_of_columns(self, function.fingerprint().as_deref(), options)?;
                match ResultCache::found(&place) {
                    Some(found) => Ok(found),
                    None => self.map_on_disk(function, options, &place),
                }
            }
        }
    }

    pub(super) fn map_in_memory<M: MapRows + ?Sized>(
        &self,
        function: &M,
        options: &MapOptions,
    ) -> Result<Self> {
        let bar = Bar::begin(options.desc.as_deref(), self.num_rows());
        let made = self.made(function, options, 0..self.num_rows(), &bar)?;
        let mut columns = Columns::new();
        for (name, column) in self.columns().filter(|(name, _)| options.keeps(name)) {
            columns.insert(name, self.in_order(column)?);
        }
        for (name, column) in join(made, options.batch_size, self.num_rows())? {
            columns.insert(name, column);
        }
        let mut mapped = Self::from_columns(columns)?;
        if mapped.num_columns() == 0 {
            mapped.num_rows = self.num_rows();
        }
        Ok(mapped)
    }

    /// What `function` makes of the rows of `range`, batch by batch.
    pub(super) fn made<M: MapRows + ?Sized>(
        &self,
        function: &M,
        options: &MapOptions,
        range: Range<usize>,
        bar: &Bar,
    ) -> Result<Vec<Columns>> {
        let work = |part: Range<usize>| {
            let rows = Rows::range(self, range.start + part.start..range.start + part.end);
            let failed = |source| Error::Rows {
                operation: "map",
                first: rows.ends().0,
                last: rows.ends().1,
                source,
            };
            let columns = function.map_rows(&rows).map_err(failed)?;
            let kept = self.column_names().filter(|name| options.keeps(name));
            check_lengths(&columns, rows.len(), kept).map_err(|error| failed(error.into()))?;
            bar.add(rows.len());
            Ok(columns)
        };
        batches(range.len(), options.batch_size, options.num_proc, work)
    }
}

/// Whether `columns`, made of `given` rows, have one length, which is `given` if one of the columns `kept` stays as it was.
fn check_lengths<'a>(
    columns: &Columns,
    given: usize,
    kept: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let made = columns.num_rows()?;
    let mut kept = kept.filter(|name| columns.get(name).is_none());
    match (columns.iter().next(), kept.next()) {
        (Some((name, _)), Some(kept)) if made != given => Err(Error::KeptColumnLength {
            name: name.to_owned(),
            found: made,
            kept: kept.to_owned(),
            expected: given,
        }),
        _ => Ok(()),
    }
}

/// The columns of all batches, joined; each batch has the columns of the first.
fn join(made: Vec<Columns>, batch_size: usize, rows: usize) -> Result<Vec<(String, Column)>> {
    let Some(first) = made.first() else {
        return Ok(Vec::new());
    };
    let mut joined = Vec::with_capacity(first.len());
    for (name, head) in first.iter() {
        let mut parts = Vec::with_capacity(made.len());
        for (at, columns) in made.iter().enumerate() {
            let batch = at * batch_size..rows.min((at + 1) * batch_size);
            parts.push(alike(columns, first, name, head.feature(), &batch)?);
        }
        joined.extend(concatenate(&parts).map(|column| (name.to_owned(), column)));
    }
    Ok(joined)
}

/// Column `name` of `columns`, which were made of the rows of `batch`, as `feature`; they have the columns of `first`.
pub(super) fn alike(
    columns: &Columns,
    first: &Columns,
    name: &str,
    feature: &Feature,
    batch: &Range<usize>,
) -> Result<Column> {
    let failed = |source| Error::Rows {
        operation: "map",
        first: batch.start,
        last: batch.end - 1,
        source,
    };
    match columns.get(name) {
        Some(column) if columns.len() == first.len() => column
            .cast_named(feature, name)
            .map_err(|source| failed(source.into())),
        _ => {
            let names = |columns: &Columns| {
                let names: Vec<&str> = columns.iter().map(|(name, _)| name).collect();
                names.join(", ")
            };
            let (found, expected) = (names(columns), names(first));
            let message =
                format!("the columns {found} were made, but {expected} for the first rows");
            Err(failed(message.into()))
        }
    }
}

/// Calls `work` for the batches of `0..rows` on `threads` threads; the results in the order of the batches.
///
/// Of several failures the one of the first batch is given back. A panic of `work` is a failure.
pub(super) fn batches<T: Send>(
    rows: usize,
    batch_size: usize,
    threads: Option<usize>,
    work: impl Fn(Range<usize>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let positive = |name, value| match value {
        0 => Err(Error::InvalidArgument {
            name,
            message: "must be at least 1".to_owned(),
        }),
        value => Ok(value),
    };
    let batch_size = positive("batch_size", batch_size)?;
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let count = rows.div_ceil(batch_size);
    let threads = positive("num_proc", threads.unwrap_or_else(cores))?.min(count);
    let range = |at: usize| at * batch_size..rows.min((at + 1) * batch_size);
    let run = |at: usize| {
        catch_unwind(AssertUnwindSafe(|| work(range(at)))).unwrap_or_else(|panic| {
            Err(Error::Rows {
                operation: "the function",
                first: range(at).start,
                last: range(at).end - 1,
                source: format!("it panicked: {}", message(panic.as_ref())).into(),
            })
        })
    };
    if threads <= 1 {
        return (0..count).map(run).collect();
    }
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let mut done: Vec<(usize, Result<T>)> = std::thread::scope(|scope| {
        let one = || {
            let mut mine = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    break;
                }
                let result = run(at);
                if result.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
                mine.push((at, result));
            }
            mine
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_default())
            .collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
