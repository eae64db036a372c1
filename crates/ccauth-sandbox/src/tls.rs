//! A certificate authority of the sandbox's own, and certificates that are right or wrong on purpose.
//!
//! The authority is new at every start and its key never leaves the process: nobody can be talked into
//! trusting it for longer than a test runs.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::fault::CertificateFault;

const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What the server presents: its proper certificate, and one for each way of being wrong.
pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    proper: Arc<ServerConfig>,
    wrong: HashMap<CertificateFault, Arc<ServerConfig>>,
}

impl Identity {
    /// `also_for` is a further name or address the proper certificate covers.
    pub(crate) fn new(also_for: &str) -> io::Result<Identity> {
        let (ca_pem, ca) = authority("ccauth sandbox CA (testing only)")?;
        let (_, stranger) = authority("Example Inspecting Proxy CA")?;
        let mut names = NAMES.to_vec();
        if !names.contains(&also_for) {
            names.push(also_for);
        }
        let expired = |leaf: &mut CertificateParams| {
            leaf.not_before = date_time_ymd(2019, 1, 1);
            leaf.not_after = date_time_ymd(2020, 1, 1);
        };
        let not_yet_valid = |leaf: &mut CertificateParams| leaf.not_before = date_time_ymd(2090, 1, 1);
        let proper = |_: &mut CertificateParams| {};
        let wrong = HashMap::from([
            (CertificateFault::Expired, config(&names, Some(&ca), expired)?),
            (CertificateFault::NotYetValid, config(&names, Some(&ca), not_yet_valid)?),
            (CertificateFault::WrongHost, config(&["wrong.example"], Some(&ca), proper)?),
            (CertificateFault::SelfSigned, config(&names, None, proper)?),
            (CertificateFault::UnknownCa, config(&names, Some(&stranger), proper)?),
        ]);
        Ok(Identity { ca_pem, proper: config(&names, Some(&ca), proper)?, wrong })
    }

    pub(crate) fn config(&self, fault: Option<CertificateFault>) -> Arc<ServerConfig> {
        let wrong = fault.and_then(|fault| self.wrong.get(&fault));
        wrong.unwrap_or(&self.proper).clone()
    }
}

/// A self-signed authority: its certificate in PEM, and itself.
fn authority(name: &str) -> io::Result<(String, Issuer<'static, KeyPair>)> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.self_signed(&key).map_err(io::Error::other)?;
    Ok((certificate.pem(), Issuer::new(params, key)))
}

/// A server certificate for those names, by that issuer or by itself.
fn config(
    names: &[&str],
    issuer: Option<&Issuer<'static, KeyPair>>,
    change: impl Fn(&mut CertificateParams),
) -> io::Result<Arc<ServerConfig>> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut leaf = CertificateParams::new(names).map_err(io::Error::other)?;
    leaf.distinguished_name.push(DnType::CommonName, "ccauth sandbox");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict verifiers (Python 3.13 among them) want to see which key signed.
    leaf.use_authority_key_identifier_extension = issuer.is_some();
    set_validity(&mut leaf);
    change(&mut leaf);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = match issuer {
        Some(issuer) => leaf.signed_by(&key, issuer),
        None => leaf.self_signed(&key),
    };
    let chain: Vec<CertificateDer<'static>> = vec![certificate.map_err(io::Error::other)?.der().clone()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(io::Error::other)?;
    Ok(Arc::new(config))
}

/// Wide enough for a machine whose clock is wrong; the sandbox's own clock plays no part in TLS.
fn set_validity(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
}
