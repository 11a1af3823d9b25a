use super::Dataset;
use crate::{DatasetDict, Error, Feature, Result, Value, numpy::Generator};

/// How many rows a split gets.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum SplitSize {
    /// A part of all rows, between 0 and 1.
    Fraction(f64),
    /// So many rows, at least 1 and fewer than there are.
    Rows(usize),
}

impl From<f64> for SplitSize {
    fn from(fraction: f64) -> Self {
        Self::Fraction(fraction)
    }
}

impl From<usize> for SplitSize {
    fn from(rows: usize) -> Self {
        Self::Rows(rows)
    }
}

/// How [`Dataset::train_test_split_with`] splits: the arguments of Python's `train_test_split`.
///
/// ```
/// use trainer_data::{Column, ClassLabel, Columns, Dataset, SplitOptions};
/// let label = ClassLabel::new(["no", "yes"]);
/// let labels = Column::class_labels(label, (0..100).map(|row| i64::from(row % 10 == 0)))?;
/// let data = Dataset::from_columns(Columns::new().with("label", labels))?;
/// let splits = data.train_test_split_with(&SplitOptions::new(42).test_size(0.2).stratify_by_column("label"))?;
/// let yes = splits["test"].filter(|row| Ok(row.int("label")? == 1))?;
/// assert_eq!((splits["test"].num_rows(), yes.num_rows()), (20, 2));
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct SplitOptions {
    seed: u64,
    test_size: Option<SplitSize>,
    train_size: Option<SplitSize>,
    shuffle: bool,
    stratify_by_column: Option<String>,
}

impl SplitOptions {
    /// A quarter of the rows, in the random order of `seed`, to test, the others to train.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            test_size: None,
            train_size: None,
            shuffle: true,
            stratify_by_column: None,
        }
    }

    /// So many rows to test; a fraction of them is rounded up. Without this, all that [`Self::train_size`] leaves.
    pub fn test_size(mut self, size: impl Into<SplitSize>) -> Self {
        self.test_size = Some(size.into());
        self
    }

    /// So many rows to train; a fraction of them is rounded down. Without this, all that [`Self::test_size`] leaves.
    pub fn train_size(mut self, size: impl Into<SplitSize>) -> Self {
        self.train_size = Some(size.into());
        self
    }

    /// Whether rows are drawn at random, which is the default; otherwise the first ones are those to train.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Each class of this column of class labels gets the same part of both splits, as nearly as can be.
    pub fn stratify_by_column(mut self, column: impl Into<String>) -> Self {
        self.stratify_by_column = Some(column.into());
        self
    }

    /// The rows to train and to test, of `rows`.
    fn sizes(&self, rows: usize) -> Result<(usize, usize)> {
        let checked = |name: &'static str, size: Option<SplitSize>, round: fn(f64) -> f64| {
            let refused = |message| Err(Error::InvalidArgument { name, message });
            match size {
                None => Ok(None),
                Some(SplitSize::Fraction(fraction)) if fraction > 0.0 && fraction < 1.0 => {
                    Ok(Some(round(fraction * rows as f64) as usize))
                }
                Some(SplitSize::Rows(count)) if (1..rows).contains(&count) => Ok(Some(count)),
                Some(SplitSize::Fraction(fraction)) => {
                    refused(format!("{fraction} is not between 0 and 1"))
                }
                Some(SplitSize::Rows(count)) => refused(format!(
                    "{count} is not a part of {rows} rows: at least 1, and fewer than there are"
                )),
            }
        };
        let mut test = checked("test_size", self.test_size, f64::ceil)?;
        let train = checked("train_size", self.train_size, f64::floor)?;
        if test.is_none() && train.is_none() {
            test = Some(rows.div_ceil(4));
        }
        let test = test.unwrap_or_else(|| rows - train.unwrap_or_default());
        let train = train.unwrap_or_else(|| rows.saturating_sub(test));
        if train == 0 || train + test > rows {
            return Err(Error::InvalidArgument {
                name: "test_size",
                message: format!(
                    "of {rows} rows {test} to test and {train} to train are asked for; they must be at most all of \
                     them, and at least one to train"
                ),
            });
        }
        Ok((train, test))
    }
}

impl Dataset {
    /// Splits into `train` and `test`, `test` with `fraction` of the rows, rounded up.
    ///
    /// The rows are drawn as Python's `train_test_split(test_size=fraction, seed=seed)` draws them.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] unless `fraction` lies between 0 and 1 and leaves a row on either side.
    pub fn train_test_split(&self, fraction: f64, seed: u64) -> Result<DatasetDict> {
        self.train_test_split_with(&SplitOptions::new(seed).test_size(fraction))
    }

