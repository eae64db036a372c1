//! Tokens in a directory of their own, for all processes of a user on one machine.
//!
//! A record is replaced as a whole or not at all, whenever a process dies. What is locked is unlocked by the kernel when
//! its holder dies; no lock is ever removed, since two processes could then hold it. Names tell nobody whose token it is.

mod directory;
mod frame;
#[cfg(test)]
mod tests;

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ccauth_core::zeroize::Zeroizing;
use ccauth_core::{Entry, Error, Kept, Lease, Secret, Store, detail};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use self::directory::Directory;
use self::frame::{Frame, Key};

/// How long somebody else may write.
const WRITE: Duration = Duration::from_secs(1);

/// What makes names and sums another store's nowhere the same.
const SALT: &str = "ccauth.salt";

pub(crate) struct FileStore {
    path: PathBuf,
    key: Option<Key>,
}

/// The right to ask, which goes with its descriptor.
#[derive(Debug)]
struct Turn(#[expect(dead_code, reason = "it is held")] OwnedFd);

impl Lease for Turn {}

impl FileStore {
    /// The store in the directory `path`, encrypted with what is in the file `key`. Nothing is touched but the key.
    ///
    /// # Errors
    /// `config.value` for a key that cannot be used.
    pub(crate) fn new(path: &Path, key: Option<&Path>) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), key: key.map(Key::read).transpose()? })
    }

    /// Whether the other one has the same place and key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let id = |store: &Self| store.key.as_ref().map(Key::id);
        self.path == other.path && id(self) == id(other)
    }

    /// Opens the directory, and tells the name of an entry in it.
    fn open(&self, entry: &Entry) -> Result<(Directory, hmac::Key, String), Error> {
        let directory = Directory::open(&self.path)?;
        let salt = hmac::Key::new(hmac::HMAC_SHA256, &salt(&directory)?);
        let mut whose = hmac::Context::with_key(&salt);
        // No identity holds a NUL.
        for part in [&entry.identity, "\0", entry.credential.expose()] {
            whose.update(part.as_bytes());
        }
        let name = whose.sign().as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((directory, salt, name))
    }

    fn find(&self, directory: &Directory, salt: &hmac::Key, name: &str) -> Result<Kept, Error> {
        let Some(bytes) = directory.read(name)? else { return Ok(Kept::default()) };
        match frame::open(bytes, name, salt, self.key.as_ref()) {
            Frame::Whole { revision, record } => Ok(Kept { revision, record: Some(record) }),
            Frame::Unreadable => {
                log::warn!(
                    "{}/{name}: damaged, or of another version: it counts as nothing",
                    self.path.display()
                );
                Ok(Kept::default())
            }
            Frame::Locked => {
                let message = format!("{}/{name}: {}", self.path.display(), detail::STORE_KEY.clause());
                Err(Error::new(&detail::STORE_KEY, message))
            }
        }
    }
}

impl Store for FileStore {
    fn load(&self, entry: &Entry) -> Result<Kept, Error> {
        let (directory, salt, name) = self.open(entry)?;
        self.find(&directory, &salt, &name)
    }

    fn lease(&self, entry: &Entry, wait: Duration) -> Result<Option<Box<dyn Lease>>, Error> {
        let (directory, _, name) = self.open(entry)?;
        let turn = directory.lock(&format!("{name}.turn"), wait)?;
        Ok(turn.map(|turn| Box::new(Turn(turn)) as Box<dyn Lease>))
    }

    fn commit(&self, entry: &Entry, revision: u64, record: &Secret) -> Result<bool, Error> {
        let (directory, salt, name) = self.open(entry)?;
        let _alone = directory.lock_to_write(&name)?;
        if self.find(&directory, &salt, &name)?.revision != revision {
            return Ok(false);
        }
        let sealed = frame::seal(revision + 1, record, &name, &salt, self.key.as_ref())?;
        directory.write(&name, &sealed).map(|()| true)
    }
}

impl Directory {
    fn lock_to_write(&self, name: &str) -> Result<OwnedFd, Error> {
        let busy = || Error::new(&detail::STORE_BUSY, self.says(name, "another process keeps it locked"));
        self.lock(&format!("{name}.write"), WRITE)?.ok_or_else(busy)
    }
}

/// The directory's own. Whoever is there first makes it.
fn salt(directory: &Directory) -> Result<Zeroizing<Vec<u8>>, Error> {
    let find = || Ok(directory.read(SALT)?.filter(|salt| salt.len() == 32));
    if let Some(salt) = find()? {
        return Ok(salt);
    }
    let _alone = directory.lock_to_write(SALT)?;
    if let Some(salt) = find()? {
        return Ok(salt);
    }
    let salt = random::<32>()?;
    directory.write(SALT, &salt)?;
    Ok(Zeroizing::new(salt.to_vec()))
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    let failed = |_| Error::new(&detail::STORE_FAILED, "the system gives no random numbers");
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Shows where it is.
impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.path).finish()
    }
}
