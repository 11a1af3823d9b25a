use std::path::Path;

use super::{
    Dataset,
    bar::Bar,
    map::{MapOptions, MapRows, alike},
};
use crate::{Columns, Result, source, target::ArrowFile};

/// How many batches are made before they are written: enough to keep all cores at work.
const BATCHES: usize = 64;

impl Dataset {
    /// The data set with the columns that `function` makes, in the Arrow file `path`. There is a row at least.
    pub(super) fn map_on_disk<M: MapRows + ?Sized>(
        &self,
        function: &M,
        options: &MapOptions,
        path: &Path,
    ) -> Result<Self> {
        let bar = Bar::begin(options.desc.as_deref(), self.num_rows());
        let mut file = None;
        let mut first: Option<Columns> = None;
        let step = options.batch_size.saturating_mul(BATCHES).max(1);
        for start in (0..self.num_rows()).step_by(step) {
            let end = self.num_rows().min(start.saturating_add(step));
            let made = self.made(function, options, start..end, &bar)?;
            for (at, columns) in made.iter().enumerate() {
                let begin = start + at * options.batch_size;
                let batch = begin..end.min(begin + options.batch_size);
                let first = first.get_or_insert_with(|| columns.clone());
                let mut whole = Columns::new();
                for (name, column) in self.columns().filter(|(name, _)| options.keeps(name)) {
                    if columns.get(name).is_none() {
                        let rows = batch.clone().map(|row| self.stored(row));
                        whole.insert(name, column.take(rows)?);
                    } else {
                        // In its place; its values come below.
                        whole.insert(name, column.take(0..0)?);
                    }
                }
                for (name, head) in first.iter() {
                    let column = alike(columns, first, name, head.feature(), &batch)?;
                    whole.insert(name, column);
                }
                let part = Self::from_columns(whole)?;
                let file = match &mut file {
                    Some(file) => file,
                    None => file.insert(ArrowFile::create(path, &part.features())?),
                };
                file.write(&part)?;
            }
        }
        match file {
            Some(file) => file.keep()?,
            None => return self.map_in_memory(function, options),
        }
        let columns = source::map_arrow_file(path)?;
        Self::from_columns(columns)
    }
}
