//! What holds for every vendor, whatever it is.

use std::path::Path;

use ccauth_core::http::Response;
use ccauth_core::{
    BaseUrl, Body, Descriptor, Error, FieldKind, Login, Need, Op, Outcome, Reading, Reply, Secret, Vendor,
    detail,
};

use crate::case::Case;
use crate::echo;
use crate::explained;
use crate::forms;
use crate::wire::render_request;

/// The fewest cases with which a vendor counts as covered.
const FEWEST_CASES: usize = 25;

/// Checks `vendor` against its cases in `root/<vendor id>/` and against what holds for all.
///
/// # Panics
/// On the first thing that does not hold, naming the case.
pub fn conforms(vendor: &'static dyn Vendor, root: &str) {
    descriptor_is_complete(vendor.descriptor());
    let cases = Case::load_all(vendor, root);
    assert!(cases.len() >= FEWEST_CASES, "{}: only {} cases", vendor.descriptor().id, cases.len());
    for &op in Op::ALL {
        let supported = vendor.descriptor().can(op);
        assert_eq!(
            cases.iter().any(|c| c.op == op),
            supported,
            "{}: cases of {}",
            vendor.descriptor().id,
            op.name()
        );
        if !supported {
            let refused =
                vendor.build(op, &cases[0].login, None, cases[0].now).expect_err("an operation it lacks");
            assert_eq!(refused.detail(), &detail::OPERATION_UNSUPPORTED);
        }
    }
    for case in &cases {
        request_is_exact(vendor, case);
        reply_comes_to_what_is_expected(vendor, case);
        every_cut_is_an_error_or_the_whole_token(vendor, case);
        no_fault_status_yields_a_token(vendor, case);
        nothing_shows_a_secret(vendor, case);
    }
    fields_are_refused_by_name(vendor, &cases[0]);
    nothing_that_is_said_back_shows(vendor, root, &cases);
    forms::are_read_alike(vendor, &cases);
    explained::are_kept(vendor, &cases);
}

/// Once for all cases: the secrets of each operation's first case.
fn nothing_that_is_said_back_shows(vendor: &'static dyn Vendor, root: &str, cases: &[Case]) {
    let names = echo::names(&Path::new(root).with_file_name("src"));
    let first = cases.iter().find(|case| case.op != Op::Issue).unwrap_or(&cases[0]);
    let (login, held, secrets, now) = (&first.login, first.held.as_ref(), &first.secrets, first.now);
    echo::nothing_is_shown(vendor, &names, &echo::Told { login, held, secrets, now });
}

fn descriptor_is_complete(d: &'static Descriptor) {
    let kebab = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    assert!(kebab(d.id) && !d.id.is_empty(), "{}: id", d.id);
    assert!(!d.name.is_empty() && d.page.starts_with("https://"), "{}: name and page", d.id);
    assert_eq!(d.operations.first(), Some(&Op::Issue), "{}: issue comes first", d.id);
    assert!(d.lifetime.documented > 0 && d.lifetime.longest >= d.lifetime.documented, "{}: lifetime", d.id);
    // A life given in milliseconds must be longer than the longest that is believed.
    assert!(d.lifetime.documented.saturating_mul(1000) > d.lifetime.longest, "{}: milliseconds pass", d.id);
    assert!(!d.base_urls.is_empty(), "{}: base URL", d.id);
    for BaseUrl { region, url, .. } in d.base_urls {
        assert!(kebab(region) && url.starts_with("https://") && !url.ends_with('/'), "{}: {url}", d.id);
    }
    for field in d.fields {
        assert!(field.doc.ends_with('.') && field.doc.len() > 10, "{}: doc of {}", d.id, field.name);
        assert!(!ccauth_core::COMMON.iter().any(|c| c.name == field.name), "{}: {}", d.id, field.name);
        if let Need::Unless(other) = field.need {
            assert!(d.fields.iter().any(|f| f.name == other), "{}: {other}", d.id);
        }
    }
}

fn request_is_exact(vendor: &'static dyn Vendor, case: &Case) {
    let build = || vendor.build(case.op, &case.login, case.held.as_ref(), case.now);
    let request = build().unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let (got, want) = (render_request(&request), &case.request);
    assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(want), "{}: request", case.name);
    assert_eq!(&got, want, "{}: request bytes", case.name);
    assert_eq!(got, render_request(&build().expect("as before")), "{}: builds differ", case.name);
    let shown = format!("{request:?} {}", request.uri());
    for secret in &case.secrets {
        assert!(!shown.contains(secret.as_str()), "{}: the request shows a secret", case.name);
    }
    if case.op != Op::Issue {
        let without = vendor.build(case.op, &case.login, None, case.now).expect_err("no token to act on");
        assert_eq!(without.detail(), &detail::TOKEN_NEEDED, "{}", case.name);
    }
}

fn read(vendor: &'static dyn Vendor, case: &Case, reply: &Reply) -> Result<Outcome, Error> {
    vendor.read(&Reading::new(case.op, &case.login, case.held.as_ref(), reply, case.now))
}

