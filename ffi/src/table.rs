//! Objects by number: what a handle names, without a lock and without ever reading through the handle.
//!
//! Entries are made in chunks that stay for ever, so that a look at any entry is a look at memory of ours. The state of
//! an entry says in one word how often it was filled, how many references C holds, and how many calls use it now.
//! The value is dropped by whoever takes the last of both away: a call that is under way ends with its object intact.

use std::cell::UnsafeCell;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

/// The bits of an index: no table holds more objects.
pub(crate) const INDEX_BITS: u32 = 24;
/// The bits of a generation: an entry that was filled so often is not filled again.
pub(crate) const GENERATION_BITS: u32 = 28;

const USE: u64 = 1;
const REFERENCE: u64 = 1 << 20;
const GENERATION: u64 = 1 << 36;
const MAX_USES: u64 = REFERENCE - 1;
const MAX_REFERENCES: u64 = (GENERATION / REFERENCE) - 1;

/// The first chunk; each next one is twice as large.
const FIRST: u32 = 64;
const CHUNKS: usize = (INDEX_BITS - FIRST.ilog2()) as usize;

/// Objects of `T`, each of which may show something in a window of `W`.
pub(crate) struct Table<T, W: 'static = ()> {
    chunks: [AtomicPtr<Entry<T, W>>; CHUNKS],
    /// How many entries there are; an entry is made once.
    made: AtomicU32,
    /// The first free entry, counted from one, below the number of changes, so that no two lists look alike.
    free: AtomicU64,
}

struct Entry<T, W> {
    state: AtomicU64,
    /// The object's window.
    window: AtomicPtr<W>,
    /// The next free entry, counted from one.
    next: AtomicU32,
    /// Written while nobody else can name the entry, read while it is in use.
    value: UnsafeCell<Option<T>>,
}

/// Which object: the entry, and how often it was filled before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// An object in use.
pub(crate) struct InUse<'t, T, W: 'static = ()> {
    table: &'t Table<T, W>,
    index: u32,
    /// No reference, which would claim that the value outlives the drop of this.
    value: NonNull<T>,
}

// SAFETY: a value is shared as `&T`, and dropped by whichever thread gives it up last.
unsafe impl<T: Send + Sync, W: Sync> Sync for Table<T, W> {}

impl<T, W> Table<T, W> {
    pub(crate) const fn new() -> Self {
        Self {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            made: AtomicU32::new(0),
            free: AtomicU64::new(0),
        }
    }

    /// Takes `value` in, with one reference; `None` when the table is full.
    pub(crate) fn insert(&self, value: T, window: Option<&'static W>) -> Option<Name> {
        let index = self.pop().or_else(|| self.make())?;
        let entry = self.entry(index)?;
        let generation = generation(entry.state.load(Ordering::Relaxed)).max(1);
        // SAFETY: it is in no list and has no reference, so that nobody else reads or writes it.
        unsafe { *entry.value.get() = Some(value) };
        let window = window.map_or(ptr::null_mut(), |window| ptr::from_ref(window).cast_mut());
        entry.window.store(window, Ordering::Relaxed);
        entry.state.store(u64::from(generation) * GENERATION + REFERENCE, Ordering::Release);
        Some(Name { index, generation })
    }

