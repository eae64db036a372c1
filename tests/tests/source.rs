//! A source against each of the vendors, over sockets.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::sync::Barrier;
use std::thread;

use ccauth::{ErrorKind, Source};
use ccauth_sandbox::{Action, Fault, Filter, RetryAfter, Sandbox, Which};
use ccauth_tests::{VENDORS, accepted, account, account_with, sandbox};

/// How often the vendor was asked for a token.
fn issued(sandbox: &Sandbox, vendor: &str) -> usize {
    let asked = sandbox.admin().requests(&Filter::all().vendor(vendor));
    asked.iter().filter(|entry| entry.route == "token").count()
}

/// Waits until the source has another token than this one.
fn another(source: &Source, than: &ccauth::Token) -> ccauth::Token {
    ccauth_tests::wait_for("another token", || {
        let token = source.token().ok()?;
        (!token.same_value(than)).then_some(token)
    })
}

#[test]
fn sixteen_threads_ask_each_vendor_once_and_get_a_token_that_it_takes() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        let source = Source::open(&account);
        let all = Barrier::new(16);
        let tokens: Vec<_> = thread::scope(|scope| {
            let ask = || {
                all.wait();
                source.token().unwrap()
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(tokens.iter().all(|token| token.same_value(&tokens[0])), "{vendor}");
        assert!(accepted(&sandbox, &account, &tokens[0]), "{vendor}");
        let mut into = [0; 2_048];
        let seen = source.try_token(&mut into).unwrap();
        assert_eq!(seen.value, Some(tokens[0].attached().expose().as_bytes()), "{vendor}");
        assert_eq!(source.carriage(), tokens[0].carriage(), "{vendor}");
        assert_eq!(issued(&sandbox, vendor), 1, "{vendor}");
    }
}

#[test]
fn p19_a_token_that_the_vendor_has_revoked_costs_one_report_and_one_renewal() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        let source = Source::open(&account);
        let revoked = source.token().unwrap();
        sandbox.admin().revoke(&Which::Vendor(vendor.to_owned())).unwrap();
        assert!(!accepted(&sandbox, &account, &revoked), "{vendor}");
        for _ in 0..8 {
            source.report_rejected(&revoked);
        }
        let next = another(&source, &revoked);
        assert!(accepted(&sandbox, &account, &next), "{vendor}");
        source.report_rejected(&revoked);
        assert!(source.token().unwrap().same_value(&next), "{vendor}");
        assert_eq!(issued(&sandbox, vendor), 2, "{vendor}");
    }
}

#[test]
fn an_outage_is_told_once_with_a_wait_and_ends_by_itself() {
    let sandbox = sandbox();
    thread::scope(|scope| {
        for vendor in VENDORS {
            let sandbox = &sandbox;
            scope.spawn(move || outage(sandbox, vendor));
        }
    });
}

fn outage(sandbox: &Sandbox, vendor: &str) {
    let retry_after = Some(RetryAfter::Seconds(5));
    let down = Action::Status { status: 503, retry_after, headers: Vec::new() };
    let fault = sandbox.admin().add_fault(Fault::new(down).vendor(vendor)).unwrap();
    let source = Source::open(&account(sandbox, vendor));
    let failures: Vec<_> = (0..50).map(|_| source.token().unwrap_err()).collect();
    for failure in failures {
        assert_eq!(failure.kind(), ErrorKind::Vendor, "{vendor}: {failure}");
        assert!(failure.retry_after().is_some_and(|wait| wait.as_secs() <= 5), "{vendor}: {failure}");
    }
    assert_eq!(sandbox.admin().requests(&Filter::all().vendor(vendor)).len(), 1, "{vendor}");
    sandbox.admin().remove_fault(fault);
    let token = ccauth_tests::wait_for("the end of the outage", || source.token().ok());
    assert!(accepted(sandbox, &account(sandbox, vendor), &token), "{vendor}");
}

#[test]
fn a_wrong_password_is_tried_once_and_the_right_one_at_once() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let secret = sandbox.account(vendor).fields().iter().find(|field| field.secret).unwrap().name.clone();
        let source = Source::open(&account_with(&sandbox, vendor, &[(secret.as_str(), "not-it")]).unwrap());
        for _ in 0..50 {
            assert_eq!(source.token().unwrap_err().kind(), ErrorKind::Credentials, "{vendor}");
        }
        assert_eq!(sandbox.admin().requests(&Filter::all().vendor(vendor)).len(), 1, "{vendor}");
        source.replace(&account(&sandbox, vendor)).unwrap();
        assert!(source.token().is_ok(), "{vendor}");
    }
}
