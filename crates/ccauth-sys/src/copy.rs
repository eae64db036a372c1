//! Memory that others write while it is copied.

use std::sync::atomic::{AtomicU64, Ordering};

/// A line of the processor's cache, in words.
#[derive(Debug, Default)]
#[repr(align(64))]
pub struct Line(pub [AtomicU64; 8]);

impl Line {
    /// Its bytes.
    pub const BYTES: usize = 64;
}

/// Copies as many bytes as both sides have. The lines may be written at the same time: each byte is then read as by a
/// relaxed load of its own. Faster than words where the processor is.
#[inline]
pub fn copy(lines: &[Line], into: &mut [u8]) {
    let whole = lines.len().min(into.len() / Line::BYTES);
    let done = if whole > 0 && machine::copy(&lines[..whole], into) { whole } else { 0 };
    copy_words(&lines[done..], &mut into[done * Line::BYTES..]);
}

#[inline]
fn copy_words(lines: &[Line], into: &mut [u8]) {
    for (line, bytes) in lines.iter().zip(into.chunks_mut(Line::BYTES)) {
        let (words, rest) = bytes.as_chunks_mut::<8>();
        for (bytes, word) in words.iter_mut().zip(&line.0) {
            *bytes = word.load(Ordering::Relaxed).to_ne_bytes();
        }
        if let Some(word) = line.0.get(words.len()) {
            rest.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes()[..rest.len()]);
        }
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod machine {
    use std::arch::asm;

    use super::Line;

    /// Copies at least one line, for all of which there is room. False where it copied none.
    #[inline]
    pub(super) fn copy(lines: &[Line], into: &mut [u8]) -> bool {
        let has_avx = std::is_x86_feature_detected!("avx");
        if has_avx {
            // SAFETY: the feature is there, and so are the lines and the room.
            unsafe { copy_avx(lines.as_ptr(), into.as_mut_ptr(), lines.len()) };
        }
        has_avx
    }

    /// # Safety
    /// So many lines, at least one, can be read from `from` and written to `to`, and do not overlap.
    #[inline]
    #[target_feature(enable = "avx")]
    unsafe fn copy_avx(from: *const Line, to: *mut u8, lines: usize) {
        // SAFETY: by the promise above it stays within both. That the lines may be written at the same time is between the
        // processor and us: these are its own loads, of which no byte is half old and half new, and the compiler takes
        // the block for code that may read and write anything.
        unsafe {
            asm!(
                // The loop is half a line of the instruction cache: one look at it for each turn, not two.
                ".p2align 5",
                "2:",
                "vmovaps {low}, [{from}]",
                "vmovaps {high}, [{from} + 32]",
                "vmovups [{to}], {low}",
                "vmovups [{to} + 32], {high}",
                "add {from}, 64",
                "add {to}, 64",
                "dec {left}",
                "jnz 2b",
                // What follows may use the older instructions.
                "vzeroupper",
                from = inout(reg) from => _,
                to = inout(reg) to => _,
                left = inout(reg) lines => _,
                low = out(ymm_reg) _,
                high = out(ymm_reg) _,
                options(nostack),
            );
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
mod machine {
    use super::Line;

    pub(super) fn copy(_: &[Line], _: &mut [u8]) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_bytes_are_copied_as_both_sides_have_and_no_other_is_touched() {
        let word = |n: u64| AtomicU64::new(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let lines: Vec<_> =
            (0..5).map(|line| Line(std::array::from_fn(|n| word(line * 8 + n as u64)))).collect();
        let words = lines.iter().flat_map(|line| &line.0);
        let bytes: Vec<u8> = words.flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes()).collect();
        let cases =
            (0..=5).flat_map(|len| (0..350).flat_map(move |room| [0, 1, 13].map(|at| (len, room, at))));
        for ((len, room, at), copy) in cases.flat_map(|case| [copy, copy_words].map(|copy| (case, copy))) {
            let mut into = [0xa5; 400];
            copy(&lines[..len], &mut into[at..at + room]);
            let copied = room.min(len * Line::BYTES);
            assert_eq!(into[at..at + copied], bytes[..copied], "{len} lines into {room} bytes");
            let others = into[..at].iter().chain(&into[at + copied..]);
            assert!(others.into_iter().all(|byte| *byte == 0xa5), "{len} lines into {room} bytes");
        }
    }
}
