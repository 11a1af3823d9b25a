//! Counts where each row has several labels, each of them 0 or 1.

use std::collections::BTreeMap;

use crate::classes::Classes;
use crate::confusion::ClassCounts;

/// What was seen of rows of several labels.
///
/// Whether rows are sets of labels is known only when all were seen: chosen classes of tokens may be 0 and 1 for a while.
/// So both are counted, and this is given up at the first batch that is not of that form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum SeenSets {
    /// No row yet.
    #[default]
    Nothing,
    /// Only sets of labels, all of as many.
    Only(LabelSets),
    /// Something else.
    Other,
}

/// Counts by label, and how many rows there are of each kind. Memory grows with the number of labels and of kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LabelSets {
    /// For each label, over the rows.
    columns: Vec<ClassCounts>,
    /// For each row, over its labels: the number of rows with these counts.
    rows: BTreeMap<ClassCounts, u64>,
}

impl SeenSets {
    pub(crate) fn add(&mut self, classes: &Classes) {
        self.merge(Self::of(classes));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        *self = match (std::mem::take(self), other) {
            (Self::Nothing, seen) | (seen, Self::Nothing) => seen,
            (Self::Only(mut sets), Self::Only(others))
                if sets.columns.len() == others.columns.len() =>
            {
                sets.merge(others);
                Self::Only(sets)
            }
            _ => Self::Other,
        };
    }

    fn of(classes: &Classes) -> Self {
        let mut rows = classes.rows().peekable();
        let Some(first) = rows.peek() else {
            return Self::Nothing;
        };
        if !classes.are_label_sets() {
            return Self::Other;
        }
        let mut sets = LabelSets {
            columns: vec![ClassCounts::default(); first.len()],
            rows: BTreeMap::new(),
        };
        rows.for_each(|row| sets.add(row));
        Self::Only(sets)
    }
}

impl LabelSets {
    fn add(&mut self, row: &[(i64, i64)]) {
        let mut of_row = ClassCounts::default();
        for (column, &(predicted, label)) in self.columns.iter_mut().zip(row) {
            let counts = ClassCounts {
                hits: u64::from(predicted == 1 && label == 1),
                predicted: u64::from(predicted == 1),
                labelled: u64::from(label == 1),
            };
            column.add(counts);
            of_row.add(counts);
        }
        *self.rows.entry(of_row).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        for (column, counts) in self.columns.iter_mut().zip(other.columns) {
            column.add(counts);
        }
        for (kind, count) in other.rows {
            *self.rows.entry(kind).or_default() += count;
        }
    }

    /// The counts of each label.
    pub(crate) fn columns(&self) -> &[ClassCounts] {
        &self.columns
    }

    /// The counts of rows, and how many rows have them.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (ClassCounts, u64)> {
        self.rows.iter().map(|(kind, count)| (*kind, *count))
    }

    /// The number of rows.
    pub(crate) fn num_rows(&self) -> u64 {
        self.rows.values().sum()
    }

    /// The number of rows whose labels are all right.
    pub(crate) fn num_exact(&self) -> u64 {
        let exact = |kind: &ClassCounts| kind.hits == kind.predicted && kind.hits == kind.labelled;
        self.rows()
            .filter(|(kind, _)| exact(kind))
            .map(|(_, count)| count)
            .sum()
    }
}
