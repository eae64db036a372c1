//! Structures that C hands in: their size first, so that both sides may know more fields than the other.

use std::mem;
use std::ptr;

use ccauth::{Error, detail};

/// How a structure may be read. The size stands in its first four bytes.
///
/// # Safety
/// Every pattern of bits is a value, and there is no padding.
pub(crate) unsafe trait Options: Copy + Default {}

/// The largest one that is looked at, whatever a size says.
const MAX: usize = 4096;

/// The options at `given`; what an older caller does not know is zero. NULL gives the defaults, which are all zero.
///
/// # Errors
/// `argument.value` where the size is none, or a caller of a later version asks for what this one does not have.
///
/// # Safety
/// `given` is NULL, or as many bytes may be read as its first four say.
pub(crate) unsafe fn options<T: Options>(given: *const T) -> Result<T, Error> {
    let bad = |what: &str| Err(Error::new(&detail::ARGUMENT_VALUE, format!("options: {what}")));
    let mut known = T::default();
    if given.is_null() {
        return Ok(known);
    }
    // SAFETY: see above; it need not be aligned.
    let size = unsafe { given.cast::<u32>().read_unaligned() } as usize;
    if !(8..=MAX).contains(&size) {
        return bad("size is not that of a structure of options");
    }
    let ours = size.min(mem::size_of::<T>());
    // SAFETY: `size` bytes may be read, and any bytes are a `T`.
    unsafe { ptr::copy_nonoverlapping(given.cast::<u8>(), (&raw mut known).cast(), ours) };
    // SAFETY: as above.
    let unknown = (ours..size).any(|at| unsafe { given.cast::<u8>().add(at).read() } != 0);
    if unknown { bad("a field is set that this version does not have") } else { Ok(known) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Default, Debug, PartialEq)]
    struct Known {
        size: u32,
        one: u32,
        two: u64,
    }

    // SAFETY: three numbers of 16 bytes together.
    unsafe impl Options for Known {}

    /// What is read of a structure of these words that says it has this size.
    fn read(size: u32, words: [u32; 7]) -> Result<Known, &'static str> {
        let bytes: Vec<u8> = [size].into_iter().chain(words).flat_map(u32::to_ne_bytes).collect();
        // One byte before it, so that it is not aligned; nothing behind what the size says, where that is less.
        let mut shifted = vec![0];
        shifted.extend(&bytes[..bytes.len().min(size.max(4) as usize)]);
        // SAFETY: `size` bytes are there, or too many to be looked at.
        unsafe { options::<Known>(shifted.as_ptr().wrapping_add(1).cast()) }.map_err(|e| e.detail().word)
    }

    #[test]
    fn sizes_of_other_versions_are_read_as_far_as_both_know() {
        let known = |size, one, two| Ok(Known { size, one, two });
        for (size, words, expected) in [
            (16, [1, 2, 0, 9, 9, 9, 9], known(16, 1, 2)),
            (8, [1, 9, 9, 9, 9, 9, 9], known(8, 1, 0)),
            (12, [1, 2, 9, 9, 9, 9, 9], known(12, 1, 2)),
            (32, [1, 2, 0, 0, 0, 0, 0], known(32, 1, 2)),
            (32, [1, 2, 0, 0, 0, 0, 1], Err("argument.value")),
            (17, [1, 2, 0, 1, 0, 0, 0], Err("argument.value")),
            (0, [0; 7], Err("argument.value")),
            (7, [0; 7], Err("argument.value")),
            (4097, [0; 7], Err("argument.value")),
            (u32::MAX, [0; 7], Err("argument.value")),
        ] {
            assert_eq!(read(size, words), expected, "{size} {words:?}");
        }
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { options::<Known>(ptr::null()) }.ok(), Some(Known::default()));
    }
}
