//! The keys of the platform: a public key, certificates, or both, by the kind of merchant.
//!
//! In: what a request names. Out: the key that signs. A merchant has either a public key, or certificates
//! to be downloaded, or both while it changes from one to the other:
//! <https://pay.weixin.qq.com/doc/v3/merchant/4012153196>.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::{fs, io};

use rcgen::KeyPair;
use serde_json::Value;

use super::issue::{Authority, Issued, authority, broken, issue, issue_sm, read_key, rsa, shared};
use crate::key::{Algorithm, Key};
use crate::sm::Sm2;
use crate::{crypto, files};

/// What a merchant verifies the platform's signatures with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Platform {
    /// The platform's public key; there are no certificates to be downloaded.
    PublicKey,
    /// Certificates that are downloaded; there is no public key.
    Certificate,
    /// Both. What names neither is signed with the public key.
    #[default]
    Switching,
}

impl Platform {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::PublicKey => "public-key",
            Self::Certificate => "certificate",
            Self::Switching => "switching",
        }
    }
}

impl std::str::FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::PublicKey, Self::Certificate, Self::Switching]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| "the platform is `public-key`, `certificate` or `switching`".into())
    }
}

/// A key of the platform, and its id: a certificate's serial or `PUB_KEY_ID_…`.
pub struct PlatformKey {
    pub id: String,
    pub key: Key,
    /// The certificate, of a certificate's key.
    pub certificate_pem: Option<String>,
    /// The key itself, to be kept.
    pkcs8_pem: String,
    /// `PUBLIC KEY`.
    pub public_pem: String,
}

impl PlatformKey {
    /// The public key of APIv3, which is RSA whatever the certificates are.
    fn public(id: String, pair: &KeyPair) -> io::Result<Self> {
        Ok(Self {
            id,
            key: read_key(&pair.serialize_pem())?,
            certificate_pem: None,
            pkcs8_pem: pair.serialize_pem(),
            public_pem: pair.public_key_pem(),
        })
    }

    fn issued(issued: Issued) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            id: issued.serial,
            key: read_key(&issued.key_pem)?,
            certificate_pem: Some(issued.certificate_pem),
            pkcs8_pem: issued.key_pem,
            public_pem: issued.public_pem,
        }))
    }

    /// A certificate's key; `rsa` gives the key where it is RSA.
    fn certificate(
        algorithm: Algorithm,
        authority: &Authority,
        rsa: impl FnOnce() -> io::Result<KeyPair>,
    ) -> io::Result<Arc<Self>> {
        const NAME: &str = "Tenpay.com sign (SANDBOX)";
        Self::issued(match algorithm {
            Algorithm::Rsa => issue(authority, &rsa()?, NAME)?,
            Algorithm::Sm => issue_sm(NAME)?,
        })
    }

    /// `RSA PUBLIC KEY`, as APIv2 hands it out.
    pub fn pkcs1_pem(&self) -> String {
        let Key::Rsa(key) = &self.key else {
            return String::new();
        };
        crypto::pem("RSA PUBLIC KEY", &key.pkcs1())
    }
}

/// The certificates, the newest last, and which of them signs.
struct Certificates {
    all: Vec<Arc<PlatformKey>>,
    active: usize,
    /// The merchant used certificates last, not the public key.
    preferred: bool,
}

/// All keys of the platform.
pub struct PlatformKeys {
    pub kind: Platform,
    pub public_key: Arc<PlatformKey>,
    certificates: RwLock<Certificates>,
}

impl PlatformKeys {
    pub(super) fn generate(
        kind: Platform,
        algorithm: Algorithm,
        id: String,
        authority: &Authority,
    ) -> io::Result<Self> {
        Ok(Self {
            kind: match algorithm {
                Algorithm::Rsa => kind,
                Algorithm::Sm => Platform::Certificate,
            },
            public_key: PlatformKey::public(id, &shared("public key")?)?.into(),
            certificates: RwLock::new(Certificates {
                all: vec![PlatformKey::certificate(algorithm, authority, || {
                    shared("certificate")
                })?],
                active: 0,
                preferred: false,
            }),
        })
    }

