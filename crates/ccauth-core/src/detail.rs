//! Every finer cause of a failure, with its kind, its meaning and its cure: the rows of docs/ERRORS.md.

use alloc::string::String;
use core::fmt;

use crate::kind::{ErrorKind, Retry};

/// A cause: a stable dotted word, what it means, and what mends it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// The stable dotted word, e.g. `tls.name`. Words are only ever added.
    pub word: &'static str,
    /// The kind that every error with this cause has.
    pub kind: ErrorKind,
    /// Whether asking again can help: as for the kind, unless somebody has to mend this cause first.
    pub retry: Retry,
    /// What happened.
    pub means: &'static str,
    /// What to do about it.
    pub cure: &'static str,
}

impl Detail {
    /// The cause with this word.
    pub fn from_word(word: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|detail| detail.word == word)
    }

    /// [`Detail::means`] as it stands within a message: no capital at its start, no full stop.
    pub fn clause(&self) -> String {
        let mut letters = self.means.trim_end_matches('.').chars();
        letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

macro_rules! details {
    ($($name:ident $word:literal $kind:ident $(but $retry:ident)? $means:literal $cure:literal)+) => {
        $(#[doc = concat!("`", $word, "`: ", $means)]
        pub static $name: Detail = Detail {
            word: $word,
            kind: ErrorKind::$kind,
            retry: [$(Retry::$retry,)? ErrorKind::$kind.retry()][0],
            means: $means,
            cure: $cure,
        };)+

        /// Every cause there is.
        pub static ALL: &[&Detail] = &[$(&$name),+];
    };
}

details! {
    CONFIG_VENDOR "config.vendor" Invalid
        "No vendor has this id, or this build lacks it." "Use one of the ids that the message lists."
    CONFIG_MISSING "config.missing" Invalid
        "A field that the vendor needs is missing." "Set the field that the message names."
    CONFIG_UNKNOWN "config.unknown" Invalid
        "A field does not exist for this vendor." "Use the name that the message suggests."
    CONFIG_VALUE "config.value" Invalid
        "A field's value is not usable." "Give the named field a value as the message describes."
    CONFIG_URL "config.url" Invalid
        "A URL is not usable." "Give an https URL without user, query and fragment."
    CONFIG_CA_FILE "config.ca_file" Invalid
        "The CA file cannot be read or holds no certificate." "Name a readable PEM file with at least one certificate."
    ARGUMENT_NULL "argument.null" Invalid
        "A pointer that must be given is NULL." "Give the argument that the message names."
    ARGUMENT_HANDLE "argument.handle" Invalid
        "A handle is none of ours, of another type, or was freed."
        "Give what the function that makes it wrote, as long as it is not freed."
    ARGUMENT_VALUE "argument.value" Invalid
        "An argument's value is not usable." "Give the named argument a value as the message describes."
    REQUEST_REFUSED "request.refused" Invalid
        "The vendor calls the request itself wrong."
        "Compare the fields with the vendor's page: ids, entity, scopes, addresses."
    OPERATION_UNSUPPORTED "operation.unsupported" Unsupported
        "The vendor has no such operation." "Use one of the operations that the message lists."
    CARRIAGE_QUERY "carriage.query" Unsupported
        "This token travels in the query, not in a header." "Ask for query(), on the command line for --output curl; keep the URL out of logs."
    CARRIAGE_HEADER "carriage.header" Unsupported
        "This token travels in a header, not in the query." "Ask for header()."
    TRANSPORT_MISSING "transport.missing" Unsupported
        "This build has no HTTPS transport." "Enable the feature `ureq`, or hand in a transport."
    TOKEN_NEEDED "token.needed" State
        "The operation acts on a token and none was given." "Obtain a token first."
    REQUEST_CANCELLED "request.cancelled" State
        "The request was cancelled by whoever had begun it." "Ask again, where the token is needed after all."
    CALLBACK_INSIDE "callback.inside" State
        "What was called ends callbacks, and was called within one." "Call it on a thread of the host's."
    TOKEN_NONE "token.none" WouldBlock
        "No token is held that is still valid, and the caller does not wait."
        "Ask again in a moment, or with a call that waits."
    DEADLINE "deadline.passed" Timeout
        "The time allowed for the request passed." "Try again; raise timeout_ms if the vendor is slow."
    VENDOR_THROTTLED "vendor.throttled" RateLimited
        "The vendor throttles this account." "Wait as long as retry_after says, or a minute; ask for tokens less often."
    ACCOUNT_LOCKED "account.locked" RateLimited
        "The vendor has locked the account after failed logins." "Wait, check the password, then ask the vendor."
    DNS_NXDOMAIN "dns.nxdomain" Resolve
        "The host's name does not exist." "Check base_url for a typo."
    DNS_FAILED "dns.failed" Resolve
        "The name servers gave no answer." "Check the resolver and the network."
    DNS_TIMEOUT "dns.timeout" Resolve
        "Name resolution took too long." "Check the resolver and the network."
    CONNECT_REFUSED "connect.refused" Connect
        "The host refused the connection." "Check base_url's port; the service may be down."
    CONNECT_UNREACHABLE "connect.unreachable" Connect
        "No route leads to the host." "Check the network and the firewall."
    CONNECT_TIMEOUT "connect.timeout" Connect
        "The host did not answer the connection in time." "Check the firewall; the host may be down."
    CONNECT_FAILED "connect.failed" Connect
        "The connection failed." "Read the message; check the network."
    TLS_UNTRUSTED "tls.untrusted" Tls but Later
        "The certificate's issuer is not trusted." "Behind an inspecting proxy, name its CA in ca_file."
    TLS_NAME "tls.name" Tls but Later
        "The certificate belongs to another host." "Check base_url."
    TLS_EXPIRED "tls.expired" Tls but Later
        "The certificate has expired." "Check this machine's clock, then tell the vendor."
    TLS_NOT_YET_VALID "tls.not_yet_valid" Tls but Later
        "The certificate is not valid yet." "Check this machine's clock."
    TLS_FAILED "tls.failed" Tls
        "The TLS handshake failed." "Read the message; an old proxy or a wrong port are the usual causes."
    IO_CLOSED "io.closed" Io
        "The connection closed before the reply was whole." "Try again."
    IO_FAILED "io.failed" Io
        "The transfer broke off." "Try again; look at the error number."
    RESOURCE "resource.exhausted" Io
        "This process has run out of descriptors, threads or memory." "Raise the limits (ulimit -n, -u)."
    CREDENTIALS_REJECTED "credentials.rejected" Credentials
        "The vendor rejected the credentials." "Correct them. Repeating the request can lock the account."
    NOT_ENTITLED "account.not_entitled" Forbidden
        "The account lacks the balance, plan or permission." "Ask the vendor to enable it."
    TOKEN_REJECTED "token.rejected" Revoked
        "The vendor does not know the token, has revoked it, or binds it to another address." "Obtain a new token."
    TOKEN_UNSEEN "token.unseen" Revoked
        "The vendor saw no token in the request." "Check carriage: how the token travels."
    TOKEN_EXPIRED "token.expired" Revoked
        "The token has expired." "Obtain a new token."
    BODY_EMPTY "body.empty" Protocol
        "The reply has no body." "Try again; if it stays, check base_url and any proxy."
    BODY_HTML "body.html" Protocol
        "The reply is an HTML page, not the API's answer." "Look for a captive portal or proxy; check base_url."
    BODY_UNREADABLE "body.unreadable" Protocol
        "The reply does not parse." "Try again; if it stays, check base_url and any proxy."
    BODY_DUPLICATE "body.duplicate" Protocol
        "The reply names a member twice, so that parsers may disagree about it." "Report it to the vendor."
    BODY_NESTING "body.nesting" Protocol
        "The reply is nested deeper than 16 levels." "Check base_url."
    BODY_TOO_LARGE "body.too_large" Protocol
        "The reply is larger than 64 KiB." "Check base_url."
    BODY_ENCODING "body.encoding" Protocol
        "The reply is compressed although that was not asked for." "Check any proxy."
    BODY_MEMBER "body.member" Protocol
        "A member of the reply is missing or of the wrong type." "Report it; the vendor may have changed its API."
    BODY_CUT "body.close_delimited" Protocol
        "The reply's end is marked by the connection's close alone, which was refused by configuration."
        "Allow close-delimited replies, or mend the proxy."
    TOKEN_MALFORMED "token.malformed" Protocol
        "The reply's token is empty, too long or holds characters that no token has." "Report it to the vendor."
    EXPIRY_MILLISECONDS "expiry.milliseconds" Protocol
        "The expiry looks like milliseconds or microseconds instead of seconds." "Report it to the vendor."
    EXPIRY_TOO_LONG "expiry.too_long" Protocol
        "The expiry lies beyond the vendor's longest life." "Report it to the vendor."
    REDIRECT "redirect" Protocol but Later
        "The reply is a redirect, which is never followed with credentials." "Set base_url to the right host."
    ENDPOINT_WRONG "endpoint.wrong" Protocol but Later
        "The host has no such endpoint, or the vendor no such account."
        "Check base_url, region and what else the URL is made of."
    PROXY_REFUSED "proxy.refused" Protocol but Later
        "The proxy refuses the connection or wants a login." "Check proxy: its host, port, user and password."
    HTTP_MALFORMED "http.malformed" Protocol
        "The reply is not HTTP, or its header is too large." "Check base_url's port and any proxy."
    STATUS_UNEXPECTED "status.unexpected" Protocol
        "The HTTP status is none that the vendor's page names." "Report it; the vendor may have changed its API."
    VENDOR_FAULT "vendor.fault" Vendor
        "The vendor failed." "Try again later; see the vendor's status page."
    VENDOR_REFUSED "vendor.refused" Vendor but Later
        "The vendor refused without a reason that we know."
        "Read the vendor's message; where there is none, ask its support."
    STORE_FAILED "store.failed" Store
        "The token store cannot be read or written." "Look at the error number: its directory must exist, be writable and have room."
    STORE_UNSAFE "store.unsafe" Store
        "Others than the process's user could read or replace what is in the token store."
        "Give the store a directory of its own, with the process's user as its owner and mode 0700."
    STORE_KEY "store.key" Store
        "A token in the store is encrypted with another key, or the store has one and none was given."
        "Name the right store_key_file, or remove what was encrypted with the lost key."
    STORE_BUSY "store.busy" Store
        "Another process has kept the token store locked for too long." "Look for a stopped process that uses the store."
    STORE_SLOW "store.slow" Store
        "The token store did not answer in time." "Look at the disk or the file system that it lies on."
    EXPIRY_PAST "expiry.past" Vendor
        "The vendor handed out a token that has already expired." "Try again in a moment."
    INTERNAL "internal" Internal
        "A fault of ccauth's own." "Report it with the message."
}
