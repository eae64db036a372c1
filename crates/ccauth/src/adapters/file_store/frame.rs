//! The bytes of a file: a header, and a record with a sum or, where there is a key, encrypted. Both are bound to the
//! file's name, so that no record answers for another entry.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ccauth_core::zeroize::Zeroizing;
use ccauth_core::{Error, Secret, detail};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey};
use ring::{digest, hmac};

use super::random;

/// What a file of this version begins with.
const MAGIC: &[u8; 8] = b"ccauth\0\x01";
const ID: usize = 8;
const TAG: usize = 16;
/// The magic, the revision, the key's id and the nonce.
const HEADER: usize = 8 + 8 + ID + NONCE_LEN;

/// What a file comes to.
pub(super) enum Frame {
    Whole {
        revision: u64,
        record: Secret,
    },
    /// It is not encrypted with this key, or with one.
    Locked,
    Unreadable,
}

pub(super) struct Key {
    id: [u8; ID],
    cipher: LessSafeKey,
}

impl Key {
    /// The key that a file holds.
    ///
    /// # Errors
    /// `config.value`
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bad = |what: &str| {
            Error::new(&detail::CONFIG_VALUE, format!("store_key_file: {}: {what}", path.display()))
        };
        let io = |e: std::io::Error| bad(&e.to_string()).with_os_errno(e.raw_os_error());
        let about = std::fs::metadata(path).map_err(io)?;
        if !about.is_file() || !(32..=4096).contains(&about.len()) {
            return Err(bad("expected a regular file of 32 to 4096 bytes"));
        }
        if about.mode() & 0o077 != 0 {
            return Err(bad("expected one that nobody but its owner can read: chmod 600"));
        }
        let bytes = Zeroizing::new(std::fs::read(path).map_err(io)?);
        Self::new(&bytes).ok_or_else(|| bad("no key comes of it"))
    }

    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let key = digest::digest(&digest::SHA256, bytes);
        let id = digest::digest(&digest::SHA256, key.as_ref());
        let cipher = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).ok()?);
        Some(Self { id: id.as_ref()[..ID].try_into().ok()?, cipher })
    }

    pub(super) fn id(&self) -> [u8; ID] {
        self.id
    }
}

/// A record as it is written.
pub(super) fn seal(
    revision: u64,
    record: &Secret,
    name: &str,
    salt: &hmac::Key,
    key: Option<&Key>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (text, nonce) = (record.expose().as_bytes(), random::<NONCE_LEN>()?);
    let id = key.map(Key::id).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER + text.len() + TAG));
    for part in [MAGIC, &revision.to_le_bytes(), &id[..], &nonce, text] {
        bytes.extend_from_slice(part);
    }
    let (header, text) = bytes.split_at_mut(HEADER);
    let tag = match key {
        None => sum(salt, header, name, text),
        Some(key) => {
            let aad = Aad::from([header, name.as_bytes()].concat());
            let sealed =
                key.cipher.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, text);
            let tag = sealed.map_err(|_| Error::new(&detail::STORE_FAILED, "it cannot be encrypted"))?;
            tag.as_ref().to_vec()
        }
    };
    bytes.extend_from_slice(&tag);
    Ok(bytes)
}

/// What a file of this name holds.
pub(super) fn open(mut bytes: Zeroizing<Vec<u8>>, name: &str, salt: &hmac::Key, key: Option<&Key>) -> Frame {
    open_whole(&mut bytes, name, salt, key).unwrap_or(Frame::Unreadable)
}

fn open_whole(bytes: &mut [u8], name: &str, salt: &hmac::Key, key: Option<&Key>) -> Option<Frame> {
    let (header, rest) = bytes.split_at_mut_checked(HEADER)?;
    let (text, tag) = rest.split_at_mut_checked(rest.len().checked_sub(TAG)?)?;
    let (magic, fields) = header.split_first_chunk::<8>()?;
    let (revision, fields) = fields.split_first_chunk::<8>()?;
    let (id, nonce) = fields.split_first_chunk::<ID>()?;
    if magic != MAGIC {
        return None;
    }
    match key {
        _ if *id == [0; ID] => {
            // With a key, nobody can put a record there who does not have it.
            let is_whole = key.is_none() && sum(salt, header, name, text) == *tag;
            is_whole.then_some(())?;
        }
        Some(key) if *id == key.id => {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let (aad, tag) = (Aad::from([&*header, name.as_bytes()].concat()), Tag::try_from(&*tag).ok()?);
            key.cipher.open_in_place_separate_tag(nonce, aad, tag, text, 0..).ok()?;
        }
        _ => return Some(Frame::Locked),
    }
    let record = Secret::from(str::from_utf8(text).ok()?);
    Some(Frame::Whole { revision: u64::from_le_bytes(*revision), record })
}

fn sum(salt: &hmac::Key, header: &[u8], name: &str, text: &[u8]) -> Vec<u8> {
    let mut sum = hmac::Context::with_key(salt);
    for part in [header, name.as_bytes(), text] {
        sum.update(part);
    }
    sum.sign().as_ref()[..TAG].to_vec()
}
