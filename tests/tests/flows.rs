//! Every vendor and every operation: issued, used, renewed in the vendor's way, checked, ended.

use ccauth::{Account, ErrorKind, Expiry, ExpirySource, Op, Renewal, Timestamp, detail};
use ccauth_sandbox::Filter;
use ccauth_tests::{
    VENDORS, accepted, account, account_with, add_account, builder, get, named, reaching, sandbox, takes,
};

#[test]
fn every_vendor_of_ccauth_is_one_of_the_sandbox_or_has_a_file_of_tests_here() {
    for vendor in ccauth::vendors().map(|vendor| vendor.descriptor().id) {
        let own = format!("{}/tests/{}.rs", env!("CARGO_MANIFEST_DIR"), vendor.replace('-', "_"));
        assert!(VENDORS.contains(&vendor) || std::path::Path::new(&own).is_file(), "{vendor} is not tested");
    }
    let sandbox = sandbox();
    for vendor in VENDORS {
        assert!(ccauth::vendor(vendor).is_ok() && !sandbox.account(vendor).fields().is_empty());
    }
}

#[test]
fn p14_every_vendor_issues_a_token_that_its_endpoint_takes() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        let token = account.issue().unwrap();
        assert!(accepted(&sandbox, &account, &token), "{vendor}");
        assert_eq!(token.warnings(), [""; 0], "{vendor}: an honest reply is nothing odd");
        let shown = format!("{token:?}");
        assert!(!shown.contains(token.value()), "{shown}");
    }
}

#[test]
fn a_token_s_life_is_the_vendor_s_word() {
    // Servetel's JWT and its reply say the same, so the reply's word stands.
    let lives = [
        ("exotel-ccm", 86_400, ExpirySource::Server),
        ("exotel-webrtc", 90 * 86_400, ExpirySource::Documented),
        ("contactnow", 12 * 3600, ExpirySource::Server),
        ("servetel", 3600, ExpirySource::Server),
        ("sangoma", 31_536_000, ExpirySource::Server),
    ];
    let sandbox = sandbox();
    // The vendor's clock is wrong by hours: a life is counted on ours all the same (C24).
    for offset in [0, -7 * 3600, 5 * 3600] {
        sandbox.admin().reset();
        sandbox.admin().set_offset(offset);
        for (vendor, life, source) in lives {
            let token = account(&sandbox, vendor).issue().unwrap();
            let Expiry { at, source: by, .. } = token.expiry();
            let left = at.unwrap().duration_since(token.issued_at()).as_secs();
            assert!((life - 3..=life + 1).contains(&left), "{vendor} at {offset}: {left}");
            assert_eq!(by, source, "{vendor}");
        }
    }
}

#[test]
fn exotel_gives_another_token_and_takes_the_old_one_still() {
    let sandbox = sandbox();
    for vendor in ["exotel-ccm", "exotel-webrtc"] {
        let account = account(&sandbox, vendor);
        assert_eq!(account.login().renewal(), Renewal::Reissue);
        let old = account.issue().unwrap();
        let new = account.renew(&old).unwrap();
        assert!(!new.same_value(&old), "{vendor}");
        assert!(accepted(&sandbox, &account, &old), "{vendor}: the old one");
        assert!(accepted(&sandbox, &account, &new), "{vendor}: the new one");
    }
}

#[test]
fn servetel_exchanges_the_token_and_refuses_the_old_one() {
    let sandbox = sandbox();
    for carriage in ["bare", "bearer"] {
        let account = account_with(&sandbox, "servetel", &[("refresh_carriage", carriage)]).unwrap();
        assert_eq!(account.login().renewal(), Renewal::Refresh);
        let old = account.issue().unwrap();
        let new = account.renew(&old).unwrap();
        assert!(!new.same_value(&old));
        assert!(!accepted(&sandbox, &account, &old), "{carriage}: the old one");
        assert!(accepted(&sandbox, &account, &new), "{carriage}: the new one");
        let again = account.renew(&old).unwrap_err();
        assert_eq!(again.detail(), &detail::TOKEN_REJECTED, "{carriage}: {again}");
        assert_eq!(again.vendor_message(), Some("The token has been blacklisted"));
        let refreshes = sandbox.admin().requests(&Filter::all().route("refresh"));
        let login = account.issue().unwrap();
        assert!(accepted(&sandbox, &account, &login), "a login mends it");
        let after = sandbox.admin().requests(&Filter::all().route("refresh"));
        assert_eq!(refreshes.len(), after.len(), "which is no refresh");
    }
}