    /// Splits into `train` and `test` as `options` say, into those rows that Python's `train_test_split` draws for the same
    /// arguments, in the same order. Where there are no rows both have none.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for sizes that leave no row to train, or are more than there are; where rows are drawn by
    /// classes also [`Error::UnknownColumn`], [`Error::WrongType`] for a column of something else, or in which a label is
    /// missing, and [`Error::InvalidArgument`] for a class of one row or for more classes than rows of a split.
    pub fn train_test_split_with(&self, options: &SplitOptions) -> Result<DatasetDict> {
        let rows = self.num_rows();
        if rows == 0 {
            return Ok(DatasetDict::new()
                .with("train", self.clone())
                .with("test", self.clone()));
        }
        let (train_size, test_size) = options.sizes(rows)?;
        let (train, test) = match (&options.stratify_by_column, options.shuffle) {
            (None, false) => {
                let test = train_size..train_size + test_size;
                ((0..train_size).collect(), test.collect())
            }
            (None, true) => {
                let mut order = Generator::new(options.seed).permutation(rows);
                let mut train = order.split_off(test_size);
                train.truncate(train_size);
                (train, order)
            }
            (Some(column), true) => {
                let classes = Classes::of(self, column)?;
                classes.draw(train_size, test_size, &mut Generator::new(options.seed))?
            }
            (Some(_), false) => {
                return Err(Error::InvalidArgument {
                    name: "stratify_by_column",
                    message: "rows of classes are drawn at random; without shuffle they cannot be"
                        .to_owned(),
                });
            }
        };
        Ok(DatasetDict::new()
            .with("train", self.choose(train.into_iter()))
            .with("test", self.choose(test.into_iter())))
    }
}

/// The rows of each class that has some, by the number of the class.
struct Classes {
    rows: Vec<Vec<usize>>,
}

impl Classes {
    fn of(dataset: &Dataset, name: &str) -> Result<Self> {
        let column = dataset.column(name)?;
        let refused = |row: Option<usize>, found: String| Error::WrongType {
            column: name.to_owned(),
            row,
            expected: "class labels, none of which is missing".to_owned(),
            found,
        };
        if !matches!(column.feature(), Feature::ClassLabel(_)) {
            return Err(refused(None, column.feature().to_string()));
        }
        let mut rows = std::collections::BTreeMap::<i64, Vec<usize>>::new();
        for (row, label) in column.iter().enumerate() {
            match label {
                Value::Int(label) => rows.entry(label).or_default().push(row),
                _ => return Err(refused(Some(row), "null".to_owned())),
            }
        }
        let rows = rows.into_values().collect();
        Ok(Self { rows })
    }

    /// The rows to train and to test, each class with its share of both; as in
    /// <https://github.com/huggingface/datasets/blob/5.2.0/src/datasets/utils/stratify.py>.
    fn draw(
        &self,
        train: usize,
        test: usize,
        generator: &mut Generator,
    ) -> Result<(Vec<usize>, Vec<usize>)> {
        let refused = |message| {
            let name = "stratify_by_column";
            Err(Error::InvalidArgument { name, message })
        };
        if self.rows.iter().any(|rows| rows.len() < 2) {
            return refused("a class has only one row, which cannot be in both splits".to_owned());
        }
        let classes = self.rows.len();
        if train.min(test) < classes {
            return refused(format!(
                "{train} rows to train and {test} to test are too few for {classes} classes"
            ));
        }
        let counts: Vec<usize> = self.rows.iter().map(Vec::len).collect();
        let of_train = shares(&counts, train, generator);
        let left = counts.iter().zip(&of_train).map(|(all, train)| all - train);
        let of_test = shares(&left.collect::<Vec<_>>(), test, generator);
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (class, rows) in self.rows.iter().enumerate() {
            let order = generator.permutation(rows.len());
            let mut order = order.into_iter().map(|at| rows[at]);
            train.extend(order.by_ref().take(of_train[class]));
            test.extend(order.take(of_test[class]));
        }
        generator.shuffle(&mut train);
        generator.shuffle(&mut test);
        Ok((train, test))
    }
}

/// `draws` rows divided among classes of `counts` rows in proportion; what rounding leaves goes to those of the largest
/// remainders, by chance where they are the same.
fn shares(counts: &[usize], draws: usize, generator: &mut Generator) -> Vec<usize> {
    let all: usize = counts.iter().sum();
    let exact: Vec<f64> = counts
        .iter()
        .map(|count| (draws * count) as f64 / all as f64)
        .collect();
    let mut shares: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut missing = draws.saturating_sub(shares.iter().sum());
    let remainders: Vec<f64> = exact.iter().map(|share| share - share.floor()).collect();
    let mut values = remainders.clone();
    values.sort_by(|one, other| other.total_cmp(one));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let same = remainders.iter().enumerate();
        let same: Vec<usize> = same
            .filter(|(_, remainder)| **remainder == value)
            .map(|(class, _)| class)
            .collect();
        let now = same.len().min(missing);
        for at in generator.choice(same.len(), now) {
            shares[same[at]] += 1;
        }
        missing -= now;
    }
    shares
}
