//! Refuses a fault that cannot work, by the name of the field that makes it so.

use super::{ACCEPTED_HUGE, Action, Fault, Point, RetryAfter, When};
use crate::error::Invalid;
use crate::vendors;

/// The name of an action in JSON.
pub(super) fn name(action: &Action) -> &'static str {
    match action {
        Action::Status { .. } => "status",
        Action::Redirect { .. } => "redirect",
        Action::Reply { .. } => "reply",
        Action::Html { .. } => "html",
        Action::Bom {} => "bom",
        Action::Empty { .. } => "empty",
        Action::Truncate { .. } => "truncate",
        Action::DuplicateKeys {} => "duplicate_keys",
        Action::Huge { .. } => "huge",
        Action::Nested { .. } => "nested",
        Action::SuccessFalse {} => "success_false",
        Action::ContentEncoding { .. } => "content_encoding",
        Action::ContentType { .. } => "content_type",
        Action::Edit { .. } => "edit",
        Action::Delay { .. } => "delay",
        Action::Hold {} => "hold",
        Action::Dribble { .. } => "dribble",
        Action::Hang { .. } => "hang",
        Action::NeverRead {} => "never_read",
        Action::Reset { .. } => "reset",
        Action::Close { .. } => "close",
        Action::ContentLength { .. } => "content_length",
        Action::CloseDelimited { .. } => "close_delimited",
        Action::Chunked { .. } => "chunked",
        Action::Raw { .. } => "raw",
        Action::GarbageStatusLine {} => "garbage_status_line",
        Action::EndlessHeaders {} => "endless_headers",
        Action::InformationalFlood { .. } => "informational_flood",
        Action::Certificate { .. } => "certificate",
        Action::TlsStall {} => "tls_stall",
        Action::TlsGarbage { .. } => "tls_garbage",
    }
}

impl Fault {
    /// Whether this fault can strike a server that speaks TLS, or plain HTTP.
    pub(crate) fn check(&self, tls: bool) -> Result<(), Invalid> {
        if let Some(vendor) = &self.vendor {
            vendors::find(vendor)?;
        }
        match self.when {
            When::Nth(0) => return refuse("when.nth", "requests are counted from 1"),
            When::Every(0) => return refuse("when.every", "must be at least 1"),
            When::Probability(p) if !(0.0..=1.0).contains(&p) => {
                return refuse("when.probability", format!("{p} is not between 0 and 1"));
            }
            _ => {}
        }
        if self.times == Some(0) {
            return refuse("times", "must be at least 1; leave it out for no limit");
        }
        if self.action.strikes_connection() {
            self.check_connection()?;
        }
        self.action.check(tls)
    }

    /// A connection has no vendor, no route and no vendor logic: it is struck before a request is read.
    fn check_connection(&self) -> Result<(), Invalid> {
        let name = self.action.name();
        let too_early =
            |field| refuse(field, format!("{name} strikes a connection before a request is read"));
        if self.vendor.is_some() {
            return too_early("vendor");
        }
        if self.route.is_some() {
            return too_early("route");
        }
        if self.after_action.is_some() { too_early("after_action") } else { Ok(()) }
    }
}

impl Action {
    fn check(&self, tls: bool) -> Result<(), Invalid> {
        match self {
            Action::Status { status, retry_after, headers } => {
                check_status(*status)?;
                if let Some(RetryAfter::Text(text)) = retry_after {
                    check_value("action.retry_after", text)?;
                }
                headers.iter().try_for_each(check_header)
            }
            Action::Reply { status, headers, .. } => {
                check_status(*status)?;
                headers.iter().try_for_each(check_header)
            }
            Action::Redirect { status, location } => {
                if !(300..400).contains(status) {
                    return refuse("action.status", format!("{status} is no redirect: 300 to 399"));
                }
                location.iter().try_for_each(|value| check_value("action.location", value))
            }
            Action::Html { status } | Action::Empty { status } => check_status(*status),
            Action::ContentEncoding { value } => check_value("action.value", value),
            Action::ContentType { value: Some(value) } => check_value("action.value", value),
            Action::ContentLength { value } => check_value("action.value", value),
            Action::Huge { bytes: Some(bytes) } if *bytes > ACCEPTED_HUGE => {
                refuse("action.bytes", format!("at most {ACCEPTED_HUGE}; leave it out for no end at all"))
            }
            Action::Nested { depth } if *depth > 1_000_000 => refuse("action.depth", "at most 1000000"),
            Action::Edit { set, remove, status } => {
                if set.is_empty() && remove.is_empty() && status.is_none() {
                    return refuse("action.set", "an edit needs `set`, `remove` or `status`");
                }
                status.map_or(Ok(()), check_status)?;
                let pointer = |text: &String| text.starts_with('/');
                match set.keys().chain(remove).find(|text| !pointer(text)) {
                    Some(text) => {
                        refuse("action.set", format!("{text:?} is no JSON pointer: it begins with /"))
                    }
                    None => Ok(()),
                }
            }
            Action::Dribble { bytes: 0, .. } => refuse("action.bytes", "must be at least 1"),
            Action::Hang { at: Point::Accept } => {
                refuse("action.at", "use never_read or tls_stall to hang before the request")
            }
            Action::Close { close_notify: false, at } if !tls || *at == Point::Accept => {
                refuse("action.close_notify", "there is no TLS to leave without a goodbye")
            }
            Action::CloseDelimited { close_notify: false, .. } if !tls => {
                refuse("action.close_notify", "there is no TLS to leave without a goodbye")
            }
            Action::Certificate { .. } | Action::TlsStall {} | Action::TlsGarbage { .. } if !tls => {
                refuse("action.type", format!("{} needs TLS, and this server speaks plain HTTP", self.name()))
            }
            _ => Ok(()),
        }
    }
}

fn check_status(status: u16) -> Result<(), Invalid> {
    // An informational status is no reply: `informational_flood` and `raw` send those.
    if (200..600).contains(&status) {
        return Ok(());
    }
    refuse("action.status", format!("{status} is not between 200 and 599"))
}

fn check_header((name, value): &(String, String)) -> Result<(), Invalid> {
    if hyper::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return refuse("action.headers", format!("{name:?} is no header name; send such bytes with raw"));
    }
    check_value("action.headers", value)
}

fn check_value(field: &'static str, value: &str) -> Result<(), Invalid> {
    if hyper::header::HeaderValue::from_str(value).is_ok() {
        return Ok(());
    }
    refuse(field, format!("{value:?} is no header value; send such bytes with raw"))
}

fn refuse<T>(field: &'static str, message: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::new(field, message))
}