#[test]
fn servetel_exchanges_an_expired_token_for_two_weeks_and_says_so_after_them() {
    let sandbox = sandbox();
    let account = account(&sandbox, "servetel");
    let old = account.issue().unwrap();
    sandbox.admin().advance(3601);
    let new = account.renew(&old).unwrap();
    assert!(accepted(&sandbox, &account, &new));
    sandbox.admin().advance(14 * 86_400);
    let late = account.renew(&new).unwrap_err();
    assert_eq!(late.detail(), &detail::TOKEN_EXPIRED, "{late}");
    assert_eq!(late.kind(), ErrorKind::Revoked);
}

#[test]
fn contactnow_and_sangoma_give_the_same_token_until_it_expires_and_then_a_new_one() {
    let sandbox = sandbox();
    for (vendor, life) in [("contactnow", 12 * 3600), ("sangoma", 31_536_000)] {
        let account = account(&sandbox, vendor);
        assert_eq!(account.login().renewal(), Renewal::SameUntilExpiry);
        let first = account.issue().unwrap();
        sandbox.admin().advance(life / 2);
        let half = account.renew(&first).unwrap();
        assert!(half.same_value(&first), "{vendor}: the same while it lives");
        let left = half.expiry().left(half.issued_at()).unwrap().as_secs();
        assert!(left <= (life / 2) as u64 + 1, "{vendor}: with what is left of it, not {left}");
        sandbox.admin().advance(life / 2 + 1);
        assert!(!accepted(&sandbox, &account, &half), "{vendor}: the expired one");
        let next = account.renew(&half).unwrap();
        assert!(!next.same_value(&first), "{vendor}: a new one");
        assert!(accepted(&sandbox, &account, &next), "{vendor}");
    }
}

#[test]
fn contactnow_validates_revokes_and_changes_the_password_in_both_formats_and_methods() {
    for (format, method) in [("json", "post"), ("json", "get"), ("xml", "post"), ("xml", "get")] {
        let sandbox = sandbox();
        let account =
            account_with(&sandbox, "contactnow", &[("format", format), ("method", method)]).unwrap();
        let why = format!("{format} by {method}");

        let token = account.issue().unwrap();
        assert!(accepted(&sandbox, &account, &token), "{why}");
        let until = account.validate(&token).unwrap();
        let drift = until.at.unwrap().duration_since(token.expires_at().unwrap()).abs();
        assert!(drift.as_secs() <= 2, "{why}: validate says {until:?}");

        account.revoke(&token).unwrap();
        assert!(!accepted(&sandbox, &account, &token), "{why}: revoked");
        for failure in [account.validate(&token).unwrap_err(), account.revoke(&token).unwrap_err()] {
            assert_eq!(failure.detail(), &detail::TOKEN_REJECTED, "{why}: {failure}");
            assert_eq!(failure.kind(), ErrorKind::Revoked);
            assert_eq!(failure.vendor_message(), Some("Invalid token"), "{why}");
        }

        let token = account.issue().unwrap();
        account.change_password(&token, "a new & better=password").unwrap();
        let next = account.issue().unwrap();
        assert!(accepted(&sandbox, &account, &next), "{why}: goes on with the new password");
        let other = account_with(&sandbox, "contactnow", &[("format", format)]).unwrap();
        let refused = other.issue().unwrap_err();
        assert_eq!(refused.detail(), &detail::CREDENTIALS_REJECTED, "{why}: the old password: {refused}");
        let fields = [("format", format), ("password", "a new & better=password")];
        assert!(account_with(&sandbox, "contactnow", &fields).unwrap().issue().is_ok(), "{why}");

        sandbox.admin().advance(12 * 3600 + 1);
        let expired = account.validate(&next).unwrap_err();
        assert_eq!(expired.detail(), &detail::TOKEN_EXPIRED, "{why}: {expired}");

        let by_get = sandbox.admin().requests(&Filter::all().route("token"));
        let in_query = by_get[0].query_keys.iter().any(|key| key == "password");
        assert_eq!(in_query, method == "get", "p12: a password stands in a URL only where that is asked for");
    }
}

