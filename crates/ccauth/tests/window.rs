//! Where the C ABI sees what a source holds. By itself in a process, because windows are handed on.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::sync::Arc;
use std::thread;

use ccauth::{Account, Client, ManualClock, Source, Timestamp, Window};

fn pasted(client: &Client, token: &str) -> Source {
    let account = Account::builder("servetel").client(client).field("token", token).build().unwrap();
    let source = Source::open(&account);
    source.token().unwrap();
    source
}

/// What is seen, or why nothing is.
fn seen(window: &Window) -> Result<String, &'static str> {
    let mut into = [0; 64];
    let seen = window.try_token(&mut into).map_err(|detail| detail.word)?;
    Ok(String::from_utf8(seen.value.unwrap().to_vec()).unwrap())
}

/// [`seen`], as soon as the thread that fetched the token has let its source go as well.
fn once_gone(window: &Window) -> Result<String, &'static str> {
    let mut looks = (0..1_000_000).map(|_| {
        thread::yield_now();
        seen(window)
    });
    looks.find(Result::is_err).unwrap_or_else(|| seen(window))
}

#[test]
fn a_window_is_empty_once_its_source_is_gone_and_shows_what_the_next_one_holds() {
    let client = Client::builder().build();
    let (one, other) = (pasted(&client, "one"), pasted(&client, "other"));
    let (ones, others) = (one.window().unwrap(), other.window().unwrap());
    let clone = one.clone();
    drop(one);
    assert_eq!((seen(ones), seen(others)), (Ok("one".to_owned()), Ok("other".to_owned())));
    drop(clone);
    assert_eq!((once_gone(ones), seen(others)), (Err("token.none"), Ok("other".to_owned())));

    let next = pasted(&client, "a-longer-one-than-there-was");
    assert!(std::ptr::eq(next.window().unwrap(), ones), "it is handed on");
    assert_eq!(seen(ones), Ok("a-longer-one-than-there-was".to_owned()));
    drop((next, other));
    assert_eq!((once_gone(ones), once_gone(others)), (Err("token.none"), Err("token.none")));

    // A host's own clock is not the system's, by which a window would tell the end.
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    assert!(pasted(&Client::builder().clock(clock).build(), "x").window().is_none());
}
