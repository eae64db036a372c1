//! Handles: what C holds in the place of an object. The value of the pointer says which one, by type, generation and
//! index, and has the highest bit set, where no object of a program lies. Nobody reads through it, so that a stale, foreign
//! or mistyped one is told apart from a good one by its value alone.

use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use ccauth::{Error, detail};

use crate::table::{GENERATION_BITS, INDEX_BITS, InUse, Name, Table};

#[cfg(not(target_pointer_width = "64"))]
compile_error!("a handle needs pointers of 64 bits");

/// What C has handles of.
pub(crate) trait Object: Send + Sync + Sized + 'static {
    /// The type that its handles point to, for C's compiler.
    type C;
    /// Tells its handles from those of other types; up to 127.
    const TAG: u8;
    /// What messages call it.
    const NAME: &'static str;
    /// What it shows to those who do not hold it.
    type Window: Sync + 'static;

    fn table() -> &'static Table<Self, Self::Window>;

    fn window(&self) -> Option<&'static Self::Window> {
        None
    }
}

/// How many objects C has references of.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Takes `object` in, and gives the handle that C frees.
pub(crate) fn give<T: Object>(object: T) -> Result<*mut T::C, Error> {
    let full = || Error::new(&detail::RESOURCE, format!("{}: there are too many of them", T::NAME));
    let window = object.window();
    let name = T::table().insert(object, window).ok_or_else(full)?;
    LIVE.fetch_add(1, Ordering::Relaxed);
    Ok(without_provenance_mut(address::<T>(name)))
}

/// The object of a handle.
///
/// # Errors
/// `argument.null` or `argument.handle`.
pub(crate) fn get<T: Object>(handle: *const T::C) -> Result<InUse<'static, T, T::Window>, Error> {
    if handle.is_null() {
        return Err(Error::new(&detail::ARGUMENT_NULL, format!("{}: is NULL", T::NAME)));
    }
    let unknown =
        || Error::new(&detail::ARGUMENT_HANDLE, format!("{}: is none of ours, or was freed", T::NAME));
    look::<T>(handle).ok_or_else(unknown)
}

/// The object of a handle, for those who have no error to give.
pub(crate) fn look<T: Object>(handle: *const T::C) -> Option<InUse<'static, T, T::Window>> {
    T::table().get(name::<T>(handle)?)
}

/// Looks through the window of a handle's object: see [`Table::look`].
#[inline]
pub(crate) fn look_through<T: Object, R>(
    handle: *const T::C,
    look: impl FnOnce(&'static T::Window) -> R,
) -> Option<(R, bool)> {
    T::table().look(name::<T>(handle)?, look)
}

/// One reference more to a handle; `false` when it names nothing.
pub(crate) fn add<T: Object>(handle: *const T::C) -> bool {
    name::<T>(handle).is_some_and(|name| T::table().add(name))
}

/// One reference less; of what names nothing, nothing.
pub(crate) fn remove<T: Object>(handle: *const T::C) {
    if name::<T>(handle).is_some_and(|name| T::table().remove(name)) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Frees every object of a type.
pub(crate) fn clear<T: Object>() {
    LIVE.fetch_sub(T::table().clear(), Ordering::Relaxed);
}

/// How many objects C has not freed.
pub(crate) fn live() -> usize {
    LIVE.load(Ordering::Relaxed)
}

const OURS: usize = 1 << 63;

fn address<T: Object>(name: Name) -> usize {
    let generation = name.generation as usize;
    OURS | usize::from(T::TAG) << 56 | generation << INDEX_BITS | name.index as usize
}

fn name<T: Object>(handle: *const T::C) -> Option<Name> {
    let bits = |from: u32, count: u32| u32::try_from(handle.addr() >> from & ((1 << count) - 1)).ok();
    let name = Name { index: bits(0, INDEX_BITS)?, generation: bits(INDEX_BITS, GENERATION_BITS)? };
    (address::<T>(name) == handle.addr()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct This(u8);
    struct Other;

    macro_rules! object {
        ($object:ident $tag:literal) => {
            impl Object for $object {
                type C = $object;
                const TAG: u8 = $tag;
                const NAME: &'static str = "object";
                type Window = ();

                fn table() -> &'static Table<Self> {
                    static TABLE: Table<$object> = Table::new();
                    &TABLE
                }
            }
        };
    }
    object!(This 127);
    object!(Other 126);

    #[test]
    fn a_handle_is_good_for_its_type_until_it_is_freed() {
        let handle = give(This(7)).unwrap();
        let other = give(Other).unwrap();
        assert_eq!(handle.addr() >> 56, 0xff);
        assert_eq!(get::<This>(handle).ok().map(|this| this.0), Some(7));
        let near =
            [handle.addr() + 1, handle.addr() ^ 1 << 24, handle.addr() ^ 1 << 52, handle.addr() ^ OURS];
        let strange = near.into_iter().chain([other.addr(), 1, 4096, usize::MAX, (&raw const other).addr()]);
        for address in strange {
            let strange = without_provenance_mut::<This>(address);
            let error = get::<This>(strange).err().unwrap();
            assert_eq!(error.detail(), &detail::ARGUMENT_HANDLE, "{address:x}");
            assert!(!add::<This>(strange));
            remove::<This>(strange);
        }
        assert_eq!(get::<This>(std::ptr::null()).err().unwrap().detail(), &detail::ARGUMENT_NULL);
        remove::<This>(std::ptr::null());
        assert!(look::<This>(handle).is_some());
        remove::<This>(handle);
        remove::<This>(handle);
        assert!(look::<This>(handle).is_none() && look::<Other>(other).is_some());
    }
}