#[test]
fn contactnow_keeps_the_old_password_when_the_change_fails() {
    let sandbox = sandbox();
    let account = account(&sandbox, "contactnow");
    let token = account.issue().unwrap();
    account.revoke(&token).unwrap();
    let failure = account.change_password(&token, "another").unwrap_err();
    assert_eq!(failure.detail(), &detail::TOKEN_REJECTED);
    assert!(account.issue().is_ok(), "the old one still serves");
    let token = account.issue().unwrap();
    let sent = sandbox.admin().requests(&Filter::all()).len();
    let failure = account.change_password(&token, "with\na newline").unwrap_err();
    assert_eq!(failure.detail(), &detail::CONFIG_VALUE, "{failure}");
    assert!(failure.message().starts_with("password"), "{failure}");
    assert_eq!(sandbox.admin().requests(&Filter::all()).len(), sent, "refused before anything is sent");
}

#[test]
fn contactnow_binds_a_token_to_the_addresses_it_is_told() {
    let sandbox = sandbox();
    let elsewhere = account_with(&sandbox, "contactnow", &[("address", "192.0.2.7, 2001:db8::1")]).unwrap();
    let token = elsewhere.issue().unwrap();
    assert!(!accepted(&sandbox, &elsewhere, &token), "bound to another address");
    let failure = elsewhere.validate(&token).unwrap_err();
    assert_eq!(failure.detail(), &detail::TOKEN_REJECTED);
    // A second request from here adds this address to the same token.
    let here = account(&sandbox, "contactnow");
    assert!(here.issue().unwrap().same_value(&token));
    assert!(accepted(&sandbox, &here, &token));
}

#[test]
fn a_webrtc_customer_s_token_and_an_app_s_open_different_doors() {
    let sandbox = sandbox();
    let customer = account(&sandbox, "exotel-webrtc");
    let app_account = named(&sandbox, "exotel-webrtc", "demo-app");
    let app = builder(&sandbox, app_account).build().unwrap();
    let (apps, users) = (sandbox.protected("exotel-webrtc").url, sandbox.protected_for(app_account).url);
    assert_ne!(apps, users);
    for (account, good, bad) in [(&customer, &apps, &users), (&app, &users, &apps)] {
        let token = account.issue().unwrap();
        assert!(takes(account, good, &token), "{good}");
        assert!(!takes(account, bad, &token), "{bad}");
    }
}

#[test]
fn servetel_and_webrtc_tokens_travel_bare_or_as_bearer_as_configured() {
    let sandbox = sandbox();
    sandbox.admin().quirk("exotel-webrtc", "bearer", true).unwrap();
    for vendor in ["exotel-webrtc", "servetel"] {
        for (carriage, scheme) in [("bare", ""), ("bearer", "Bearer ")] {
            let account = account_with(&sandbox, vendor, &[("carriage", carriage)]).unwrap();
            let token = account.issue().unwrap();
            assert_eq!(token.header().unwrap().1, format!("{scheme}{}", token.value()).as_str());
            assert!(accepted(&sandbox, &account, &token), "{vendor} {carriage}");
        }
    }
}

