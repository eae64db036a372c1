//! A copy of the held token that anybody reads at any moment: without a lock, an allocation or the kernel, also from
//! a signal handler that has interrupted the writer.
//!
//! Two records take turns. `sequence` says how often there was a new one, and so which of the two is the latest; a
//! writer fills the other one, lets `sequence` move on, and wipes the one before. A reader has copied a whole record if
//! `sequence` is the same before and after; otherwise there is a later one by now, which it copies instead.
//!
//! All of it is a slice of lines of atomic words, so that it can lie anywhere.

use std::sync::OnceLock;

use ccauth_core::Instant;

use crate::sync::atomic::{AtomicU64, Ordering, fence};
use crate::sync::{Line, copy};

/// The words of a record beside its bytes: their number with the state, the generation, the end.
const HEAD: usize = 3;

/// What a record notes beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The number of bytes.
    pub(super) len: usize,
    /// Whether the token may be dead before its time.
    pub(super) is_stale: bool,
    pub(super) generation: u64,
    /// `None` lives until it is revoked.
    pub(super) ends: Option<Instant>,
}

/// The states of a record, in the lowest bits of its first word.
const FRESH: u64 = 0;
const STALE: u64 = 1;
/// Nothing is held.
const NONE: u64 = 2;
/// A token came that was too long for this slot: it is in the next one.
const MOVED: u64 = 3;
const STATE_BITS: u32 = 2;

/// One writer at a time, any number of readers.
#[derive(Debug)]
pub(super) struct Slot {
    /// `sequence` and the heads of two records; then the bytes of the one, then as many of the other.
    lines: Box<[Line]>,
    next: OnceLock<Box<Slot>>,
}

impl Slot {
    /// A slot for at least so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        let lines = 1 + 2 * bytes.div_ceil(Line::BYTES);
        Self { lines: (0..lines).map(|_| Line::default()).collect(), next: OnceLock::new() }
    }

    /// Copies the latest record's bytes into `into`, where they fit; `None` if nothing is held.
    #[inline]
    pub(super) fn read(&self, into: &mut [u8]) -> Option<Note> {
        loop {
            let sequence = self.sequence().load(Ordering::Acquire);
            let (head, bytes) = self.record(sequence);
            let word = |at: usize| head[at].load(Ordering::Relaxed);
            let (first, generation, ends) = (word(0), word(1), word(2));
            let len = usize::try_from(first >> STATE_BITS).unwrap_or(usize::MAX);
            if let Some(into) = into.get_mut(..len) {
                copy(bytes, into);
            }
            fence(Ordering::Acquire);
            if self.sequence().load(Ordering::Relaxed) != sequence {
                continue;
            }
            let state = first & ((1 << STATE_BITS) - 1);
            return match state {
                _ if sequence == 0 => None,
                NONE => None,
                MOVED => self.next.get()?.read(into),
                _ => Some(Note { len, is_stale: state == STALE, generation, ends: instant(ends) }),
            };
        }
    }

    /// Makes this the latest record.
    pub(super) fn write(&self, bytes: &[u8], note: Note) {
        if let Some(next) = self.next.get() {
            return next.write(bytes, note);
        }
        if bytes.len() > self.record(0).1.len() * Line::BYTES {
            let next = self.next.get_or_init(|| Box::new(Self::with_room(2 * bytes.len())));
            next.write(bytes, note);
            return self.put(&[], [MOVED, 0, 0]);
        }
        let state = if note.is_stale { STALE } else { FRESH };
        let ends = note.ends.map_or(i64::MAX, Instant::as_nanos);
        self.put(bytes, [state, note.generation, ends.cast_unsigned()]);
    }

    /// Nothing is held any more.
    pub(super) fn clear(&self) {
        match self.next.get() {
            Some(next) => next.clear(),
            None => self.put(&[], [NONE, 0, 0]),
        }
    }

    fn put(&self, bytes: &[u8], [state, generation, ends]: [u64; 3]) {
        let sequence = self.sequence().load(Ordering::Relaxed);
        let (head, room) = self.record(sequence.wrapping_add(1));
        let first = ((bytes.len() as u64) << STATE_BITS) | state;
        for (word, value) in head.iter().zip([first, generation, ends]) {
            word.store(value, Ordering::Relaxed);
        }
        for (word, bytes) in words(room).zip(bytes.chunks(8)) {
            let mut value = [0; 8];
            value[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(value), Ordering::Relaxed);
        }
        self.sequence().store(sequence.wrapping_add(1), Ordering::Release);
        // Whoever sees a word of the record before wiped sees this sequence too.
        fence(Ordering::Release);
        let (head, room) = self.record(sequence);
        wipe(head.iter().chain(words(room)));
    }

    /// How often there was a new record.
    fn sequence(&self) -> &AtomicU64 {
        &self.lines[0].0[0]
    }

    /// The record that is the latest when `sequence` is this: its head, and its bytes.
    #[inline]
    fn record(&self, sequence: u64) -> (&[AtomicU64], &[Line]) {
        let first = &self.lines[0].0;
        let (one, other) = self.lines[1..].split_at(self.lines.len() / 2);
        if sequence & 1 == 0 { (&first[1..=HEAD], one) } else { (&first[1 + HEAD..=2 * HEAD], other) }
    }
}