fn reply_comes_to_what_is_expected(vendor: &'static dyn Vendor, case: &Case) {
    let (name, expect) = (&case.name, &case.expect);
    match read(vendor, case, &case.reply) {
        Ok(Outcome::Token(token)) => {
            expect.check_token(name, &token, case.now);
            assert!(
                token.is_expired(case.now) == (expect.expires_in == Some(0)),
                "{name}: fresh in the past"
            );
        }
        Ok(Outcome::Valid(expiry)) => {
            let left = expiry.at.map(|at| at.duration_since(case.now).as_secs());
            assert_eq!(left, expect.valid_for, "{name}: valid_for");
        }
        Ok(Outcome::Done) => assert!(expect.done, "{name}: done"),
        Err(e) => {
            assert_eq!(Some(e.detail().word), expect.error.as_deref(), "{name}: {e}");
            assert_eq!(e.vendor(), Some(vendor.descriptor().id), "{name}: vendor");
            assert_eq!(e.http_status(), Some(case.reply.status().as_u16()), "{name}: http_status");
            assert_eq!(e.vendor_code(), expect.vendor_code.as_deref(), "{name}: vendor_code");
            assert_eq!(e.vendor_message(), expect.vendor_message.as_deref(), "{name}: vendor_message");
            assert_eq!(e.request_id(), expect.request_id.as_deref(), "{name}: request_id");
            assert_eq!(e.retry_after().map(|d| d.as_secs()), expect.retry_after, "{name}: retry_after");
        }
    }
}

fn with_body(reply: &Reply, body: &[u8]) -> Reply {
    let mut cut = Response::builder().status(reply.status()).body(Body::new(body.to_vec())).expect("a reply");
    *cut.headers_mut() = reply.headers().clone();
    cut
}

fn every_cut_is_an_error_or_the_whole_token(vendor: &'static dyn Vendor, case: &Case) {
    let body = case.reply.body().bytes();
    for length in 0..body.len().min(8 * 1024) {
        let outcome = read(vendor, case, &with_body(&case.reply, &body[..length]));
        match outcome {
            Ok(Outcome::Token(token)) => {
                // In a document that is refused as a whole, a cut may leave a document that is fine.
                let whole = [format!("\"{}\"", token.value()), format!(">{}<", token.value())];
                let squeezed: String = String::from_utf8_lossy(body).split_whitespace().collect();
                // In another encoding than UTF-8 the document's own end tells.
                let cannot_tell = !body.is_ascii();
                let whole = cannot_tell || whole.iter().any(|t| squeezed.contains(t.as_str()));
                assert!(whole, "{}: cut at {length}", case.name);
            }
            Ok(Outcome::Valid(_)) => {
                assert!(case.expect.valid_for.is_some(), "{}: cut at {length}", case.name)
            }
            Ok(Outcome::Done) => assert!(case.expect.done, "{}: cut at {length}", case.name),
            Err(_) => {}
        }
    }
}

fn no_fault_status_yields_a_token(vendor: &'static dyn Vendor, case: &Case) {
    for status in [302, 401, 403, 404, 429, 500, 503] {
        let mut reply = with_body(&case.reply, case.reply.body().bytes());
        *reply.status_mut() = status.try_into().expect("a status");
        assert!(read(vendor, case, &reply).is_err(), "{}: success under HTTP {status}", case.name);
    }
}

fn nothing_shows_a_secret(vendor: &'static dyn Vendor, case: &Case) {
    let mut shown = format!("{:?}", case.login);
    let page = format!("<html>{}</html>", case.secrets.join(" and "));
    let e = read(vendor, case, &with_body(&case.reply, page.as_bytes())).expect_err("a page is no success");
    shown += &format!("{e} {e:?}");
    match read(vendor, case, &case.reply) {
        Ok(outcome) => shown += &format!("{outcome:?}"),
        Err(e) => shown += &format!("{e} {e:?}"),
    }
    for secret in case.secrets.iter().chain(&case.expect.token) {
        assert!(!shown.contains(secret.as_str()), "{}: a secret shows in {shown}", case.name);
    }
}

fn fields_are_refused_by_name(vendor: &'static dyn Vendor, case: &Case) {
    let d = vendor.descriptor();
    for field in d.fields.iter().filter(|f| case.login.get(f.name).is_some()) {
        let long = "x".repeat(4097);
        let mut bad =
            vec!["", "line\nbreak", "nul\0", "tab\t", "delete\u{7f}", "next line\u{85}", long.as_str()];
        if matches!(field.kind, FieldKind::Choice(_)) {
            bad.push("no such word");
        }
        for value in bad {
            let e = case.login.with(field.name, Secret::from(value)).expect_err(field.name);
            assert_eq!(e.detail(), &detail::CONFIG_VALUE, "{}: {e}", field.name);
            assert!(e.message().starts_with(field.name), "{e}");
            assert!(value.len() < 4 || !e.to_string().contains(value), "{}: shows its value", field.name);
        }
        let typo = format!("{}x", field.name);
        let e = Login::new(vendor, [(typo.as_str(), Secret::from("x"))]).expect_err("a typo");
        assert_eq!(e.detail(), &detail::CONFIG_UNKNOWN);
        assert!(e.message().contains(field.name), "no hint at {}: {e}", field.name);
        if field.need == Need::Required {
            let others = d.fields.iter().filter(|f| f.name != field.name);
            let others = others.filter_map(|f| Some((f.name, Secret::from(case.login.get(f.name)?))));
            let e = Login::new(vendor, others).expect_err("a missing field");
            assert_eq!(e.detail(), &detail::CONFIG_MISSING);
            assert!(e.message().starts_with(field.name), "{e}");
        }
    }
}
