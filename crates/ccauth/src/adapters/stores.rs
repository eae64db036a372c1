//! The stores of one client: one for all accounts that name the same place and key.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use ccauth_core::{Error, Field, FieldKind, Login, Role, detail};

use super::file_store::FileStore;
use crate::scheduler::Spawn;
use crate::shelf::Shelf;

/// The fields of the store.
pub(crate) static FIELDS: &[Field] = &[
    Field::new(
        "store",
        Role::Source,
        FieldKind::Text,
        "Where tokens outlive this process and are shared with others: file:// and the absolute path of a directory, which is made with mode 0700 where it is missing. Without it they are kept in memory alone.",
    )
    .checked(|url| place(url).map(drop)),
    Field::new(
        "store_key_file",
        Role::Source,
        FieldKind::Text,
        "A file that its owner alone can read, 32 to 4096 bytes of chance, with which the tokens in the store are encrypted.",
    ),
];

/// Those that are in use. A store goes with its last account.
#[derive(Debug, Default)]
pub(crate) struct Stores(Mutex<Vec<(Arc<FileStore>, Weak<Shelf>)>>);

impl Stores {
    /// The store that the login names, if any.
    ///
    /// # Errors
    /// `config.value`, naming the field.
    pub(crate) fn of(&self, login: &Login, spawn: Spawn) -> Result<Option<Arc<Shelf>>, Error> {
        let bad = |message: &str| Err(Error::new(&detail::CONFIG_VALUE, message));
        let Some(place) = login.get("store").and_then(|url| place(url).ok()) else {
            return match login.get("store_key_file") {
                Some(_) => bad("store_key_file: there is no store whose key this would be"),
                None => Ok(None),
            };
        };
        let store = FileStore::new(place, login.get("store_key_file").map(Path::new))?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(_, shelf)| shelf.strong_count() > 0);
        let mut alive = known.iter().filter(|(other, _)| other.is_same(&store));
        if let Some(shelf) = alive.find_map(|(_, shelf)| shelf.upgrade()) {
            return Ok(Some(shelf));
        }
        let store = Arc::new(store);
        let shelf = Arc::new(Shelf::new(store.clone(), spawn));
        known.push((store, Arc::downgrade(&shelf)));
        Ok(Some(shelf))
    }
}

/// The directory that a URL names.
fn place(url: &str) -> Result<&Path, &'static str> {
    let expected = "file:// and the absolute path of a directory, such as file:///var/lib/ccauth";
    let path = url.strip_prefix("file://").ok_or(expected)?;
    let is_plain = path.starts_with('/') && !path.contains(['%', '?', '#', '\\']);
    let mut names = path.split('/').skip(1).map(|name| !matches!(name, "" | "." | ".."));
    if is_plain && names.all(|is_good| is_good) { Ok(Path::new(path)) } else { Err(expected) }
}