    /// The object, unless it was freed; it stays until the answer is dropped.
    pub(crate) fn get(&self, name: Name) -> Option<InUse<'_, T, W>> {
        self.change(name, |state| (state % REFERENCE < MAX_USES).then_some(state + USE))?;
        let entry = self.entry(name.index)?;
        // SAFETY: a use keeps the value, which is only read.
        let value = unsafe { (*entry.value.get()).as_ref() };
        value.map(|value| InUse { table: self, index: name.index, value: NonNull::from(value) })
    }

    /// Looks through an object's window, without using the object. What was seen counts where the answer is `true`;
    /// otherwise the object was freed meanwhile.
    #[inline]
    pub(crate) fn look<R>(&self, name: Name, look: impl FnOnce(&'static W) -> R) -> Option<(R, bool)> {
        let entry = self.entry(name.index)?;
        let is_there = |state| generation(state) == name.generation && references(state) > 0;
        if !is_there(entry.state.load(Ordering::Acquire)) {
            return None;
        }
        // SAFETY: a window stays for ever.
        let seen = look(unsafe { entry.window.load(Ordering::Relaxed).as_ref() }?);
        // Whoever has seen what another object shows sees that this one was freed before.
        fence(Ordering::Acquire);
        Some((seen, is_there(entry.state.load(Ordering::Relaxed))))
    }

    /// One reference more; `false` when it was freed, or has 65,535.
    pub(crate) fn add(&self, name: Name) -> bool {
        let more = |state| (references(state) < MAX_REFERENCES).then_some(state + REFERENCE);
        self.change(name, more).is_some()
    }

    /// One reference less; with the last one nobody names the object any more, and `true` is the answer.
    pub(crate) fn remove(&self, name: Name) -> bool {
        let fewer = |state| match references(state) {
            // Whoever has an old name misses by the generation, which wraps to zero in the end.
            1 => Some((state - REFERENCE).wrapping_add(GENERATION)),
            _ => Some(state - REFERENCE),
        };
        let Some(before) = self.change(name, fewer) else { return false };
        if references(before) == 1 && before.is_multiple_of(REFERENCE) {
            self.drop_value(name.index);
        }
        references(before) == 1
    }

    /// Takes every reference away; gives how many objects had one.
    pub(crate) fn clear(&self) -> usize {
        let without = |state| {
            let gone = references(state) * REFERENCE;
            (gone > 0).then(|| (state - gone).wrapping_add(GENERATION))
        };
        let clear = |index| {
            let entry = self.entry(index)?;
            let before = entry.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, without).ok()?;
            if before.is_multiple_of(REFERENCE) {
                self.drop_value(index);
            }
            Some(())
        };
        (0..self.made.load(Ordering::Acquire)).filter_map(clear).count()
    }

    /// Changes the state of an object that has a reference; gives the state before.
    fn change(&self, name: Name, to: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        let entry = self.entry(name.index)?;
        let named = |state| generation(state) == name.generation && references(state) > 0;
        let to = |state| if named(state) { to(state) } else { None };
        entry.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, to).ok()
    }

    /// Drops what nobody has or uses any more, and frees its entry.
    #[cold]
    fn drop_value(&self, index: u32) {
        let Some(entry) = self.entry(index) else { return };
        // SAFETY: without a reference and a use nobody else reads it, and it is in no list.
        drop(unsafe { (*entry.value.get()).take() });
        if generation(entry.state.load(Ordering::Relaxed)) == 0 {
            return; // Its names are used up.
        }
        let link = |free: u64| {
            entry.next.store(first(free), Ordering::Relaxed);
            Some(changed(free, index + 1))
        };
        let _ = self.free.fetch_update(Ordering::Release, Ordering::Relaxed, link);
    }

    fn pop(&self) -> Option<u32> {
        let unlink = |free: u64| {
            let entry = self.entry(first(free).checked_sub(1)?)?;
            Some(changed(free, entry.next.load(Ordering::Relaxed)))
        };
        let free = self.free.fetch_update(Ordering::Acquire, Ordering::Acquire, unlink).ok()?;
        first(free).checked_sub(1)
    }

    /// A new entry.
    fn make(&self) -> Option<u32> {
        let more = |made: u32| (place(made).0 < CHUNKS).then_some(made + 1);
        let index = self.made.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        let (chunk, _) = place(index);
        if self.chunks[chunk].load(Ordering::Acquire).is_null() {
            let entries: Box<[Entry<T, W>]> = (0..FIRST << chunk).map(|_| Entry::new()).collect();
            let mine = Box::into_raw(entries);
            let slot = &self.chunks[chunk];
            let first = mine.cast::<Entry<T, W>>();
            if slot.compare_exchange(ptr::null_mut(), first, Ordering::AcqRel, Ordering::Relaxed).is_err() {
                // SAFETY: another thread was first, and nobody has seen these.
                drop(unsafe { Box::from_raw(mine) });
            }
        }
        Some(index)
    }

    #[inline]
    fn entry(&self, index: u32) -> Option<&Entry<T, W>> {
        let (chunk, offset) = place(index);
        let entries = self.chunks.get(chunk)?.load(Ordering::Acquire);
        // SAFETY: a chunk that is there has this many entries, and stays.
        (!entries.is_null()).then(|| unsafe { &*entries.add(offset) })
    }
}