#[test]
fn sangoma_shows_the_scopes_it_grants_and_warns_of_fewer() {
    let sandbox = sandbox();
    let account =
        account_with(&sandbox, "sangoma", &[("scopes", "cx.agent-calls cx.no-such-scope")]).unwrap();
    let token = account.issue().unwrap();
    assert_eq!(token.extra("scope"), Some("cx.agent-calls"));
    assert_eq!(token.warnings(), ["scope.reduced"]);
    let none = account_with(&sandbox, "sangoma", &[("scopes", "cx.no-such-scope")]).unwrap();
    let failure = none.issue().unwrap_err();
    assert_eq!(failure.detail(), &detail::REQUEST_REFUSED, "{failure}");
    assert_eq!(failure.vendor_code(), Some("invalid_scope"));
}

#[test]
fn a_pasted_token_serves_without_a_request() {
    for vendor in VENDORS {
        let sandbox = sandbox();
        let asking = account(&sandbox, vendor);
        let issued = asking.issue().unwrap();
        for scheme in ["", "Bearer ", "bearer  "] {
            let pasted = format!("{scheme}{}", issued.value());
            let account = reaching(&sandbox, vendor, [("token", pasted.as_str())]).build().unwrap();
            assert_eq!(account.login().renewal(), Renewal::Static);
            let before = sandbox.admin().connections().len();
            let token = account.issue().unwrap();
            assert_eq!(sandbox.admin().connections().len(), before, "{vendor}: nothing is sent");
            assert!(token.same_value(&issued), "{vendor}: {scheme:?} is cut off");
            let failure = account.renew(&token).unwrap_err();
            assert_eq!(failure.detail(), &detail::OPERATION_UNSUPPORTED, "{vendor}");
            assert!(accepted(&sandbox, &account, &token), "{vendor}");
        }
    }
}

#[test]
fn a_pasted_jwt_that_has_ended_is_refused_without_a_request() {
    let sandbox = sandbox();
    // {"alg":"none"} . {"exp":1000000000} . x
    let ended = "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAwMDAwMDB9.eA";
    for vendor in VENDORS {
        let account = reaching(&sandbox, vendor, [("token", ended)]).build().unwrap();
        let failure = account.issue().unwrap_err();
        assert_eq!(failure.detail(), &detail::TOKEN_EXPIRED, "{vendor}");
        assert_eq!(failure.vendor(), Some(vendor));
    }
    assert!(sandbox.admin().connections().is_empty());
}

#[test]
fn plain_basic_serves_exotel_ccm_without_a_token_request() {
    let sandbox = sandbox();
    let account = account_with(&sandbox, "exotel-ccm", &[("carriage", "basic")]).unwrap();
    let ready = account.issue().unwrap();
    assert!(sandbox.admin().connections().is_empty(), "nothing is sent");
    assert_eq!(ready.expiry(), Expiry::NEVER);
    assert!(accepted(&sandbox, &account, &ready));
    let wrong = [("carriage", "basic"), ("api_token", "another")];
    let wrong = account_with(&sandbox, "exotel-ccm", &wrong).unwrap();
    let reply = get(&wrong, &sandbox.protected("exotel-ccm").url, Some(&wrong.issue().unwrap())).unwrap();
    assert_eq!(reply.status().as_u16(), 401);
}

#[test]
fn an_operation_that_a_vendor_lacks_is_refused_without_a_request_and_names_those_it_has() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let account = account(&sandbox, vendor);
        let held = account.issue().unwrap();
        let sent = sandbox.admin().connections().len();
        for op in [Op::Validate, Op::Revoke, Op::ChangePassword] {
            if account.descriptor().can(op) {
                continue;
            }
            let failure = match op {
                Op::Validate => account.validate(&held).unwrap_err(),
                Op::Revoke => account.revoke(&held).unwrap_err(),
                _ => account.change_password(&held, "new").unwrap_err(),
            };
            assert_eq!(failure.kind(), ErrorKind::Unsupported, "{vendor}: {failure}");
            assert!(failure.message().contains("issue"), "{vendor}: {failure}");
        }
        assert_eq!(sandbox.admin().connections().len(), sent, "{vendor}");
    }
}

