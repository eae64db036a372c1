//! What Exotel WebRTC does.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use common::{Answer, Client, start};
use serde_json::json;

fn login(client: &Client, id: &str, secret: &str, entity: &str) -> Answer {
    let body = json!({ "Id": id, "Secret": secret, "Entity": entity });
    client.post_json("/exotel-webrtc/v2/integrations/token", &body)
}

fn apps(client: &Client, authorization: &str) -> u16 {
    client.get("/exotel-webrtc/v2/integrations/apps", &[("Authorization", authorization)]).unwrap().status
}

fn users(client: &Client, authorization: &str) -> u16 {
    client.get("/exotel-webrtc/v2/integrations/users", &[("Authorization", authorization)]).unwrap().status
}

#[test]
fn a_token_comes_as_on_the_page_and_without_an_expiry() {
    let (_sandbox, client) = start();
    let answer = login(&client, "demo", "demo-secret", "customer");
    let (id, token) = (answer.text_at("/RequestId"), answer.text_at("/Data"));
    let expected = format!(
        "{{\"RequestId\":\"{id}\",\"Status\":\"Success\",\"Code\":200,\"Error\":\"\",\"Data\":\"{token}\"}}"
    );
    assert_eq!((answer.status, answer.text), (200, expected));
    assert_eq!(apps(&client, &token), 200);
}

#[test]
fn the_token_stands_bare_unless_a_quirk_allows_bearer() {
    let (sandbox, client) = start();
    let token = login(&client, "demo", "demo-secret", "customer").text_at("/Data");
    assert_eq!(apps(&client, &format!("Bearer {token}")), 401);
    sandbox.admin().quirk("exotel-webrtc", "bearer", true).unwrap();
    assert_eq!(apps(&client, &format!("Bearer {token}")), 200);
    assert_eq!(apps(&client, &token), 200);
}

#[test]
fn customer_and_app_tokens_are_not_interchangeable() {
    let (_sandbox, client) = start();
    let customer = login(&client, "demo", "demo-secret", "customer").text_at("/Data");
    let app = login(&client, "demo-app", "demo-secret", "app").text_at("/Data");
    assert_eq!((apps(&client, &customer), users(&client, &customer)), (200, 403));
    assert_eq!((apps(&client, &app), users(&client, &app)), (403, 200));
    assert_eq!(
        login(&client, "demo", "demo-secret", "app").status,
        401,
        "the entity is part of the identity"
    );
}

#[test]
fn a_missing_or_unknown_member_is_400_and_a_wrong_secret_401() {
    let (_sandbox, client) = start();
    assert_eq!(login(&client, "demo", "demo-secret", "robot").status, 400);
    assert_eq!(login(&client, "demo", "", "customer").status, 400);
    let wrong = login(&client, "demo", "wrong", "customer");
    assert_eq!((wrong.status, &*wrong.text_at("/Status"), &*wrong.text_at("/Code")), (401, "Failed", "401"));
    assert_eq!(wrong.text_at("/Data"), "null");
}

#[test]
fn a_failure_hides_under_200_by_quirk_or_for_the_account_that_does_so() {
    let (sandbox, client) = start();
    let hidden = login(&client, "acct-failed-200", "demo-secret", "customer");
    assert_eq!(
        (hidden.status, &*hidden.text_at("/Status"), &*hidden.text_at("/Code")),
        (200, "Failed", "401")
    );
    sandbox.admin().quirk("exotel-webrtc", "failure_as_200", true).unwrap();
    let hidden = login(&client, "demo", "wrong", "customer");
    assert_eq!((hidden.status, &*hidden.text_at("/Code")), (200, "401"));
}

#[test]
fn a_token_lives_for_90_days() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let token = login(&client, "demo", "demo-secret", "customer").text_at("/Data");
    sandbox.admin().advance(90 * 86_400 - 1);
    assert_eq!(apps(&client, &token), 200);
    sandbox.admin().advance(1);
    assert_eq!(apps(&client, &token), 401);
}

#[test]
fn magic_accounts_misbehave_without_set_up() {
    let (_sandbox, client) = start();
    let of = |id| login(&client, id, "demo-secret", "customer");
    assert_eq!((of("acct-429").status, of("acct-429").header("retry-after")), (429, Some("30")));
    assert_eq!(of("acct-500").status, 500);
    assert_eq!(of("acct-lockout").status, 402);
}