impl<T, W> Entry<T, W> {
    fn new() -> Self {
        Self {
            state: AtomicU64::new(0),
            window: AtomicPtr::new(ptr::null_mut()),
            next: AtomicU32::new(0),
            value: UnsafeCell::new(None),
        }
    }
}

/// Chunk and offset of an index.
fn place(index: u32) -> (usize, usize) {
    let n = index + FIRST;
    let chunk = n.ilog2() - FIRST.ilog2();
    (chunk as usize, (n - (FIRST << chunk)) as usize)
}

fn generation(state: u64) -> u32 {
    u32::try_from(state / GENERATION).unwrap_or(0)
}

fn references(state: u64) -> u64 {
    state % GENERATION / REFERENCE
}

/// The first of the list of free entries.
fn first(free: u64) -> u32 {
    u32::try_from(free % (1 << 32)).unwrap_or(0)
}

fn changed(free: u64, first: u32) -> u64 {
    ((free >> 32).wrapping_add(1) << 32) + u64::from(first)
}

impl<T, W> Deref for InUse<'_, T, W> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this use keeps the value, which is only read.
        unsafe { self.value.as_ref() }
    }
}

impl<T, W> Drop for InUse<'_, T, W> {
    fn drop(&mut self) {
        let Some(entry) = self.table.entry(self.index) else { return };
        let before = entry.state.fetch_sub(USE, Ordering::AcqRel);
        if before % GENERATION == USE {
            self.table.drop_value(self.index);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    /// Counts how many of it there are.
    struct Counted(Arc<AtomicUsize>, u64);

    impl Counted {
        fn new(all: &Arc<AtomicUsize>, n: u64) -> Self {
            all.fetch_add(1, Ordering::Relaxed);
            Self(all.clone(), n)
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
            self.1 = u64::MAX;
        }
    }

    #[test]
    fn all_are_cleared_and_those_in_use_last_until_they_are_not() {
        let (all, table) = (Arc::default(), Table::<_>::new());
        let names: Vec<_> = (0..100).map(|n| table.insert(Counted::new(&all, n), None).unwrap()).collect();
        assert!(table.add(names[1]) && table.remove(names[2]));
        let used = table.get(names[3]).unwrap();
        assert_eq!(table.clear(), 99);
        assert!(names.iter().all(|name| table.get(*name).is_none() && !table.remove(*name)));
        assert_eq!((all.load(Ordering::Relaxed), used.1), (1, 3));
        drop(used);
        assert_eq!((all.load(Ordering::Relaxed), table.clear()), (0, 0));
        let again = table.insert(Counted::new(&all, 7), None).unwrap();
        assert!(table.get(again).is_some() && !names.contains(&again));
    }

    #[test]
    fn a_name_is_good_from_insert_to_the_last_remove_and_never_again() {
        let (table, all) = (Table::<_>::new(), Arc::default());
        let mut names = HashSet::new();
        for n in 0..1_000 {
            let name = table.insert(Counted::new(&all, n), None).unwrap();
            assert!(names.insert(name), "{name:?} was given before");
            assert!(name.index == 0 && table.get(name).unwrap().1 == n);
            assert!(table.add(name));
            assert!(!table.remove(name), "one reference is left");
            assert!(table.remove(name));
            assert!(table.get(name).is_none() && !table.add(name) && !table.remove(name));
        }
        assert_eq!(all.load(Ordering::Relaxed), 0);
        assert!(names.iter().all(|name| table.get(*name).is_none()));
    }

    #[test]
    fn what_is_in_use_stays_until_its_use_ends() {
        let (table, all) = (Table::<_>::new(), Arc::default());
        let name = table.insert(Counted::new(&all, 7), None).unwrap();
        let (one, other) = (table.get(name).unwrap(), table.get(name).unwrap());
        assert!(table.remove(name));
        let next = table.insert(Counted::new(&all, 8), None).unwrap();
        assert_ne!(next.index, name.index);
        drop(one);
        assert_eq!((other.1, all.load(Ordering::Relaxed)), (7, 2));
        drop(other);
        assert_eq!(all.load(Ordering::Relaxed), 1);
        assert_eq!(table.insert(Counted::new(&all, 9), None).unwrap().index, name.index);
    }

    #[test]
    fn every_index_has_a_place_of_its_own_and_the_last_one_is_the_end() {
        assert_eq!([0, 63, 64, 191, 192].map(place), [(0, 0), (0, 63), (1, 0), (1, 127), (2, 0)]);
        let end = (1 << INDEX_BITS) - FIRST;
        assert_eq!((place(end - 1).0, place(end).0), (CHUNKS - 1, CHUNKS));
        let table = Table::<u8>::new();
        for index in [0, end - 1, end, u32::MAX - FIRST] {
            assert!(table.get(Name { index, generation: 1 }).is_none(), "{index}");
        }
        table.made.store(end, Ordering::Relaxed);
        assert!(table.insert(1, None).is_none(), "it is full");
    }

    #[test]
    fn an_entry_whose_generations_are_used_up_is_filled_no_more() {
        let table = Table::<_>::new();
        let name = table.insert(1_u8, None).unwrap();
        let last = (1 << GENERATION_BITS) - 1;
        table.entry(0).unwrap().state.store(u64::from(last) * GENERATION + REFERENCE, Ordering::Relaxed);
        assert!(table.get(name).is_none() && table.remove(Name { index: 0, generation: last }));
        assert_eq!(table.insert(2, None).unwrap(), Name { index: 1, generation: 1 });
        assert!(table.get(Name { index: 0, generation: 0 }).is_none());
    }

    #[test]
    fn what_is_seen_through_a_window_counts_while_the_object_is_there() {
        static WINDOWS: [u32; 2] = [7, 8];
        let table = Table::new();
        let name = table.insert((), Some(&WINDOWS[0])).unwrap();
        assert_eq!(table.look(name, |seen| *seen), Some((7, true)));
        let freed = |seen: &u32| {
            assert!(table.remove(name));
            let next = table.insert((), Some(&WINDOWS[1])).unwrap();
            assert_eq!((next.index, *seen), (name.index, 7));
        };
        assert_eq!(table.look(name, freed), Some(((), false)));
        assert_eq!(table.look(name, |seen| *seen), None);
        let blind = table.insert((), None).unwrap();
        assert_eq!(table.look(blind, |seen| *seen), None);
    }

    #[test]
    fn references_end_at_their_limit() {
        let table = Table::<_>::new();
        let name = table.insert(1_u8, None).unwrap();
        let full = GENERATION + MAX_REFERENCES * REFERENCE;
        table.entry(0).unwrap().state.store(full - REFERENCE, Ordering::Relaxed);
        assert!(table.add(name) && !table.add(name));
        assert_eq!(table.entry(0).unwrap().state.load(Ordering::Relaxed), full);
        assert!(!table.remove(name) && table.get(name).is_some());
    }

    #[test]
    fn threads_that_fill_use_and_free_see_no_object_but_the_one_they_name() {
        let (table, all) = (Table::<_>::new(), Arc::new(AtomicUsize::new(0)));
        let rounds = if cfg!(miri) { 20 } else { 20_000 };
        thread::scope(|scope| {
            for thread in 0..4 {
                let (table, all) = (&table, &all);
                scope.spawn(move || {
                    for round in 0..rounds {
                        let n = thread * rounds + round;
                        let name = table.insert(Counted::new(all, n), None).unwrap();
                        let used = table.get(name).unwrap();
                        // Names of others, guessed: a use of one must not end in another's hands.
                        for index in 0..4 {
                            drop(table.get(Name { index, generation: name.generation }));
                        }
                        assert!(table.remove(name));
                        assert_eq!(used.1, n);
                    }
                });
            }
        });
        assert_eq!(all.load(Ordering::Relaxed), 0);
        assert!(table.made.load(Ordering::Relaxed) <= 16, "entries are filled again");
    }
}