    fn read_certificates<T>(&self, read: impl FnOnce(&Certificates) -> T) -> T {
        read(&self.certificates.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_certificates<T>(&self, change: impl FnOnce(&mut Certificates) -> T) -> T {
        change(&mut self.certificates.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The certificates, the newest last.
    pub fn certificates(&self) -> Vec<Arc<PlatformKey>> {
        self.read_certificates(|certificates| certificates.all.clone())
    }

    /// Their serials.
    pub fn serials(&self) -> Vec<String> {
        self.certificates()
            .iter()
            .map(|certificate| certificate.id.clone())
            .collect()
    }

    /// The certificate that signs.
    pub fn active(&self) -> Arc<PlatformKey> {
        self.read_certificates(|certificates| certificates.all[certificates.active].clone())
    }

    /// Announces another certificate: it can be downloaded, and signs once it was, or once
    /// [`PlatformKeys::activate`] says so.
    ///
    /// # Errors
    /// When a key can't be made.
    pub fn announce(&self) -> io::Result<Arc<PlatformKey>> {
        let algorithm = self.active().key.algorithm();
        let key = PlatformKey::certificate(algorithm, &authority()?, rsa)?;
        self.change_certificates(|certificates| certificates.all.push(key.clone()));
        Ok(key)
    }

    /// The newest certificate signs from now on; whether that is a change.
    pub fn activate(&self) -> bool {
        self.change_certificates(|certificates| {
            let newest = certificates.all.len() - 1;
            std::mem::replace(&mut certificates.active, newest) != newest
        })
    }

    /// The key that a request names, or the merchant's when it names none. Serials have no case.
    pub fn named(&self, id: Option<&str>) -> Option<Arc<PlatformKey>> {
        match id {
            None | Some("") => Some(self.usual(self.kind == Platform::Certificate)),
            Some(id) if id.eq_ignore_ascii_case(&self.public_key.id) => {
                (self.kind != Platform::Certificate).then(|| self.public_key.clone())
            }
            Some(id) => {
                let mut all = self.certificates().into_iter();
                all.find(|key| self.kind != Platform::PublicKey && key.id.eq_ignore_ascii_case(id))
            }
        }
    }

    fn usual(&self, certificate: bool) -> Arc<PlatformKey> {
        match certificate {
            true => self.active(),
            false => self.public_key.clone(),
        }
    }

    /// The key that a response is signed with: of certificates the active one, whichever is named; the
    /// merchant's for one that names an unknown key.
    pub fn signing(&self, id: Option<&str>) -> Arc<PlatformKey> {
        let named = self.named(id).or_else(|| self.named(None));
        self.usual(named.is_some_and(|key| key.certificate_pem.is_some()))
    }

    /// The key that notifications are signed with. While a merchant switches, it is of the kind that the
    /// merchant used last.
    pub fn notifying(&self) -> Arc<PlatformKey> {
        let preferred = self.read_certificates(|certificates| certificates.preferred);
        self.usual(self.kind == Platform::Certificate || (self.kind == Platform::Switching && preferred))
    }

    /// Remembers which kind of key the merchant uses: certificates, or the public key.
    pub fn prefer(&self, certificates: bool) {
        self.change_certificates(|known| known.preferred = certificates);
    }

    /// Writes the keys into a folder, as the merchant platform hands them out, and below `platform/` what
    /// only the sandbox knows.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let put = |name: &str, text: &str| files::write(&folder.join(name), text.as_bytes());
        put("pub_key.pem", &self.public_key.public_pem)?;
        put("platform/pub_key.key.pem", &self.public_key.pkcs8_pem)?;
        for certificate in self.certificates() {
            let pem = certificate.certificate_pem.as_deref().unwrap_or_default();
            put(&format!("platform/{}.cert.pem", certificate.id), pem)?;
            put(
                &format!("platform/{}.key.pem", certificate.id),
                &certificate.pkcs8_pem,
            )?;
        }
        put(
            "platform_cert.pem",
            self.active().certificate_pem.as_deref().unwrap_or_default(),
        )
    }

    pub(super) fn read(kind: Platform, folder: &Path, config: &Value) -> io::Result<Self> {
        let text = |name: &str| fs::read_to_string(folder.join(name));
        let public_id = config["public_key_id"].as_str();
        let public_id = public_id.ok_or_else(|| broken("config.json has no public_key_id"))?;
        let public = KeyPair::from_pem(&text("platform/pub_key.key.pem")?).map_err(broken)?;
        let mut all = Vec::new();
        let serials = config["platform_serial_no"].as_array().into_iter().flatten();
        for serial in serials.filter_map(Value::as_str) {
            let key_pem = text(&format!("platform/{serial}.key.pem"))?;
            all.push(PlatformKey::issued(Issued {
                serial: serial.to_owned(),
                public_pem: public_pem(&key_pem)?,
                certificate_pem: text(&format!("platform/{serial}.cert.pem"))?,
                key_pem,
            })?);
        }
        if all.is_empty() {
            return Err(broken("config.json names no platform certificate"));
        }
        let signing = config["platform_signing_serial_no"].as_str();
        let active = all.iter().position(|key| Some(key.id.as_str()) == signing);
        Ok(Self {
            kind: match all.iter().any(|key| key.key.algorithm() == Algorithm::Sm) {
                true => Platform::Certificate,
                false => kind,
            },
            public_key: PlatformKey::public(public_id.to_owned(), &public)?.into(),
            certificates: RwLock::new(Certificates {
                active: active.unwrap_or(all.len() - 1),
                all,
                preferred: false,
            }),
        })
    }
}

/// The `PUBLIC KEY` of a private key.
fn public_pem(key_pem: &str) -> io::Result<String> {
    match Sm2::from_pem(key_pem).and_then(|key| key.public_pem()) {
        Some(pem) => Ok(pem),
        None => Ok(KeyPair::from_pem(key_pem).map_err(broken)?.public_key_pem()),
    }
}
