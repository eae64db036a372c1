use std::fs::{self, Permissions};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::directory::guarded;
use super::*;

/// The store in a directory `d` of its own, which is not made yet.
fn store() -> (TempDir, FileStore) {
    let temporary = tempfile::tempdir().unwrap();
    let store = at(&temporary, None);
    (temporary, store)
}

fn at(temporary: &TempDir, key: Option<&[u8]>) -> FileStore {
    FileStore { path: temporary.path().join("d"), key: key.map(|key| Key::new(key).unwrap()) }
}

fn entry(identity: &str, credential: &str) -> Entry {
    Entry { identity: identity.to_owned(), credential: credential.into() }
}

fn any() -> Entry {
    entry("vendor\nhost\nuser=alice", "password=hunter2\n")
}

const RECORD: &str = r#"{"a":"token-of-alice"}"#;

fn kept(store: &FileStore, entry: &Entry) -> Result<(u64, Option<String>), &'static str> {
    let found = store.load(entry).map_err(|e| e.detail().word)?;
    Ok((found.revision, found.record.map(|record| record.expose().to_owned())))
}

fn commit(store: &FileStore, revision: u64) -> Result<bool, &'static str> {
    store.commit(&any(), revision, &RECORD.into()).map_err(|e| e.detail().word)
}

/// The file with the only record.
fn record(store: &FileStore) -> PathBuf {
    let mut files = fs::read_dir(&store.path).unwrap().map(|file| file.unwrap().path());
    files.find(|path| path.extension().is_none()).expect("a record")
}

#[test]
fn what_is_kept_is_found_by_whoever_has_the_same_account_and_replaced_by_whoever_has_seen_it() {
    let (temporary, store) = store();
    assert_eq!(kept(&store, &any()), Ok((0, None)));
    assert_eq!(commit(&store, 0), Ok(true));
    // As another process.
    let other = at(&temporary, None);
    assert_eq!(kept(&other, &any()), Ok((1, Some(RECORD.to_owned()))));
    assert_eq!((commit(&other, 0), commit(&other, 1), commit(&store, 1)), (Ok(false), Ok(true), Ok(false)));
    assert_eq!(kept(&store, &any()).unwrap().0, 2);
    for (identity, credential) in [
        ("vendor\nhost\nuser=bob", "password=hunter2\n"),
        ("vendor\nhost\nuser=alice", "password=hunter3\n"),
        ("vendor\nhost\nuser=alice\nscopes=a", "password=hunter2\n"),
        ("vendor\nhost\nuser=alic", "epassword=hunter2\n"),
    ] {
        assert_eq!(kept(&store, &entry(identity, credential)), Ok((0, None)), "{identity} {credential}");
    }
}

#[test]
fn p17_files_are_their_owners_alone_and_tell_nothing_by_their_names() {
    let (_temporary, store) = store();
    commit(&store, 0).unwrap();
    let _turn = store.lease(&any(), Duration::ZERO).unwrap().expect("nobody has it");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&store.path), 0o700);
    let files: Vec<_> = fs::read_dir(&store.path).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 5, "{files:?}");
    for path in files {
        assert_eq!(mode(&path), 0o600, "{path:?}");
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let stem = name.trim_start_matches("ccauth.salt").split('.').next().unwrap();
        assert!(stem.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
    }
    // Elsewhere the same account has another name.
    let (_elsewhere, other) = self::store();
    commit(&other, 0).unwrap();
    assert_ne!(record(&store).file_name(), record(&other).file_name());
}

#[test]
fn whatever_bit_of_a_record_is_flipped_or_byte_is_missing_it_counts_as_nothing() {
    for key in [None, Some([7; 32])] {
        let (temporary, _) = store();
        let store = at(&temporary, key.as_ref().map(|key| &key[..]));
        commit(&store, 0).unwrap();
        let path = record(&store);
        let whole = fs::read(&path).unwrap();
        assert_eq!(whole.windows(14).any(|part| part == b"token-of-alice"), key.is_none());
        let file = fs::File::options().write(true).open(&path).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            file.write_all_at(&flipped, 0).unwrap();
            let found = kept(&store, &any());
            // The key's id: it might be another one's, and is left alone.
            let is_id = (16..24).contains(&(bit / 8));
            let expected = if is_id { Err("store.key") } else { Ok((0, None)) };
            assert_eq!(found, expected, "bit {bit}");
        }
        file.write_all_at(&whole, 0).unwrap();
        for end in (0..whole.len()).rev() {
            file.set_len(end as u64).unwrap();
            assert_eq!(kept(&store, &any()), Ok((0, None)), "cut at {end}");
        }
        file.set_len(4 << 30).unwrap();
        assert_eq!(kept(&store, &any()), Ok((0, None)), "4 GiB");
        assert_eq!(commit(&store, 0), Ok(true), "it is replaced");
        assert_eq!(kept(&store, &any()), Ok((1, Some(RECORD.to_owned()))));
        // Another account's record under this name.
        let other = entry("vendor\nhost\nuser=bob", "");
        store.commit(&other, 0, &"{}".into()).unwrap();
        let (_, _, name) = store.open(&other).unwrap();
        fs::copy(store.path.join(name), &path).unwrap();
        assert_eq!(kept(&store, &any()), Ok((0, None)));
    }
}

#[test]
fn with_another_key_or_none_nothing_is_read_and_nothing_is_overwritten() {
    let (temporary, plain) = store();
    let [one, two] = [[1; 32], [2; 32]].map(|key| at(&temporary, Some(&key)));
    commit(&one, 0).unwrap();
    let before = fs::read(record(&one)).unwrap();
    for other in [&two, &plain] {
        assert_eq!((kept(other, &any()), commit(other, 0)), (Err("store.key"), Err("store.key")));
    }
    assert_eq!(fs::read(record(&one)).unwrap(), before);
    assert_eq!(kept(&one, &any()), Ok((1, Some(RECORD.to_owned()))));
    // What was written without one is not believed with one.
    fs::remove_file(record(&one)).unwrap();
    commit(&plain, 0).unwrap();
    assert_eq!((kept(&one, &any()), commit(&one, 0)), (Ok((0, None)), Ok(true)));
}

