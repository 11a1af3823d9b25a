use super::Stage;
use crate::{
    Dataset, Result,
    iterable::{pipeline::Step, state::State},
};

/// Other names of columns, or fewer columns.
pub(in crate::iterable) struct ChangeColumns {
    upstream: Box<dyn Stage>,
    step: Step,
}

impl ChangeColumns {
    pub(in crate::iterable) fn new(upstream: Box<dyn Stage>, step: Step) -> Self {
        Self { upstream, step }
    }
}

/// `rows` with the columns that `step` says.
pub(in crate::iterable) fn changed(rows: &Dataset, step: &Step) -> Result<Dataset> {
    match step {
        Step::Rename(names) => rows.rename_columns(names),
        Step::Remove(names) => rows.remove_columns(names),
        Step::Select(names) => rows.select_columns(names),
        _ => Ok(rows.clone()),
    }
}

impl Stage for ChangeColumns {
    fn next(&mut self, most: usize) -> Result<Option<Dataset>> {
        let rows = self.upstream.next(most)?;
        rows.map(|rows| changed(&rows, &self.step)).transpose()
    }

    fn state(&self) -> State {
        self.upstream.state()
    }
}
