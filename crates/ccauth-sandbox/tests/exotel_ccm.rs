//! What Exotel CCM does.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use ccauth_sandbox::Account;
use common::{Answer, Client, basic, start};

const SID: &str = "/exotel-ccm/v2/accounts/demo";

fn login(client: &Client, sid: &str, key: &str, token: &str) -> Answer {
    let path = format!("/exotel-ccm/v2/accounts/{sid}/configuration/basicauth");
    let headers = [("Authorization", &*basic(key, token)), ("Content-Type", "application/json")];
    client.post(&path, &headers, "").unwrap()
}

fn calls(client: &Client, authorization: &str) -> Answer {
    client.get(&format!("{SID}/calls"), &[("Authorization", authorization)]).unwrap()
}

#[test]
fn a_token_comes_in_the_nested_envelope_of_the_page() {
    let (_sandbox, client) = start();
    let answer = login(&client, "demo", "demo-key", "demo-secret");
    assert_eq!(answer.status, 200);
    let token = answer.text_at("/response/data/access_token");
    let request_id = answer.text_at("/request_id");
    let expected = format!(
        "{{\"request_id\":\"{request_id}\",\"method\":\"POST\",\"http_code\":200,\"response\":{{\"code\":200,\
         \"status\":\"success\",\"data\":{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",\
         \"expires_in\":86400}}}}}}"
    );
    assert_eq!(answer.text, expected);
    assert_eq!(token.split('.').count(), 3, "shaped like a JWT");
    assert_eq!(answer.header("x-ratelimit-limit"), Some("200"));
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("199"));
    assert_eq!(calls(&client, &format!("Bearer {token}")).status, 200);
}

#[test]
fn every_request_gives_a_new_token_and_the_older_ones_stay_valid() {
    let (_sandbox, client) = start();
    let tokens: Vec<String> = (0..2)
        .map(|_| login(&client, "demo", "demo-key", "demo-secret").text_at("/response/data/access_token"))
        .collect();
    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        assert_eq!(calls(&client, &format!("Bearer {token}")).status, 200);
    }
}

#[test]
fn a_wrong_key_is_401_with_error_1010_and_another_sid_is_403() {
    let (_sandbox, client) = start();
    let wrong_key = login(&client, "demo", "demo-key", "wrong");
    assert_eq!((wrong_key.status, &*wrong_key.text_at("/response/error_data/code")), (401, "1010"));
    assert_eq!(wrong_key.text_at("/response/status"), "failure");
    assert_eq!(login(&client, "someone", "demo-key", "demo-secret").status, 403);
}

#[test]
fn the_protected_endpoint_takes_bearer_or_plain_basic_and_nothing_else() {
    let (sandbox, client) = start();
    assert_eq!(calls(&client, &basic("demo-key", "demo-secret")).status, 200);
    assert_eq!(calls(&client, &basic("demo-key", "wrong")).status, 401);
    assert_eq!(calls(&client, "Bearer made-up").status, 401);
    sandbox.admin().quirk("exotel-ccm", "plain_basic", false).unwrap();
    assert_eq!(calls(&client, &basic("demo-key", "demo-secret")).status, 401);
}

#[test]
fn a_token_dies_after_a_day_of_the_sandbox_clock() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let token = login(&client, "demo", "demo-key", "demo-secret").text_at("/response/data/access_token");
    sandbox.admin().advance(86_399);
    assert_eq!(calls(&client, &format!("Bearer {token}")).status, 200);
    sandbox.admin().advance(1);
    assert_eq!(calls(&client, &format!("Bearer {token}")).status, 401);
}

#[test]
fn the_201st_request_of_a_minute_is_429_and_the_next_minute_is_free() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    for _ in 0..200 {
        assert_eq!(calls(&client, &basic("demo-key", "demo-secret")).status, 200);
    }
    let refused = calls(&client, &basic("demo-key", "demo-secret"));
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("30")));
    sandbox.admin().advance(60);
    assert_eq!(calls(&client, &basic("demo-key", "demo-secret")).status, 200);
}

#[test]
fn errors_come_as_an_array_or_in_the_older_form_when_a_quirk_says_so() {
    let (sandbox, client) = start();
    let admin = sandbox.admin();
    admin.quirk("exotel-ccm", "response_array", true).unwrap();
    assert_eq!(login(&client, "demo", "x", "y").text_at("/response/0/error_data/code"), "1010");
    admin.quirk("exotel-ccm", "rest_exception", true).unwrap();
    assert_eq!(login(&client, "demo", "x", "y").text_at("/RestException/Status"), "401");
}

#[test]
fn credentials_are_compared_byte_for_byte() {
    let (sandbox, client) = start();
    let odd = "se:cr%et & + = \" é";
    let fields = [("api_token", odd), ("api_key", "kéy"), ("account_sid", "tén/ant")];
    sandbox.admin().add_account(Account::new("exotel-ccm", "tenant", fields).unwrap()).unwrap();
    let tenant = "t%C3%A9n%2Fant";
    assert_eq!(login(&client, tenant, "kéy", odd).status, 200);
    assert_eq!(login(&client, tenant, "kéy", &odd.to_uppercase()).status, 401);
    assert_eq!(login(&client, tenant, "kéy", odd.trim_end_matches('é')).status, 401);
}

#[test]
fn magic_accounts_misbehave_without_set_up() {
    let (_sandbox, client) = start();
    let of = |sid| login(&client, sid, "demo-key", "demo-secret");
    assert_eq!((of("acct-429").status, of("acct-429").header("retry-after")), (429, Some("30")));
    assert_eq!(of("acct-500").status, 500);
    assert_eq!(of("acct-lockout").status, 403);
}

#[test]
fn an_unknown_route_is_404_in_the_vendors_own_form() {
    let (_sandbox, client) = start();
    let answer = client.get("/exotel-ccm/nowhere", &[]).unwrap();
    assert_eq!((answer.status, &*answer.text_at("/http_code")), (404, "404"));
}
