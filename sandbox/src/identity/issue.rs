//! Keys and certificates. In: names. Out: key pairs, and certificates under a test CA.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_RSA_SHA256, SanType,
    SerialNumber,
};

use crate::crypto::{self, Rsa};
use crate::key::Key;
use crate::sm::{self, Sm2};
use crate::text;

/// The name of the certificate authority, which says that nothing trusts it.
const CA_NAME: &str = "WeChat Pay SANDBOX test CA (worthless)";

pub(super) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(super) fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the identity: {error}"))
}

pub(super) fn rsa() -> io::Result<KeyPair> {
    KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(broken)
}

pub(super) fn read_key(pem: &str) -> io::Result<Key> {
    if let Some(key) = Sm2::from_pem(pem) {
        return Ok(Key::Sm(key.into()));
    }
    let pair = KeyPair::from_pem(pem).map_err(broken)?;
    let key = Rsa::from_pkcs8(pair.serialized_der());
    key.map(|key| Key::Rsa(key.into()))
        .ok_or_else(|| broken("not an RSA key of 2048 bits or more"))
}

/// A key with its certificate, as PEM.
pub(super) struct Issued {
    pub serial: String,
    pub key_pem: String,
    pub public_pem: String,
    pub certificate_pem: String,
}

/// An RSA key with a certificate.
pub(super) fn issue(authority: &Authority, key: &KeyPair, name: &str) -> io::Result<Issued> {
    let (certificate, serial) = certificate(authority, key, name, &[])?;
    Ok(Issued {
        serial,
        key_pem: key.serialize_pem(),
        public_pem: key.public_key_pem(),
        certificate_pem: certificate.pem(),
    })
}

/// An SM2 key and its certificate, under an authority that nobody keeps.
pub(super) fn issue_sm(name: &str) -> io::Result<Issued> {
    let (serial, bytes) = serial();
    let (year, _, _) = text::civil(text::now());
    let issued = || {
        let (authority, key) = (Sm2::generate()?, Sm2::generate()?);
        Some(Issued {
            certificate_pem: sm::certificate(&authority, &key, name, &bytes, [year - 1, year + 4])?,
            key_pem: key.to_pem()?,
            public_pem: key.public_pem()?,
            serial,
        })
    };
    issued().ok_or_else(|| broken("an SM2 key could not be made"))
}

/// A serial of 20 bytes, as upper-case hex and as bytes. The first byte's high bit is off, so that the
/// number is positive and keeps its length.
fn serial() -> (String, Vec<u8>) {
    let serial = format!("5{}", crypto::random(39)).to_ascii_uppercase();
    let bytes = (0..40)
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(serial.get(at..at + 2)?, 16).ok())
        .collect();
    (serial, bytes)
}

pub(super) fn authority() -> io::Result<Authority> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, CA_NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // An elliptic curve: RSA keys take long to make, and only those a merchant sees have to be such.
    CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(broken)?).map_err(broken)
}

/// A key of the platform. The sandboxes of one process share them, as merchants share WeChat Pay's; each
/// has certificates and ids of its own.
pub(super) fn shared(name: &'static str) -> io::Result<KeyPair> {
    static KEYS: Mutex<BTreeMap<&str, String>> = Mutex::new(BTreeMap::new());
    // One that is being made is waited for.
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pem) = keys.get(name) {
        return KeyPair::from_pem(pem).map_err(broken);
    }
    let key = rsa()?;
    keys.insert(name, key.serialize_pem());
    Ok(key)
}

/// A certificate of five years, as the real ones; its serial as upper-case hex of 40 characters.
pub(super) fn certificate(
    authority: &Authority,
    key: &KeyPair,
    name: &str,
    hosts: &[&str],
) -> io::Result<(rcgen::Certificate, String)> {
    let (serial, bytes) = serial();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, "WeChat Pay SANDBOX, not the real one");
    params.serial_number = Some(SerialNumber::from_slice(&bytes));
    for host in hosts {
        params.subject_alt_names.push(match host.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName((*host).try_into().map_err(broken)?),
        });
    }
    let (year, month, day) = text::civil(text::now());
    params.not_before = rcgen::date_time_ymd(year - 1, month, day.min(28));
    params.not_after = rcgen::date_time_ymd(year + 4, month, day.min(28));
    let certificate = params.signed_by(key, authority).map_err(broken)?;
    Ok((certificate, serial))
}

/// PKCS#12 with the merchant id as password.
pub(super) fn p12(key: &KeyPair, certificate: &[u8], authority: &[u8], mchid: &str) -> io::Result<Vec<u8>> {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    let chain = PrivateKeyChain::new(
        b"1".as_slice(),
        PrivateKey::from_der(key.serialized_der()).map_err(broken)?,
        [
            Certificate::from_der(certificate).map_err(broken)?,
            Certificate::from_der(authority).map_err(broken)?,
        ],
    );
    let mut store = KeyStore::new();
    store.add_entry("Tenpay Certificate", KeyStoreEntry::PrivateKeyChain(chain));
    store
        .writer(mchid)
        .encryption_iterations(2048)
        .mac_iterations(2048)
        .write()
        .map_err(broken)
}
