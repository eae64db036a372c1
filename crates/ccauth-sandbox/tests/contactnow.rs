//! What 8x8 ContactNow does.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use ccauth_sandbox::Which;
use common::{Answer, Client, start};

fn act(client: &Client, arguments: &[(&str, &str)]) -> Answer {
    client.post_form("/contactnow/token.php", &[], arguments)
}

fn get(client: &Client, password: &str) -> Answer {
    act(client, &[("action", "get"), ("username", "demo"), ("password", password)])
}

fn validate(client: &Client, token: &str) -> String {
    act(client, &[("action", "validate"), ("token", token)]).text
}

fn business(client: &Client, token: &str) -> String {
    client.get(&format!("/contactnow/database.php?token={token}"), &[]).unwrap().text
}

#[test]
fn the_same_token_is_served_until_it_expires() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let now = sandbox.admin().clock().now;
    let first = get(&client, "demo-secret");
    let token = first.text_at("/token");
    assert_eq!(first.text, format!("{{\"success\":true,\"token\":\"{token}\",\"expire\":{}}}", now + 43_200));
    assert!(token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    sandbox.admin().advance(43_199);
    assert_eq!(get(&client, "demo-secret").text, first.text);
    sandbox.admin().advance(1);
    assert_ne!(get(&client, "demo-secret").text_at("/token"), token);
}

#[test]
fn arguments_come_by_get_as_well_as_by_post() {
    let (_sandbox, client) = start();
    let query = "/contactnow/token.php?action=get&username=demo&password=demo-secret";
    assert_eq!(client.get(query, &[]).unwrap().text, get(&client, "demo-secret").text);
}

#[test]
fn xml_is_spaced_as_on_the_page_and_speaks_in_ones_and_zeros() {
    let (_sandbox, client) = start();
    let json = get(&client, "demo-secret");
    let (token, expire) = (json.text_at("/token"), json.text_at("/expire"));
    let arguments = [("action", "get"), ("username", "demo"), ("password", "demo-secret"), ("format", "xml")];
    let expected =
        format!("<result> <success>1</success> <token>{token}</token> <expire>{expire}</expire> </result>");
    assert_eq!(act(&client, &arguments).text, expected);
    let wrong = [("action", "get"), ("username", "demo"), ("password", "wrong"), ("format", "XML")];
    let refusal = "<result> <success>0</success> <error>Authentication failure</error> </result>";
    assert_eq!(act(&client, &wrong).text, refusal);
}

#[test]
fn failures_come_under_status_200() {
    let (sandbox, client) = start();
    let wrong = get(&client, "wrong");
    let refusal = r#"{"success":false,"error":"Authentication failure"}"#;
    assert_eq!((wrong.status, &*wrong.text), (200, refusal));
    assert_eq!(validate(&client, "made-up"), r#"{"success":false,"error":"Unknown token"}"#);
    let token = get(&client, "demo-secret").text_at("/token");
    sandbox.admin().expire(&Which::Token(token.clone())).unwrap();
    assert_eq!(validate(&client, &token), r#"{"success":false,"error":"Expired token","expire":-1}"#);
    assert_eq!(business(&client, &token), r#"{"success":false,"error":"Expired token","expire":-1}"#);
    assert_eq!(act(&client, &[("action", "dance")]).text, r#"{"success":false,"error":"Invalid action"}"#);
}

#[test]
fn delete_kills_the_token_and_the_next_get_gives_another() {
    let (_sandbox, client) = start();
    let token = get(&client, "demo-secret").text_at("/token");
    assert_eq!(business(&client, &token), r#"{"success":true,"total":0}"#);
    assert_eq!(act(&client, &[("action", "delete"), ("token", &token)]).text, r#"{"success":true}"#);
    assert_eq!(business(&client, &token), r#"{"success":false,"error":"Invalid token"}"#);
    assert_ne!(get(&client, "demo-secret").text_at("/token"), token);
}

#[test]
fn newpass_changes_the_password_and_the_token_stays() {
    let (sandbox, client) = start();
    let token = get(&client, "demo-secret").text_at("/token");
    let new = "n€w & pass+word";
    let change = [("action", "newpass"), ("password", new), ("token", token.as_str())];
    assert_eq!(act(&client, &change).text, r#"{"success":true}"#);
    assert_eq!(get(&client, "demo-secret").text, r#"{"success":false,"error":"Authentication failure"}"#);
    assert_eq!(get(&client, new).text_at("/token"), token);
    let now = sandbox.admin().accounts();
    let demo =
        now.iter().find(|account| (account.vendor(), account.name()) == ("contactnow", "demo")).unwrap();
    assert_eq!(demo.field("password"), Some(new));
}

#[test]
fn a_token_serves_only_the_addresses_it_is_for() {
    let (sandbox, client) = start();
    let with = |address: &str| {
        let credentials = [("action", "get"), ("username", "demo"), ("password", "demo-secret")];
        act(&client, &[credentials.as_slice(), &[("address", address)]].concat())
    };
    let token = with("10.0.0.9, 10.0.0.10").text_at("/token");
    assert_eq!(business(&client, &token), r#"{"success":false,"error":"Invalid token"}"#);
    sandbox.admin().quirk("contactnow", "ip_binding", false).unwrap();
    assert_eq!(business(&client, &token), r#"{"success":true,"total":0}"#);
    sandbox.admin().quirk("contactnow", "ip_binding", true).unwrap();
    assert_eq!(
        get(&client, "demo-secret").text_at("/token"),
        token,
        "the same one, now for this address too"
    );
    assert_eq!(business(&client, &token), r#"{"success":true,"total":0}"#);
    let eleven = (1..=11).map(|n| format!("10.0.0.{n}")).collect::<Vec<_>>().join(",");
    assert_eq!(with(&eleven).text, r#"{"success":false,"error":"Invalid address"}"#);
    assert_eq!(with("not-an-address").text, r#"{"success":false,"error":"Invalid address"}"#);
}

#[test]
fn quirks_mislabel_the_reply_and_blur_its_success() {
    let (sandbox, client) = start();
    let admin = sandbox.admin();
    admin.quirk("contactnow", "html_content_type", true).unwrap();
    let token = get(&client, "demo-secret").text_at("/token");
    assert_eq!(get(&client, "demo-secret").header("content-type"), Some("text/html; charset=UTF-8"));
    admin.quirk("contactnow", "error_beside_success", true).unwrap();
    assert_eq!(business(&client, &token), r#"{"success":true,"error":"No records found","total":0}"#);
    admin.quirk("contactnow", "numeric_success", true).unwrap();
    assert_eq!(get(&client, "wrong").text_at("/success"), "0");
}

#[test]
fn magic_accounts_misbehave_without_set_up() {
    let (_sandbox, client) = start();
    let of =
        |username| act(&client, &[("action", "get"), ("username", username), ("password", "demo-secret")]);
    assert_eq!((of("acct-429").status, of("acct-429").header("retry-after")), (429, Some("30")));
    assert_eq!(of("acct-500").status, 500);
    assert_eq!(of("acct-lockout").text, r#"{"success":false,"error":"Account suspended"}"#);
}
