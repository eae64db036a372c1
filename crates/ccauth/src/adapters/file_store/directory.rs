//! A directory that its owner alone can reach, and files in it: nothing is followed, and nothing is read or written that
//! others could have put there.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use ccauth_core::zeroize::Zeroizing;
use ccauth_core::{Clock, Error, detail};
use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, fsync, mkdir, open, openat,
    renameat, statat, unlinkat,
};
use rustix::io::Errno;

use super::super::clock::SystemClock;

/// Larger than any record.
const MAX_FILE: u64 = 64 * 1024;

/// How often a lock is tried that somebody has.
const POLL: Duration = Duration::from_millis(5);

pub(super) struct Directory {
    path: PathBuf,
    it: OwnedFd,
}

impl Directory {
    /// Opens it, and makes it where it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = open(path, flags, Mode::empty()).or_else(|e| {
            if e != Errno::NOENT {
                return Err(e);
            }
            match mkdir(path, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => open(path, flags, Mode::empty()),
                Err(e) => Err(e),
            }
        });
        let unsafe_it = |what: &str| Error::new(&detail::STORE_UNSAFE, format!("{}: {what}", path.display()));
        let it = opened.map_err(|e| match e {
            Errno::LOOP | Errno::NOTDIR if is_link(path) => unsafe_it("it is a symbolic link"),
            e => failed(path.display().to_string(), e),
        })?;
        let about = fstat(&it).map_err(|e| failed(path.display().to_string(), e))?;
        guarded(about.st_uid, about.st_mode).map_err(unsafe_it)?;
        Ok(Self { path: path.to_owned(), it })
    }

    /// What a file holds; `None` where there is none, or it is too large for one of ours.
    pub(super) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let file = match self.open_file(name, OFlags::RDONLY) {
            Err(Errno::NOENT) => return Ok(None),
            opened => opened.map_err(|e| self.failed(name, e))?,
        };
        let size = self.check(name, &file)?;
        if size > MAX_FILE {
            return Ok(None);
        }
        // With room for its end: growing would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1));
        let read = File::from(file).take(MAX_FILE).read_to_end(&mut bytes);
        read.map_err(|e| self.failed(name, e))?;
        Ok(Some(bytes))
    }

    /// Puts a file in the place of what has this name, whole or not at all. One writes at a time.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let new = format!("{name}.new");
        let written = self.write_new(&new, bytes).and_then(|()| {
            renameat(&self.it, &new, &self.it, name)?;
            Ok(fsync(&self.it)?)
        });
        written.map_err(|e| {
            let _ = unlinkat(&self.it, &new, AtFlags::empty());
            self.failed(name, e)
        })
    }

    fn write_new(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let create = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let file = match self.open_file(name, create) {
            // Its writer has died.
            Err(Errno::EXIST) => {
                unlinkat(&self.it, name, AtFlags::empty())?;
                self.open_file(name, create)?
            }
            opened => opened?,
        };
        let mut file = File::from(file);
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Locks a file that is there for that alone, until the descriptor is closed; `None` where somebody else has had it
    /// all that time.
    pub(super) fn lock(&self, name: &str, wait: Duration) -> Result<Option<OwnedFd>, Error> {
        let end = SystemClock.now().instant + wait;
        loop {
            let opened = self.open_file(name, OFlags::RDWR | OFlags::CREATE);
            let file = opened.map_err(|e| self.failed(name, e))?;
            self.check(name, &file)?;
            let is_locked = match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                // Unless somebody has put another one in its place.
                Ok(()) => self.is_there(name, &file),
                Err(Errno::WOULDBLOCK | Errno::INTR) => false,
                Err(e) => return Err(self.failed(name, e)),
            };
            if is_locked {
                return Ok(Some(file));
            }
            if SystemClock.now().instant >= end {
                return Ok(None);
            }
            thread::sleep(POLL);
        }
    }

    fn is_there(&self, name: &str, file: &OwnedFd) -> bool {
        let which = |about: Stat| (about.st_dev, about.st_ino);
        let there = statat(&self.it, name, AtFlags::SYMLINK_NOFOLLOW).map(which);
        fstat(file).map(which).is_ok_and(|it| there == Ok(it))
    }

    fn open_file(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        // Whoever opens a pipe waits for nobody.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        openat(&self.it, name, flags, Mode::RUSR | Mode::WUSR)
    }

    /// The size of a file that is nobody else's.
    fn check(&self, name: &str, file: &OwnedFd) -> Result<u64, Error> {
        let about = fstat(file).map_err(|e| self.failed(name, e))?;
        let is_plain = FileType::from_raw_mode(about.st_mode) == FileType::RegularFile && about.st_nlink <= 1;
        let checked = if is_plain {
            guarded(about.st_uid, about.st_mode)
        } else {
            Err("it is no regular file with one name")
        };
        checked.map_err(|what| Error::new(&detail::STORE_UNSAFE, self.says(name, what)))?;
        Ok(u64::try_from(about.st_size).unwrap_or_default())
    }

    pub(super) fn says(&self, name: &str, what: &str) -> String {
        format!("{}/{name}: {what}", self.path.display())
    }

    fn failed(&self, name: &str, e: impl Into<io::Error>) -> Error {
        failed(format!("{}/{name}", self.path.display()), e)
    }
}

/// Whether the process's user owns it, and nobody else may do anything to it.
pub(super) fn guarded(owner: u32, mode: u32) -> Result<(), &'static str> {
    if owner != rustix::process::geteuid().as_raw() {
        return Err("another user owns it");
    }
    if mode & 0o077 != 0 { Err("others than its owner have rights to it") } else { Ok(()) }
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink())
}

fn failed(place: String, e: impl Into<io::Error>) -> Error {
    let e = e.into();
    let is_link = e.raw_os_error() == Some(Errno::LOOP.raw_os_error());
    let detail = if is_link { &detail::STORE_UNSAFE } else { &detail::STORE_FAILED };
    Error::new(detail, format!("{place}: {e}")).with_os_errno(e.raw_os_error())
}
