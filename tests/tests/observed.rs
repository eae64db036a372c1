//! What clients of the vendors show and no page of theirs says: offered, marked, and off where it changes a request.

use ccauth::{ErrorKind, Op};
use ccauth_tests::{VENDORS, accepted, account, account_with, sandbox};

#[test]
fn servetel_s_logout_revokes_the_token() {
    let sandbox = sandbox();
    let account = account(&sandbox, "servetel");
    let token = account.issue().unwrap();
    account.revoke(&token).unwrap();
    assert!(!accepted(&sandbox, &account, &token));
    assert_eq!(account.revoke(&token).unwrap_err().kind(), ErrorKind::Revoked);
    assert_eq!(account.renew(&token).unwrap_err().kind(), ErrorKind::Revoked, "and is refreshed no more");
}

#[test]
fn sangoma_validates_and_revokes_without_a_body_in_the_reply() {
    let sandbox = sandbox();
    for close_delimited in ["accept", "refuse"] {
        let fields = [("close_delimited", close_delimited)];
        let account = account_with(&sandbox, "sangoma", &fields).unwrap();
        let token = account.issue().unwrap();
        assert_eq!(account.validate(&token).unwrap(), token.expiry());
        account.revoke(&token).unwrap();
        assert!(!accepted(&sandbox, &account, &token));
        for failure in [account.validate(&token).unwrap_err(), account.revoke(&token).unwrap_err()] {
            assert_eq!(failure.kind(), ErrorKind::Revoked, "{failure}");
            assert_eq!(failure.vendor_code(), Some("unauthorized"));
            assert_eq!(failure.request_id().map(str::len), Some(32), "the gateway's trace id: {failure}");
        }
        assert!(!account.issue().unwrap().same_value(&token), "a revoked one is not served again");
    }
}

#[test]
fn sangoma_s_version_header_is_sent_where_asked_for_and_with_every_request() {
    let sandbox = sandbox();
    for (fields, sent) in [(&[][..], 0), (&[("api_version", "v1")][..], 3)] {
        let account = account_with(&sandbox, "sangoma", fields).unwrap();
        let token = account.issue().unwrap();
        account.validate(&token).unwrap();
        account.revoke(&token).unwrap();
        let captured = sandbox.admin().captured();
        let with =
            captured.iter().filter(|request| request.header("x-api-version") == Some(b"v1".as_slice()));
        assert_eq!((with.count(), captured.len()), (sent, 3));
        sandbox.admin().clear_requests();
    }
    let failure = account_with(&sandbox, "sangoma", &[("api_version", "v2")]).unwrap_err();
    assert!(failure.message().starts_with("api_version: expected one of v1"), "{failure}");
}

#[test]
fn a_token_that_sangoma_does_not_know_yet_is_good_two_seconds_later() {
    let sandbox = sandbox();
    sandbox.admin().quirk("sangoma", "slow_to_know", true).unwrap();
    sandbox.admin().freeze();
    let account = account(&sandbox, "sangoma");
    let token = account.issue().unwrap();
    for (later, known) in [(0, false), (1, false), (1, true)] {
        sandbox.admin().advance(later);
        assert_eq!(accepted(&sandbox, &account, &token), known);
        assert_eq!(account.validate(&token).is_ok(), known);
    }
}

#[test]
fn what_was_only_seen_is_marked() {
    let marked = |vendor: &str| ccauth::vendor(vendor).unwrap().descriptor().observed;
    assert_eq!(marked("servetel"), [Op::Revoke]);
    assert_eq!(marked("sangoma"), [Op::Validate, Op::Revoke]);
    for vendor in VENDORS {
        let page = format!("{}/../docs/vendors/{vendor}.md", env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(page).unwrap();
        for op in marked(vendor) {
            assert!(page.contains(&format!("`{}` (observed)", op.name())), "{vendor} {}", op.name());
        }
    }
}
