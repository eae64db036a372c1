//! A transport that answers from a script and remembers what it was sent.

use std::collections::VecDeque;
use std::sync::Mutex;

use ccauth_core::{Error, Reply, Request, Transport, detail};

use crate::wire::{parse_reply, render_request};

/// Answers each request with the next line of its script.
#[derive(Debug, Default)]
pub struct Scripted {
    replies: Mutex<VecDeque<Result<Reply, Error>>>,
    sent: Mutex<Vec<Vec<u8>>>,
}

impl Scripted {
    /// Replies in the form of [`parse_reply`], in the order in which they are given out.
    pub fn new<'a>(replies: impl IntoIterator<Item = &'a str>) -> Self {
        let replies = replies.into_iter().map(|text| Ok(parse_reply(text.as_bytes()))).collect();
        Self { replies: Mutex::new(replies), sent: Mutex::default() }
    }

    /// Adds a failure of the transport at the script's end.
    pub fn then_fail(&self, error: Error) {
        self.replies.lock().expect("no test panics while it holds the lock").push_back(Err(error));
    }

    /// The requests so far, in the form of [`render_request`].
    pub fn sent(&self) -> Vec<String> {
        let sent = self.sent.lock().expect("no test panics while it holds the lock");
        sent.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        self.sent.lock().expect("no test panics while it holds the lock").push(render_request(&request));
        let next = self.replies.lock().expect("no test panics while it holds the lock").pop_front();
        next.unwrap_or_else(|| Err(Error::new(&detail::INTERNAL, "the script has no reply left")))
    }
}
