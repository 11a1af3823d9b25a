//! Files as memory. The one place of this crate that says `unsafe`.

use std::{fs::File, io};

use arrow_buffer::Buffer;
use bytes::Bytes;
use memmap2::Mmap;

/// The bytes of `file`, which the system reads when they are looked at and may forget again.
///
/// # Errors
/// The system's.
#[allow(
    unsafe_code,
    reason = "a file that is larger than the memory cannot be read in another way as if it lay there"
)]
pub(super) fn map(file: &File) -> io::Result<Buffer> {
    // SAFETY: the bytes must not change while they are borrowed. The map is private and never written to. What this
    // project writes appears under a name once it is whole, and is replaced by a new file: the old one stays as it was as
    // long as it is mapped. A program that writes into a file that another one has mapped, or cuts it, breaks this; the
    // documentation of `Dataset::load_from_disk` says so, and `Dataset::in_memory` does without.
    let map = unsafe { Mmap::map(file)? };
    Ok(Buffer::from(Bytes::from_owner(map)))
}
