//! The transports of one client: one for all accounts whose settings are equal.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use ccauth_core::{Error, Login, Transport};

use super::settings::Settings;
use super::ureq::UreqTransport;

pub(crate) use super::settings::{FIELDS, total};

/// Those that are in use. A transport goes with its last account.
#[derive(Debug, Default)]
pub(crate) struct Transports(Mutex<Vec<Weak<UreqTransport>>>);

impl Transports {
    /// The transport with the login's settings.
    ///
    /// # Errors
    /// `config.value` and `config.ca_file`, naming the field.
    pub(crate) fn of(&self, login: &Login) -> Result<Arc<dyn Transport>, Error> {
        let settings = Settings::new(login)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|transport| transport.strong_count() > 0);
        let mut alive = known.iter().filter_map(Weak::upgrade);
        if let Some(transport) = alive.find(|transport| *transport.settings() == settings) {
            return Ok(transport);
        }
        let transport = Arc::new(UreqTransport::new(settings));
        known.push(Arc::downgrade(&transport));
        Ok(transport)
    }
}

#[cfg(all(test, feature = "servetel", feature = "sangoma"))]
mod tests {
    use ccauth_core::Secret;

    use super::*;
    use crate::registry;

    fn login(vendor: &str, fields: &[(&str, &str)]) -> Login {
        let needed: &[_] = match vendor {
            "servetel" => &[("email", "clerk"), ("password", "secret")],
            _ => &[("client_id", "id"), ("client_secret", "secret"), ("scopes", "cx.agent-calls")],
        };
        let fields = needed.iter().chain(fields).map(|(name, value)| (*name, Secret::from(*value)));
        Login::with_fields_of(registry::vendor(vendor).expect("a vendor"), FIELDS, fields)
            .expect("good fields")
    }

    fn is_shared(transports: &Transports, one: &Login, other: &Login) -> bool {
        let [one, other] = [one, other].map(|login| transports.of(login).expect("good settings"));
        Arc::ptr_eq(&one, &other)
    }

    #[test]
    fn accounts_share_a_transport_unless_a_setting_of_it_differs() {
        let transports = Transports::default();
        let plain = login("servetel", &[]);
        assert!(is_shared(&transports, &plain, &login("sangoma", &[])), "another vendor and account");
        for (name, value, shared) in [
            ("base_url", "https://other.example:8443/path", true),
            ("carriage", "bearer", true),
            ("timeout_ms", "10000", true),
            ("token", "pasted", true),
            ("base_url", "http://127.0.0.1:8080", false),
            ("timeout_ms", "9000", false),
            ("connect_timeout_ms", "2000", false),
            ("proxy", "http://proxy.example:3128", false),
            ("user_agent", "host/1", false),
            ("close_delimited", "refuse", false),
        ] {
            let other = login("servetel", &[(name, value)]);
            assert_eq!(is_shared(&transports, &plain, &other), shared, "{name} {value}");
            assert!(is_shared(&transports, &other, &other), "{name} {value}: with its like");
        }
    }

    #[test]
    fn a_transport_goes_with_its_last_account() {
        let transports = Transports::default();
        let held = transports.of(&login("servetel", &[])).expect("good settings");
        for timeout_ms in ["1000", "2000", "3000"] {
            let brief = transports.of(&login("servetel", &[("timeout_ms", timeout_ms)]));
            drop(brief.expect("good settings"));
            assert!(transports.0.lock().expect("no panic under the lock").len() <= 2);
        }
        assert!(Arc::ptr_eq(&held, &transports.of(&login("servetel", &[])).expect("good settings")));
    }
}
