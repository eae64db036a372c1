//! What a vendor's words say, and under which status they are heard.

use ccauth_core::{Detail, Op, Reading, detail};
use common::{any_login, now, reply};

mod common;

fn by_words(op: Op, status: u16, words: &str) -> Option<&'static Detail> {
    let (login, reply) = (any_login(), reply(status, &[], ""));
    Reading::new(op, &login, None, &reply, now()).by_words(words)
}

const REJECTED: Option<&Detail> = Some(&detail::CREDENTIALS_REJECTED);
const DEAD: Option<&Detail> = Some(&detail::TOKEN_REJECTED);
const UNSEEN: Option<&Detail> = Some(&detail::TOKEN_UNSEEN);
const EXPIRED: Option<&Detail> = Some(&detail::TOKEN_EXPIRED);
const THROTTLED: Option<&Detail> = Some(&detail::VENDOR_THROTTLED);
const LOCKED: Option<&Detail> = Some(&detail::ACCOUNT_LOCKED);

/// The words, what they say of credentials, and what they say of a token.
const ROWS: &[(&str, Option<&Detail>, Option<&Detail>)] = &[
    ("Authentication failure", REJECTED, None),
    ("authentication FAILED.", REJECTED, None),
    ("Client authentication failed (e.g., unknown client)", REJECTED, None),
    ("Invalid username & password", REJECTED, None),
    ("Invalid username &amp; password", REJECTED, None),
    ("The username or password is incorrect.", REJECTED, None),
    ("Password is  incorrect", REJECTED, None),
    ("WRONG_PASSWORD", REJECTED, None),
    ("Invalid credentials", REJECTED, None),
    ("invalid-credentials", REJECTED, None),
    ("These credentials do not match our records.", REJECTED, None),
    ("Bad credentials", REJECTED, None),
    ("Your password has expired", REJECTED, None),
    ("Invalid token", None, DEAD),
    ("The token is invalid", None, DEAD),
    ("Unknown token", None, DEAD),
    ("The token has been blacklisted", None, DEAD),
    ("Token has been revoked", None, DEAD),
    ("Token has expired", None, EXPIRED),
    ("Token not provided", None, UNSEEN),
    ("token_absent", None, UNSEEN),
    ("A token is required", None, None),
    ("Expired token", None, EXPIRED),
    ("Too many requests.", THROTTLED, THROTTLED),
    ("too  many   attempts", THROTTLED, THROTTLED),
    ("Rate limit exceeded", THROTTLED, THROTTLED),
    ("Your account has been locked", LOCKED, LOCKED),
    ("Account is unlocked", None, None),
    ("The record is locked", None, None),
    ("Token is not expired yet", None, None),
    ("The password field is required.", None, None),
    ("Something went wrong.", None, None),
    ("Account suspended", None, None),
    ("", None, None),
    ("\u{202e}…", None, None),
];

#[test]
fn words_are_known_by_their_letters_alone() {
    for (words, of_credentials, of_a_token) in ROWS {
        for status in [200, 204, 400, 401, 403, 409, 422, 423, 429] {
            assert_eq!(by_words(Op::Issue, status, words), *of_credentials, "{status} {words}");
            for op in [Op::Renew, Op::Validate, Op::Revoke, Op::ChangePassword] {
                assert_eq!(by_words(op, status, words), *of_a_token, "{op:?} {status} {words}");
            }
        }
    }
}

#[test]
fn a_server_that_has_failed_is_believed_about_a_token_and_a_proxy_about_nothing() {
    for (words, _, of_a_token) in ROWS {
        let of_a_token = of_a_token.filter(|cause| [DEAD, EXPIRED, UNSEEN].contains(&Some(cause)));
        for status in [500, 502, 503] {
            for op in [Op::Issue, Op::ChangePassword] {
                assert_eq!(by_words(op, status, words), None, "{op:?} {status} {words}");
            }
            for op in [Op::Renew, Op::Validate, Op::Revoke] {
                assert_eq!(by_words(op, status, words), of_a_token, "{op:?} {status} {words}");
            }
        }
        for status in [302, 404, 407, 418] {
            for op in Op::ALL {
                assert_eq!(by_words(*op, status, words), None, "{op:?} {status} {words}");
            }
        }
    }
}

#[test]
fn what_somebody_has_to_mend_first_is_not_asked_again_at_once() {
    use ccauth_core::Retry;
    for (cause, retry) in [
        (&detail::VENDOR_REFUSED, Retry::Later),
        (&detail::REDIRECT, Retry::Later),
        (&detail::ENDPOINT_WRONG, Retry::Later),
        (&detail::PROXY_REFUSED, Retry::Later),
        (&detail::TLS_UNTRUSTED, Retry::Later),
        (&detail::TLS_NAME, Retry::Later),
        (&detail::TLS_FAILED, Retry::Yes),
        (&detail::VENDOR_FAULT, Retry::Yes),
        (&detail::BODY_UNREADABLE, Retry::Yes),
        (&detail::CREDENTIALS_REJECTED, Retry::UntilChanged),
    ] {
        assert_eq!(ccauth_core::Error::new(cause, "").retry(), retry, "{cause:?}");
    }
}
