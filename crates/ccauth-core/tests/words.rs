//! The stable words: on the wire of every face, in stores and in configuration.

use ccauth_core::{ExpirySource, Op, Provenance, Renewal, detail};
use common::{login, refused};

mod common;

#[test]
fn every_word_is_read_as_it_is_written_and_no_other() {
    assert_eq!(Op::NAMES, ["issue", "renew", "validate", "revoke", "change_password"]);
    assert_eq!(Renewal::NAMES, ["reissue", "refresh", "same-until-expiry", "static"]);
    assert_eq!(ExpirySource::NAMES, ["server", "jwt", "documented", "never"]);
    assert_eq!(Provenance::NAMES, ["documented", "observed", "assumed"]);
    for op in Op::ALL {
        assert_eq!(Op::from_name(op.name()), Some(*op));
    }
    for renewal in Renewal::ALL {
        assert_eq!(Renewal::from_name(renewal.name()), Some(*renewal));
    }
    for word in ["", "Issue", "ISSUE", " issue", "issue ", "issued", "change-password"] {
        assert_eq!(Op::from_name(word), None, "{word:?}");
    }
}

#[test]
fn a_login_takes_each_mode_of_renewal_by_its_word_and_refuses_others() {
    let fields = |word| [("user_id", "clerk"), ("password", "s3cret"), ("renewal", word)];
    for renewal in Renewal::ALL {
        assert_eq!(login(&fields(renewal.name())).renewal(), *renewal);
    }
    for word in ["Reissue", "same_until_expiry", "never", "default"] {
        refused(&fields(word), &detail::CONFIG_VALUE, &["renewal: ", "reissue"]);
    }
}
