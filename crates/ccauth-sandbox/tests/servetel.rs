//! What Servetel does.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use common::{Answer, Client, start};
use serde_json::json;

const WRONG: &str = "The username or password is incorrect.";

fn login(client: &Client, password: &str) -> Answer {
    let body = json!({ "email": "demo@example.com", "password": password });
    client.post_json("/servetel/v1/auth/login", &body)
}

fn refresh(client: &Client, authorization: &str) -> Answer {
    client.post("/servetel/v1/auth/refresh", &[("Authorization", authorization)], "").unwrap()
}

fn records(client: &Client, authorization: &str) -> u16 {
    client.get("/servetel/v1/call/records", &[("Authorization", authorization)]).unwrap().status
}

#[test]
fn a_login_gives_an_hour_and_says_how_long_the_password_lasts() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let answer = login(&client, "demo-secret");
    let token = answer.text_at("/access_token");
    let expected = format!(
        "{{\"success\":true,\"access_token\":\"{token}\",\"token_type\":\"bearer\",\"expires_in\":3600,\
         \"number_of_days_left\":90}}"
    );
    assert_eq!((answer.status, answer.text), (200, expected));
    assert_eq!(token.split('.').count(), 3, "a JWT");
    assert_eq!((records(&client, &token), records(&client, &format!("Bearer {token}"))), (200, 200));
    sandbox.admin().advance(3600);
    assert_eq!(records(&client, &token), 401);
}

#[test]
fn a_refresh_kills_the_old_token_at_once_and_a_second_one_is_blacklisted() {
    let (_sandbox, client) = start();
    let old = login(&client, "demo-secret").text_at("/access_token");
    let new = refresh(&client, &old).text_at("/access_token");
    assert_eq!((records(&client, &old), records(&client, &new)), (401, 200));
    let again = refresh(&client, &old);
    assert_eq!((again.status, &*again.text_at("/message")), (401, "The token has been blacklisted"));
    assert_eq!(refresh(&client, &format!("Bearer {new}")).status, 200, "Bearer is taken too");
}

#[test]
fn an_expired_token_may_be_refreshed_for_two_weeks_from_the_login() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let token = login(&client, "demo-secret").text_at("/access_token");
    sandbox.admin().advance(14 * 86_400 - 1);
    let token = refresh(&client, &token).text_at("/access_token");
    sandbox.admin().advance(1);
    let late = refresh(&client, &token);
    assert_eq!((late.status, &*late.text_at("/success")), (401, "false"));
    assert_eq!(late.text_at("/message"), "Token has expired and can no longer be refreshed");
}

#[test]
fn early_refresh_is_refused_when_the_quirk_is_off() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    sandbox.admin().quirk("servetel", "early_refresh", false).unwrap();
    let token = login(&client, "demo-secret").text_at("/access_token");
    assert_eq!(refresh(&client, &token).status, 401);
    sandbox.admin().advance(3600);
    assert_eq!(refresh(&client, &token).status, 200);
}

#[test]
fn five_wrong_passwords_lock_the_account_for_the_right_one_too() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    for count in 1..=5 {
        let expected = json!({ "success": false, "message": WRONG, "login_failed_count": count });
        assert_eq!(login(&client, "wrong").json(), expected);
    }
    let locked = login(&client, "demo-secret");
    let body = r#"{"success":"false","message":"Too many requests."}"#;
    assert_eq!((locked.status, &*locked.text), (429, body), "`false` is a string here");
    sandbox.admin().quirk("servetel", "retry_after_body", true).unwrap();
    let until = login(&client, "demo-secret").text_at("/retry_after");
    assert!(until.len() == 19 && until.as_bytes()[10] == b' ', "local date and time: {until}");
    sandbox.admin().advance(600);
    assert_eq!(login(&client, "demo-secret").status, 200);
}

#[test]
fn a_right_password_starts_the_count_anew() {
    let (_sandbox, client) = start();
    assert_eq!(login(&client, "wrong").text_at("/login_failed_count"), "1");
    assert_eq!(login(&client, "demo-secret").status, 200);
    assert_eq!(login(&client, "wrong").text_at("/login_failed_count"), "1");
}

#[test]
fn a_missing_member_is_422_and_names_it() {
    let (_sandbox, client) = start();
    let answer = client.post_json("/servetel/v1/auth/login", &json!({ "email": "demo@example.com" }));
    assert_eq!((answer.status, &*answer.text_at("/message")), (422, "The password field is required."));
}

#[test]
fn magic_accounts_misbehave_without_set_up() {
    let (_sandbox, client) = start();
    let of = |email| {
        client.post_json("/servetel/v1/auth/login", &json!({ "email": email, "password": "demo-secret" }))
    };
    assert_eq!((of("acct-429").status, of("acct-429").header("retry-after")), (429, Some("30")));
    assert_eq!(of("acct-500").status, 500);
    assert_eq!(of("acct-lockout").text, r#"{"success":"false","message":"Too many requests."}"#);
}
