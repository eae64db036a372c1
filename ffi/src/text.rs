//! Text, on its way in and out.

use std::ffi::{CStr, c_char};
use std::ptr;
use std::slice;

use ccauth::zeroize::Zeroizing;
use ccauth::{Error, detail};

/// The longest text that is read, in bytes; no field allows as much.
const MAX: usize = 64 * 1024;

/// What C has given as pointer and length, where the length may be CCAUTH_NTS. `what` names it in messages.
///
/// # Errors
/// `argument.null`; `argument.value` for what is longer than [`MAX`] or not UTF-8.
///
/// # Safety
/// `text` is NULL, or has `len` bytes, or a NUL where `len` is CCAUTH_NTS; they stay as they are for `'a`.
pub(crate) unsafe fn given<'a>(what: &str, text: *const c_char, len: usize) -> Result<&'a str, Error> {
    if text.is_null() && len != 0 {
        return Err(Error::new(&detail::ARGUMENT_NULL, format!("{what}: is NULL")));
    }
    let bad = |why| Error::new(&detail::ARGUMENT_VALUE, format!("{what}: {why}"));
    let bytes: &[u8] = match len {
        0 => b"",
        // SAFETY: see above.
        usize::MAX => unsafe { CStr::from_ptr(text) }.to_bytes(),
        // Before anything is read: who passes this has mistaken something else for a length.
        _ if len > MAX => return Err(bad("is longer than 64 KiB")),
        // SAFETY: see above.
        _ => unsafe { slice::from_raw_parts(text.cast(), len) },
    };
    if bytes.len() > MAX {
        return Err(bad("is longer than 64 KiB"));
    }
    std::str::from_utf8(bytes).map_err(|_| bad("is not UTF-8"))
}

/// [`given`], of what may be a secret: it is wiped on drop. `field` is named in messages as far as it may be shown.
///
/// # Errors
/// As [`given`].
///
/// # Safety
/// As [`given`].
pub(crate) unsafe fn secret(
    field: &str,
    text: *const c_char,
    len: usize,
) -> Result<Zeroizing<String>, Error> {
    let shown: String = field.escape_debug().take(40).collect();
    // SAFETY: see above.
    unsafe { given(&shown, text, len) }.map(|text| Zeroizing::new(text.to_owned()))
}

/// Copies `text` to C's buffer, with a NUL behind it.
///
/// # Errors
/// `argument.null`; `argument.value` where it does not fit. Its length is told all the same, and nothing is written.
///
/// # Safety
/// `buffer` is NULL or `capacity` bytes may be written; `len` is NULL or may be written.
pub(crate) unsafe fn copy(
    text: &str,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> Result<(), Error> {
    if buffer.is_null() && capacity != 0 {
        return Err(Error::new(&detail::ARGUMENT_NULL, "buffer: is NULL"));
    }
    let text = Text::new(text);
    // SAFETY: see above.
    unsafe { lend(Some(&text), len) };
    if capacity == 0 {
        return Ok(());
    }
    if capacity < text.0.len() {
        let message = format!("buffer: {} bytes are needed", text.0.len());
        return Err(Error::new(&detail::ARGUMENT_VALUE, message));
    }
    // SAFETY: see above; the text is shorter.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr(), buffer, text.0.len()) };
    Ok(())
}

/// Text that C may borrow, with a NUL behind it. Wiped on drop, because some of it is secret.
pub(crate) struct Text(Zeroizing<Vec<u8>>);

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        // Growing would leave a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() + 1));
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Self(bytes)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.split_last().and_then(|(_, text)| std::str::from_utf8(text).ok()).unwrap_or_default()
    }

    pub(crate) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

/// Lends `text` to C: as long as the object lives that it is a part of. Writes its length where that is asked for.
///
/// # Safety
/// `len` is NULL or may be written.
pub(crate) unsafe fn lend(text: Option<&Text>, len: *mut usize) -> *const c_char {
    // SAFETY: see above.
    if let Some(len) = unsafe { len.as_mut() } {
        *len = text.map_or(0, |text| text.0.len() - 1);
    }
    text.map_or(ptr::null(), Text::as_ptr)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// # Safety
    /// `text` is ours, and lives.
    pub(crate) unsafe fn rust(text: *const c_char) -> String {
        // SAFETY: see above.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn text_is_taken_by_length_or_up_to_its_nul() {
        let nul = c"abc".as_ptr();
        for (text, len, expected) in [
            (c"abc".as_ptr(), usize::MAX, Ok("abc")),
            (c"abc".as_ptr(), 2, Ok("ab")),
            (nul, 4, Ok("abc\0")),
            (nul, 0, Ok("")),
            (ptr::null(), 0, Ok("")),
            (ptr::null(), 1, Err("argument.null")),
            (ptr::null(), usize::MAX, Err("argument.null")),
            (nul, MAX + 1, Err("argument.value")),
            (nul, usize::MAX - 1, Err("argument.value")),
            (c"a\xffb".as_ptr(), usize::MAX, Err("argument.value")),
            (c"a\xc3\xa4".as_ptr(), 2, Err("argument.value")),
        ] {
            // SAFETY: the literals outlive it, and what is longer than they are is not read.
            let seen = unsafe { given("key", text, len) };
            assert_eq!(seen.as_ref().map_err(|e| e.detail().word), expected.as_ref().map_err(|word| *word));
            assert!(seen.err().is_none_or(|e| e.message().starts_with("key: is ")));
        }
    }

    #[test]
    fn what_is_lent_ends_with_a_nul_and_tells_its_length() {
        let (text, mut len) = (Text::new("abc"), 7);
        // SAFETY: `text` and `len` live.
        let lent = unsafe { lend(Some(&text), &raw mut len) };
        // SAFETY: as above.
        assert_eq!((unsafe { rust(lent) }.as_str(), len), ("abc", 3));
        // SAFETY: as above; NULL is allowed.
        unsafe {
            assert!(lend(None, &raw mut len).is_null() && len == 0);
            assert_eq!(lend(Some(&text), ptr::null_mut()), lent);
        }
    }
}
