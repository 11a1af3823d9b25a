use std::path::PathBuf;

/// What can go wrong between this crate, libtorch and a checkpoint's files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// libtorch refused a call of the shim.
    #[error("libtorch, in {function}: {message}")]
    Libtorch {
        /// What was called.
        function: &'static str,
        /// libtorch's own words.
        message: String,
    },
    /// libtorch refused an operation that `tch` called.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// Lists that go together have different lengths.
    #[error("{function}: {name} has {found} tensors, expected {expected}")]
    Length {
        /// What was called.
        function: &'static str,
        /// The list.
        name: &'static str,
        /// Its length.
        found: usize,
        /// The length that the others have.
        expected: usize,
    },
    /// A file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file cannot be written, on a full disk perhaps.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not a sound zip archive.
    #[error("{}: not a file that torch.save writes: {source}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: zip::result::ZipError,
    },
    /// A file's pickle is broken, or holds what is refused.
    #[error("{}: {source}", path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: PickleError,
    },
    /// A generator state of the wrong size or form.
    #[error("the generator state {0}")]
    GeneratorState(String),
}

/// What is wrong with a pickle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PickleError {
    /// The bytes break the format.
    #[error("byte {offset} of the pickle: {reason}")]
    Malformed {
        /// Position of the instruction in the pickle.
        offset: usize,
        /// What is wrong.
        reason: String,
    },
    /// The pickle calls something that is not on the short list of known constructors.
    #[error(
        "the pickle asks for {name}, which is refused: only tensors, numbers, text and containers are read"
    )]
    Refused {
        /// Module and name, as in `os.system`.
        name: String,
    },
    /// The tree does not have the expected form.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What should be there, and where.
        expected: String,
        /// What is.
        found: String,
    },
    /// libtorch refused to make a tensor.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// A storage cannot be read.
    #[error("storage {key}: {reason}")]
    Storage {
        /// Its name in the archive.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
