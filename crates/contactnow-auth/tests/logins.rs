//! Which logins of ContactNow are refused, and that the message names the field.

use ccauth_core::{Login, Secret, detail};
use contactnow_auth::ContactNow;

fn with_address(address: &str) -> Result<Login, ccauth_core::Error> {
    let fields = [("username", "api-user"), ("password", "s3cret-pass"), ("address", address)];
    Login::new(&ContactNow, fields.map(|(name, value)| (name, Secret::from(value))))
}

#[test]
fn at_most_ten_addresses_pass() {
    let ten = ["203.0.113.7"; 10].join(",");
    for address in ["203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7", " 203.0.113.7 , 2001:db8::1 ", &ten] {
        assert!(with_address(address).is_ok(), "{address}");
    }
    let eleven = format!("{ten},203.0.113.7");
    for address in [
        &*eleven,
        &format!("{ten},"),
        ",",
        " ",
        "203.0.113.7,",
        "203.0.113.7,,203.0.113.8",
        "203.0.113.7 203.0.113.8",
        "203.0.113.7;203.0.113.8",
        "203.0.113.0/24",
        "203.0.113.256",
        "203.0.113.07",
        "[2001:db8::1]",
        "fe80::1%eth0",
        "localhost",
    ] {
        let e = with_address(address).expect_err(address);
        assert_eq!(e.detail(), &detail::CONFIG_VALUE, "{address}");
        assert!(e.message().starts_with("address: "), "{e}");
    }
}

#[test]
fn a_pasted_token_needs_no_password() {
    let login =
        Login::new(&ContactNow, [("token", Secret::from("bd932b769fc7263316345627d0a9ef3b8f8d1f8d"))]);
    assert!(login.is_ok());
}
