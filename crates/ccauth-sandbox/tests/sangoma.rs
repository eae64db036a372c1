//! What Sangoma CX does.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use ccauth_sandbox::{Account, Which};
use common::{Answer, Client, basic, start};

const BOTH: &str = "cx.agent-calls cx.queue-calls";

fn token_as(client: &Client, authorization: &str, form: &[(&str, &str)]) -> Answer {
    client.post_form("/sangoma/oauth/token", &[("Authorization", authorization)], form)
}

fn token(client: &Client, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    token_as(client, &basic("demo", "demo-secret"), &form)
}

fn calls(client: &Client, page: &str, token: &str) -> Answer {
    client.get(&format!("/sangoma/v1/{page}"), &[("Authorization", &format!("Bearer {token}"))]).unwrap()
}

#[test]
fn the_same_token_is_served_with_what_is_left_of_its_year() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let first = token(&client, BOTH);
    let access_token = first.text_at("/access_token");
    let expected = format!(
        "{{\"access_token\":\"{access_token}\",\"scope\":\"{BOTH}\",\"token_type\":\"bearer\",\
         \"expires_in\":31536000}}"
    );
    assert_eq!((first.status, first.text), (200, expected));
    sandbox.admin().advance(7_231_587);
    let later = token(&client, "cx.queue-calls cx.agent-calls");
    assert_eq!(later.text_at("/access_token"), access_token, "a set of scopes has no order");
    assert_eq!(later.text_at("/expires_in"), "24304413", "the number on the page");
    sandbox.admin().advance(24_304_413);
    assert_ne!(token(&client, BOTH).text_at("/access_token"), access_token);
}

#[test]
fn another_scope_set_has_another_token() {
    let (_sandbox, client) = start();
    let (one, both) = (token(&client, "cx.agent-calls"), token(&client, BOTH));
    assert_ne!(one.text_at("/access_token"), both.text_at("/access_token"));
}

#[test]
fn a_quirk_gives_a_new_token_each_time() {
    let (sandbox, client) = start();
    sandbox.admin().quirk("sangoma", "new_token_each_time", true).unwrap();
    let [first, second] = [(); 2].map(|()| token(&client, BOTH).text_at("/access_token"));
    assert_ne!(first, second);
    assert_eq!(
        (calls(&client, "agent-calls", &first).status, calls(&client, "agent-calls", &second).status),
        (200, 200)
    );
}

#[test]
fn unknown_scopes_are_dropped_and_nothing_but_unknown_ones_is_invalid_scope() {
    let (_sandbox, client) = start();
    assert_eq!(token(&client, "cx.agent-calls cx.everything").text_at("/scope"), "cx.agent-calls");
    for scope in ["cx.everything", ""] {
        let refused = token(&client, scope);
        assert_eq!((refused.status, &*refused.text_at("/error")), (400, "invalid_scope"));
    }
}

#[test]
fn errors_are_those_of_rfc_6749() {
    let (_sandbox, client) = start();
    let right = basic("demo", "demo-secret");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);
    let cases: [Case<'_>; 5] = [
        (&basic("demo", "wrong"), &[("grant_type", "client_credentials")], 401, "invalid_client"),
        ("Bearer x", &[("grant_type", "client_credentials")], 401, "invalid_client"),
        (&right, &[("grant_type", "password"), ("scope", BOTH)], 400, "unsupported_grant_type"),
        (&right, &[("scope", BOTH)], 400, "invalid_request"),
        (
            &right,
            &[("grant_type", "client_credentials"), ("scope", "a"), ("scope", "b")],
            400,
            "invalid_request",
        ),
    ];
    for (authorization, form, status, error) in cases {
        let answer = token_as(&client, authorization, form);
        assert_eq!((answer.status, &*answer.text_at("/error")), (status, error), "{form:?}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
}

#[test]
fn the_protected_endpoint_wants_bearer_and_the_scope() {
    let (sandbox, client) = start();
    let access_token = token(&client, "cx.agent-calls").text_at("/access_token");
    assert_eq!(calls(&client, "agent-calls", &access_token).status, 200);
    let narrow = calls(&client, "queue-calls", &access_token);
    assert_eq!((narrow.status, &*narrow.text_at("/error")), (403, "insufficient_scope"));
    let bare = client.get("/sangoma/v1/agent-calls", &[("Authorization", &access_token)]).unwrap();
    assert_eq!(bare.status, 401);
    sandbox.admin().revoke(&Which::Vendor("sangoma".to_owned())).unwrap();
    let dead = calls(&client, "agent-calls", &access_token);
    assert_eq!(dead.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
}

#[test]
fn basic_credentials_come_raw_or_form_encoded() {
    let (sandbox, client) = start();
    let odd = "p%a:s&s+w=\" ö";
    let fields = [("client_id", "tenant"), ("client_secret", odd)];
    sandbox.admin().add_account(Account::new("sangoma", "tenant", fields).unwrap()).unwrap();
    let encoded: String = form_urlencoded::byte_serialize(odd.as_bytes()).collect();
    let form = [("grant_type", "client_credentials"), ("scope", BOTH)];
    for secret in [odd, &encoded] {
        assert_eq!(token_as(&client, &basic("tenant", secret), &form).status, 200, "{secret}");
    }
    assert_eq!(token_as(&client, &basic("tenant", "p%a"), &form).status, 401);
}

#[test]
fn magic_accounts_misbehave_without_set_up() {
    let (_sandbox, client) = start();
    let form = [("grant_type", "client_credentials"), ("scope", BOTH)];
    let of = |id| token_as(&client, &basic(id, "demo-secret"), &form);
    assert_eq!((of("acct-429").status, of("acct-429").header("retry-after")), (429, Some("30")));
    assert_eq!(of("acct-500").text_at("/error"), "server_error");
    assert_eq!(of("acct-lockout").text_at("/error"), "unauthorized_client");
}
