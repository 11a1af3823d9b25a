use std::path::Path;

use serde::{Deserialize, Serialize};
use trainer_collate::Batch;
use trainer_data::{IterableDataLoader, IterableState, regular_file};

use crate::{Error, Result, durable};

/// The name of the file in a checkpoint.
pub(crate) const STREAM_STATE: &str = "train_dataset_state.json";

/// Where a stream stands that is trained on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamPosition {
    version: u32,
    pub(crate) epoch: u64,
    /// How many of its batches were trained on in that epoch.
    pub(crate) batches: usize,
    /// Where it stands then; nothing at its beginning.
    pub(crate) state: Option<IterableState>,
}

impl StreamPosition {
    const VERSION: u32 = 1;

    pub(crate) fn new(epoch: u64, batches: usize, state: Option<IterableState>) -> Self {
        Self {
            version: Self::VERSION,
            epoch,
            batches,
            state,
        }
    }

    /// Behind so many batches, which are read and passed over.
    pub(crate) fn after(loader: &IterableDataLoader<Batch>, mut batches: usize) -> Result<Self> {
        let mut position = Self::new(0, 0, None);
        while batches > 0 {
            let mut stream = loader.iter(position.epoch)?;
            while batches > 0 && stream.pass_over()? {
                batches -= 1;
                position.batches += 1;
            }
            if batches == 0 {
                position.state = Some(stream.state_dict());
            } else if position.batches == 0 {
                break;
            } else {
                position = Self::new(position.epoch + 1, 0, None);
            }
        }
        Ok(position)
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(STREAM_STATE);
        let text = serde_json::to_string(self).map_err(|source| Error::Json {
            path: path.clone(),
            source,
        })?;
        durable::write(&path, text.as_bytes())
    }

    /// The one in a checkpoint, if there is one.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(STREAM_STATE);
        if !path.is_file() {
            return Ok(None);
        }
        let text = regular_file::read_to_string(&path).map_err(Error::io("read", &path))?;
        let position: Self =
            serde_json::from_str(&text).map_err(|source| Error::Json { path, source })?;
        match position.version {
            Self::VERSION => Ok(Some(position)),
            other => {
                let reason = format!("{STREAM_STATE} is of version {other}, not 1");
                Err(Error::checkpoint(folder, reason))
            }
        }
    }
}