#[test]
fn a_region_selects_the_host_and_a_base_url_replaces_it_with_its_path() {
    let hosts = [
        ("exotel-ccm", None, "https://ccm-api.exotel.com"),
        ("exotel-ccm", Some("mumbai"), "https://ccm-api.in.exotel.com"),
        ("exotel-webrtc", None, "https://integrationscore.mum1.exotel.com"),
        ("contactnow", None, "https://api.contactnow.8x8.com"),
        ("contactnow", Some("us"), "https://api.contactnow.8x8.com/api"),
        ("contactnow", Some("eu"), "https://api-106.dxi.eu"),
        ("servetel", None, "https://api.servetel.in"),
        ("servetel", Some("smartflo"), "https://api-smartflo.tatateleservices.com"),
        ("sangoma", None, "https://auth.sangoma.com"),
    ];
    let sandbox = sandbox();
    for (vendor, region, url) in hosts {
        let customer = sandbox.account(vendor);
        let mut builder = Account::builder(vendor);
        for field in customer.fields() {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        if let Some(region) = region {
            builder = builder.field("region", region);
        }
        assert_eq!(builder.build().unwrap().login().base_url(), url, "{vendor} {region:?}");
    }
    // The sandbox lives below a path, so every flow shows that a base URL keeps it; a slash at its end
    // changes nothing.
    for vendor in VENDORS {
        let mut builder = Account::builder(vendor)
            .field("base_url", format!("{}/", sandbox.base_url(vendor)))
            .field("ca_file", sandbox.ca_file().to_string_lossy().into_owned());
        for field in sandbox.account(vendor).fields() {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        let account = builder.build().unwrap();
        assert_eq!(account.login().base_url(), sandbox.base_url(vendor));
        assert!(account.issue().is_ok(), "{vendor}");
    }
}

#[test]
fn every_quirk_of_a_vendor_leaves_a_token_that_is_taken() {
    let sandbox = sandbox();
    for quirk in sandbox.admin().quirks() {
        sandbox.admin().reset();
        sandbox.admin().quirk(quirk.vendor, quirk.name, !quirk.on).unwrap();
        let account = account(&sandbox, quirk.vendor);
        let token = account.issue();
        let token = token.unwrap_or_else(|error| panic!("{} {}: {error}", quirk.vendor, quirk.name));
        // By then it is known everywhere.
        sandbox.admin().advance(2);
        assert!(accepted(&sandbox, &account, &token), "{} {}", quirk.vendor, quirk.name);
        // And a wrong secret is still known for one.
        let secret = sandbox.account(quirk.vendor).fields().iter().find(|field| field.secret).unwrap();
        let wrong = account_with(&sandbox, quirk.vendor, &[(secret.name.as_str(), "not-it")]).unwrap();
        let failure = wrong.issue().unwrap_err();
        assert_eq!(failure.detail(), &detail::CREDENTIALS_REJECTED, "{} {}", quirk.vendor, quirk.name);
    }
}

#[test]
fn one_account_serves_many_threads_at_once() {
    let sandbox = sandbox();
    let accounts = VENDORS.map(|vendor| account(&sandbox, vendor));
    std::thread::scope(|scope| {
        for account in &accounts {
            for _ in 0..4 {
                scope.spawn(|| {
                    let token = account.issue().unwrap();
                    assert!(accepted(&sandbox, account, &token));
                });
            }
        }
    });
}

#[test]
fn p14_no_account_gets_another_account_s_token() {
    let sandbox = sandbox();
    let customer =
        add_account(&sandbox, "contactnow", "second", &[("username", "second"), ("password", "secret-two")]);
    let first = account(&sandbox, "contactnow").issue().unwrap();
    let second = builder(&sandbox, &customer).build().unwrap().issue().unwrap();
    assert!(!first.same_value(&second));
    assert!(first.issued_at() > Timestamp::UNIX_EPOCH);
}
