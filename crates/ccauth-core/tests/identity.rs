//! Whose token it is: what a login's identity and credential are made of.

use ccauth_core::{Login, Secret};
use common::login;

mod common;

const CLERK: [(&str, &str); 2] = [("user_id", "clerk"), ("password", "s3cret")];

fn clerk(more: &[(&str, &str)]) -> Login {
    let given = |name: &str| more.iter().any(|(other, _)| *other == name);
    let kept = CLERK.iter().filter(|(name, _)| !given(name));
    login(&kept.chain(more).copied().collect::<Vec<_>>())
}

#[test]
fn what_makes_another_account_makes_another_identity() {
    let apart = [
        vec![],
        vec![("user_id", "other")],
        vec![("region", "south")],
        vec![("base_url", "https://north.example.com/v2")],
        vec![("entity", "customer")],
        vec![("entity", "app")],
        vec![("scopes", "a")],
        vec![("scopes", "a b")],
        vec![("scopes", "ab")],
        vec![("egress", "rack-1")],
        vec![("egress", "rack-2")],
        // No value reaches over into the next field.
        vec![("user_id", "clerk entity=app")],
    ];
    let identities: Vec<String> = apart.iter().map(|more| clerk(more).identity()).collect();
    for (n, one) in identities.iter().enumerate() {
        for (m, other) in identities.iter().enumerate() {
            assert_eq!(one == other, n == m, "{:?} {:?}", apart[n], apart[m]);
        }
    }
}

#[test]
fn how_requests_are_made_is_no_part_of_an_identity() {
    let same = [
        vec![("format", "xml")],
        vec![("carriage", "bare")],
        vec![("renewal", "reissue")],
        vec![("timeout_ms", "500")],
        vec![("proxy", "http://proxy.example:3128")],
        vec![("region", "north")],
        vec![("base_url", "https://north.example.com/v1/")],
        vec![("password", "another")],
        vec![("pin", "1234")],
    ];
    for more in same {
        assert_eq!(clerk(&more).identity(), clerk(&[]).identity(), "{more:?}");
    }
    let orders = ["b a c", "a b c", "a,b,c", " c,, b  a a "];
    let identities = orders.map(|scopes| clerk(&[("scopes", scopes)]).identity());
    assert!(identities.iter().all(|identity| *identity == identities[0]), "{identities:?}");
}

#[test]
fn an_identity_holds_no_secret_and_a_credential_all_of_them() {
    let one = clerk(&[("pin", "1234")]);
    assert!(!one.identity().contains("s3cret") && !one.identity().contains("1234"));
    assert_eq!(one.credential().expose(), "password=s3cret\npin=1234\n");
    assert_eq!(format!("{:?}", one.credential()), "[redacted]");
    let changed = one.with("password", Secret::from("new")).expect("a good password");
    assert!(changed.credential() != one.credential());
    assert_eq!(clerk(&[("format", "xml")]).credential(), clerk(&[]).credential());
    let pasted = login(&[("token", "opaque")]);
    assert_eq!(pasted.credential().expose(), "token=opaque\n");
    // The order in which fields were given means nothing.
    let turned = login(&[("pin", "1234"), ("password", "s3cret"), ("user_id", "clerk")]);
    assert_eq!((turned.identity(), turned.credential()), (one.identity(), one.credential()));
}