#[test]
fn p17_nothing_is_followed_and_nothing_is_used_that_others_could_have_put_there() {
    // What stands in the place of the directory, or in it; what becomes of a load and a commit.
    type Plant = fn(&Path);
    let in_place: [(&str, Plant, &str); 5] = [
        ("a file", |d| fs::write(d, "precious").unwrap(), "store.failed"),
        (
            "a link",
            |d| {
                fs::create_dir(d.with_extension("else")).unwrap();
                symlink(d.with_extension("else"), d).unwrap();
            },
            "store.unsafe",
        ),
        (
            "open to others",
            |d| {
                fs::create_dir(d).unwrap();
                fs::set_permissions(d, Permissions::from_mode(0o777)).unwrap();
            },
            "store.unsafe",
        ),
        (
            "readable by a group",
            |d| {
                fs::create_dir(d).unwrap();
                fs::set_permissions(d, Permissions::from_mode(0o750)).unwrap();
            },
            "store.unsafe",
        ),
        ("a missing parent", |d| fs::remove_dir(d.parent().unwrap()).unwrap(), "store.failed"),
    ];
    for (what, plant, expected) in in_place {
        let (_temporary, store) = store();
        plant(&store.path);
        assert_eq!((kept(&store, &any()), commit(&store, 0)), (Err(expected), Err(expected)), "{what}");
        let message = store.load(&any()).unwrap_err().to_string();
        assert!(message.contains(store.path.to_str().unwrap()), "{message}");
    }
    let in_it: [(&str, Plant, &str); 5] = [
        (
            "a link",
            |f| {
                fs::rename(f, f.with_extension("else")).unwrap();
                symlink(f.with_extension("else"), f).unwrap();
            },
            "store.unsafe",
        ),
        ("a second name", |f| fs::hard_link(f, f.with_extension("else")).unwrap(), "store.unsafe"),
        (
            "readable by all",
            |f| fs::set_permissions(f, Permissions::from_mode(0o644)).unwrap(),
            "store.unsafe",
        ),
        (
            "a pipe",
            |f| {
                fs::remove_file(f).unwrap();
                rustix::fs::mkfifoat(rustix::fs::CWD, f, rustix::fs::Mode::from(0o600)).unwrap();
            },
            "store.unsafe",
        ),
        (
            "a directory",
            |f| {
                fs::remove_file(f).unwrap();
                fs::create_dir(f).unwrap();
            },
            "store.unsafe",
        ),
    ];
    for (what, plant, expected) in in_it {
        for of in ["", "ccauth.salt"] {
            let (_temporary, store) = store();
            commit(&store, 0).unwrap();
            let planted = if of.is_empty() { record(&store) } else { store.path.join(of) };
            plant(&planted);
            let before = fs::symlink_metadata(&planted).unwrap().ino();
            assert_eq!(
                (kept(&store, &any()), commit(&store, 1)),
                (Err(expected), Err(expected)),
                "{what} {of}"
            );
            assert_eq!(fs::symlink_metadata(&planted).unwrap().ino(), before, "{what} {of}");
        }
    }
    let own = rustix::process::geteuid().as_raw();
    for (owner, mode, is_good) in [
        (own, 0o700, true),
        (own, 0o600, true),
        (own + 1, 0o700, false),
        (own, 0o701, false),
        (own, 0o720, false),
    ] {
        assert_eq!(guarded(owner, mode).is_ok(), is_good, "{owner} {mode:o}");
    }
}

#[test]
fn a_turn_is_one_at_a_time_and_goes_with_its_holder() {
    let (temporary, store) = store();
    let other = at(&temporary, None);
    let lease = |store: &FileStore| store.lease(&any(), Duration::from_millis(1)).unwrap();
    let held = lease(&store).expect("nobody has it");
    assert!(lease(&other).is_none() && lease(&store).is_none());
    assert!(other.lease(&entry("another", ""), Duration::ZERO).unwrap().is_some(), "it is of one entry");
    // Whoever has it is in nobody's way who writes.
    assert_eq!(commit(&other, 0), Ok(true));
    drop(held);
    let held = lease(&other).expect("it was given back");
    // Somebody has cleaned up. There is another one now; the old one locks nothing any more.
    fs::remove_file(record(&store).with_extension("turn")).unwrap();
    let _new = lease(&store).expect("another file");
    assert!(lease(&other).is_none());
    drop(held);
    assert!(lease(&other).is_none());
}

#[test]
fn what_a_writer_left_behind_that_died_is_in_nobodys_way() {
    let (_temporary, store) = store();
    commit(&store, 0).unwrap();
    let new = record(&store).with_extension("new");
    fs::write(&new, "half").unwrap();
    assert_eq!(commit(&store, 1), Ok(true));
    assert!(!new.exists());
    // The store was emptied.
    fs::remove_dir_all(&store.path).unwrap();
    assert_eq!((kept(&store, &any()), commit(&store, 0)), (Ok((0, None)), Ok(true)));
}

#[test]
fn processes_that_come_first_at_once_agree_on_the_salt() {
    let (temporary, _) = store();
    let all = std::sync::Barrier::new(8);
    let names: Vec<String> = std::thread::scope(|scope| {
        let name = || {
            let store = at(&temporary, None);
            all.wait();
            store.open(&any()).unwrap().2
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(name)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
}
