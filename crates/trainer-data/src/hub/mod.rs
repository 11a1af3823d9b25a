//! Files of the Hugging Face hub, through its cache on this machine.
//!
//! The cache has the layout that Python's `huggingface_hub` uses, so both find what either fetched:
//! `models--ORG--NAME` or `datasets--ORG--NAME`, in it `refs/main` with a commit and `snapshots/COMMIT/…` with the files.
//! The environment is honoured as there: `HF_HOME`, `HF_HUB_CACHE` (and `HUGGINGFACE_HUB_CACHE`), `XDG_CACHE_HOME`,
//! `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_OFFLINE` (and `TRANSFORMERS_OFFLINE`) and
//! `HF_HUB_DISABLE_PROGRESS_BARS`.
//!
//! A [`Repository`] asks the hub once which commit its revision is now, and takes all files from that commit: from the
//! cache, or else by a download. That is one request where the cache has all files, and two more for each that it
//! lacks; those of a data set come eight at a time. A hub that does not answer within ten seconds is not waited for
//! again in the next minute; then, as where `HF_HUB_OFFLINE` is set, the commit that the revision was when the cache
//! was filled is used.
//!
//! A download is made in a folder of its own, checked against the size and, for large files, the SHA-256 that the hub
//! announced, and only then moved to where it is looked for: half a file is never used. A transfer that breaks off is tried again
//! ([`Hub::max_retries`]), and goes on where it ended if the file has a SHA-256 to be checked against; so does a later program's.
//!
//! No hub is trusted with paths. What it names is refused unless it is what `huggingface_hub` takes: 40 hexadecimal digits
//! for a commit, a path that stays inside for a file, one plain name for the tag of its content; so are `refs` of the cache
//! and the names that a program gives. Nothing is written outside the folder of the repository.
//!
//! ```no_run
//! let hub = trainer_data::hub::Hub::from_env()?;
//! let config = hub.model("google-bert/bert-base-cased").file("config.json")?;
//! println!("{}", config.display());
//! # Ok::<(), trainer_data::Error>(())
//! ```
//!
//! [`Files`] are those of a repository or of a folder, whichever the name is that a user gives.

mod address;
mod announced;
mod cache;
mod client;
mod commit;
mod download;
mod failure;
mod files;
mod listing;
mod names;
mod origin;
mod progress;
mod repository;
mod settings;
mod several;
mod unanswered;
mod walk;

pub use files::Files;
pub use repository::{Hub, Repository};
pub(crate) use settings::datasets_cache;