fn words(lines: &[Line]) -> impl Iterator<Item = &AtomicU64> {
    lines.iter().flat_map(|line| &line.0)
}

fn wipe<'a>(words: impl Iterator<Item = &'a AtomicU64>) {
    for word in words {
        word.store(0, Ordering::Relaxed);
    }
}

fn instant(ends: u64) -> Option<Instant> {
    let nanos = ends.cast_signed();
    (nanos != i64::MAX).then(|| Instant::from_nanos(nanos))
}

#[cfg(test)]
#[cfg(not(ccauth_loom))]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    /// The n-th value: it tells its number in each of its bytes, and no two in a row are of the same length.
    fn value(n: u64) -> Vec<u8> {
        let len = [1, 40, 7, 64, 8, 1_000, 63, 9_000][usize::try_from(n % 8).unwrap()];
        vec![u8::try_from(n % 251).unwrap(); len]
    }

    fn note(n: u64) -> Note {
        let ends = (!n.is_multiple_of(3)).then(|| Instant::from_nanos(n.cast_signed()));
        Note { len: value(n).len(), is_stale: n.is_multiple_of(2), generation: n, ends }
    }

    fn read(slot: &Slot) -> Option<(Note, Vec<u8>)> {
        let mut into = vec![0xff; 10_000];
        let note = slot.read(&mut into)?;
        into.truncate(note.len);
        Some((note, into))
    }

    #[test]
    fn the_latest_record_is_read_whatever_its_length() {
        let slot = Slot::with_room(1);
        assert_eq!(read(&slot), None);
        for n in 1..=64 {
            slot.write(&value(n), note(n));
            assert_eq!(read(&slot), Some((note(n), value(n))));
            if n % 5 == 0 {
                slot.clear();
                assert_eq!(read(&slot), None);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_told_and_not_begun() {
        let slot = Slot::with_room(8);
        slot.write(b"12345678", Note { len: 8, ..note(1) });
        for room in 0..8 {
            let mut into = vec![0xff; room];
            assert_eq!(slot.read(&mut into).map(|note| note.len), Some(8));
            assert!(into.iter().all(|byte| *byte == 0xff));
        }
    }

    #[test]
    fn sixty_four_readers_see_whole_records_in_their_order_while_they_are_written() {
        let (slot, over) = (Slot::with_room(1), AtomicBool::new(false));
        slot.write(&value(1), note(1));
        thread::scope(|scope| {
            let watch = || {
                let mut last = 0;
                while !over.load(Ordering::Relaxed) {
                    let (seen, bytes) = read(&slot).unwrap();
                    let n = seen.generation;
                    assert_eq!((seen, bytes), (note(n), value(n)));
                    assert!(n >= last);
                    last = n;
                }
                last
            };
            let readers: Vec<_> = (0..64).map(|_| scope.spawn(watch)).collect();
            for n in 2..5_000 {
                slot.write(&value(n), note(n));
            }
            over.store(true, Ordering::Relaxed);
            for reader in readers {
                reader.join().unwrap();
            }
        });
        assert_eq!(read(&slot), Some((note(4_999), value(4_999))));
    }

    #[test]
    fn nothing_of_an_earlier_record_is_left() {
        let slot = Slot::with_room(1);
        for n in [3, 5, 6] {
            slot.write(&value(n), note(n));
        }
        let left =
            |slot: &Slot| words(&slot.lines).skip(1).filter(|word| word.load(Ordering::Relaxed) != 0).count();
        let (small, large) = (&slot, slot.next.get().unwrap());
        // A head that says where the rest is; a head and 63 bytes.
        assert_eq!((left(small), left(large)), (1, HEAD + 8));
        slot.clear();
        assert_eq!(left(large), 1);
    }
}
