use arrow_buffer::NullBuffer;

/// Which rows of an array are taken, in order.
pub(crate) enum Picked {
    /// The first so many, which are all.
    All(usize),
    /// These; nothing stands for a missing value.
    Some(Vec<Option<usize>>),
}

impl Picked {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::All(len) => *len,
            Self::Some(rows) => rows.len(),
        }
    }

    /// The rows that are taken, with nothing for those that are null in the array.
    pub(crate) fn rows<'a>(
        &'a self,
        nulls: Option<&'a NullBuffer>,
    ) -> impl Iterator<Item = Option<usize>> + 'a {
        let some = match self {
            Self::All(_) => None,
            Self::Some(rows) => Some(rows),
        };
        (0..self.len()).map(move |k| {
            let row = some.map_or(Some(k), |rows| rows[k])?;
            nulls.is_none_or(|nulls| nulls.is_valid(row)).then_some(row)
        })
    }
}
