//! Which logins of Sangoma CX are refused, and that the message names the field.

use ccauth_core::{Error, Login, Op, Secret, Timestamp, Vendor, detail};
use sangoma_auth::Sangoma;

/// `client-1:s3cret-value`
const PAIR: &str = "Y2xpZW50LTE6czNjcmV0LXZhbHVl";

fn login(fields: &[(&str, &str)]) -> Result<Login, Error> {
    Login::new(&Sangoma, fields.iter().map(|(name, value)| (*name, Secret::from(*value))))
}

fn refused(fields: &[(&str, &str)]) -> Error {
    let e = login(fields).expect_err("a login that is refused");
    let secrets = fields.iter().filter(|(name, _)| ["client_secret", "basic_token"].contains(name));
    for (_, secret) in secrets.filter(|(_, secret)| secret.len() > 3) {
        assert!(!format!("{e} {e:?}").contains(secret), "a secret shows in {e}");
    }
    e
}

#[test]
fn at_least_one_scope_of_legal_characters_is_needed() {
    let with = |scopes| [("client_id", "id"), ("client_secret", "secret"), ("scopes", scopes)];
    for scopes in ["cx.agent-calls", "  a  b ", "!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~"] {
        assert!(login(&with(scopes)).is_ok(), "{scopes}");
    }
    for scopes in [" ", "a\"b", "a\\b", "sc\u{f6}pe", "a\u{a0}b"] {
        let e = refused(&with(scopes));
        assert_eq!(e.detail(), &detail::CONFIG_VALUE, "{scopes}");
        assert!(e.message().starts_with("scopes: "), "{e}");
    }
}

#[test]
fn a_colon_in_the_client_id_passes_form_encoded_alone() {
    let fields = [("client_id", "a:b"), ("client_secret", "c:d"), ("scopes", "s"), ("client_auth", "form")];
    assert!(login(&fields).is_ok());
    let e = refused(&fields[..3]);
    assert_eq!(e.detail(), &detail::CONFIG_VALUE);
    assert!(e.message().starts_with("client_id: "), "{e}");
}

#[test]
fn a_basic_token_is_base64_of_a_pair() {
    for pair in [PAIR, "Basic Y2xpZW50LTE6czNjcmV0LXZhbHVl", " BASIC  Y2xpZW50LTE6czNjcmV0LXZhbHVl "] {
        assert!(login(&[("basic_token", pair), ("scopes", "s")]).is_ok(), "{pair}");
    }
    // A bare secret, the pair before it is encoded, another alphabet, another scheme, a pair without colon.
    for pair in ["s3cret-value", "id:secret", "8J-YgDrwn5iA", "Bearer Y2xpZW50LTE6czNjcmV0", "aWRzZWNyZXQ="] {
        let e = refused(&[("basic_token", pair), ("scopes", "s")]);
        assert_eq!(e.detail(), &detail::CONFIG_VALUE, "{pair}");
        assert!(e.message().starts_with("basic_token: "), "{e}");
    }
}

#[test]
fn a_basic_token_stands_alone() {
    for other in [("client_id", "client-1"), ("client_secret", "s3cret-value")] {
        let e = refused(&[("basic_token", PAIR), other, ("scopes", "s")]);
        assert_eq!(e.detail(), &detail::CONFIG_VALUE);
        assert!(e.message().starts_with("basic_token: "), "{e}");
    }
}

#[test]
fn id_and_secret_or_the_pair_are_needed() {
    for (fields, missing) in [
        ([("client_id", "id"), ("scopes", "s")], "client_secret (or basic_token) is missing"),
        ([("client_secret", "secret"), ("scopes", "s")], "client_id (or basic_token) is missing"),
    ] {
        let e = refused(&fields);
        assert_eq!(e.detail(), &detail::CONFIG_MISSING);
        assert!(e.message().starts_with(missing), "{e}");
    }
}

#[test]
fn a_pasted_token_needs_no_credentials_and_asks_for_no_other() {
    let pasted = login(&[("token", "abc.def")]).expect("a login");
    let e = Sangoma.build(Op::Issue, &pasted, None, Timestamp::UNIX_EPOCH).expect_err("nothing to ask with");
    assert_eq!(e.detail(), &detail::CONFIG_MISSING);
}
