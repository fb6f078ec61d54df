//! The merchant and the platform: ids, crypto, certificates, and the files a real merchant gets.
//!
//! In: a folder, or none. Out: an [`Identity`], the same one again when the folder already holds one.
//! Everything is made up: the certificates are issued by a test CA that says so.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::{fs, io};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_RSA_SHA256, SanType,
    SerialNumber,
};
use serde_json::{Value, json};

use crate::crypto::{self, Rsa};
use crate::text;

/// A platform key that answers are signed with, and its id: a certificate's serial or `PUB_KEY_ID_…`.
pub struct PlatformKey {
    pub id: String,
    pub key: Rsa,
    /// The certificate, of a certificate's key.
    pub certificate_pem: Option<String>,
    /// The key itself, to be kept.
    pkcs8_pem: String,
    /// `PUBLIC KEY`.
    pub public_pem: String,
}

/// Whoever signs requests: an id, a key and its certificate.
pub struct Signer {
    pub id: String,
    /// The certificate's serial.
    pub serial: String,
    pub key: Rsa,
    pub key_pem: String,
    pub certificate_pem: String,
}

/// One merchant, its brand, and the platform they see.
pub struct Identity {
    pub mchid: String,
    pub appid: String,
    pub serial: String,
    pub key: Rsa,
    pub key_pem: String,
    pub certificate_pem: String,
    pub p12: Vec<u8>,
    pub api_v3_key: String,
    pub api_v2_key: String,
    /// Signs the operations under `/brand/`.
    pub brand: Signer,
    /// `PUB_KEY_ID_…`.
    pub public_key: Arc<PlatformKey>,
    certificates: RwLock<Vec<Arc<PlatformKey>>>,
    /// The test CA and a certificate for 127.0.0.1 under it, for `--tls`.
    pub ca_pem: String,
    pub tls: (String, String),
}

/// A certificate authority whose name says that it is none.
const CA_NAME: &str = "WeChat Pay SANDBOX test CA (worthless)";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the identity: {error}"))
}

impl Identity {
    /// Makes a new one.
    ///
    /// # Errors
    /// When a key can't be made.
    pub fn generate(mchid: Option<&str>) -> io::Result<Self> {
        let mchid = match mchid {
            Some(mchid) => mchid.to_owned(),
            None => format!("19{}", text::digits(8)),
        };
        let authority = authority()?;
        let (key, own, serial) = certificate(&authority, &mchid, &[])?;
        let p12 = p12(&key, own.der(), authority.der(), &mchid)?;
        let (tls_key, tls_certificate, _) =
            certificate(&authority, "localhost", &["127.0.0.1", "localhost"])?;
        let public = rsa()?;
        let id = format!("PUB_KEY_ID_01{mchid}{}00000000", text::today().replace('-', ""));
        Ok(Self {
            appid: format!("wx{}", crypto::random(16)),
            serial,
            key: read_key(&key.serialize_pem())?,
            key_pem: key.serialize_pem(),
            certificate_pem: own.pem(),
            p12,
            api_v3_key: crypto::random(32),
            api_v2_key: crypto::random(32),
            brand: Signer::generate(&authority, text::digits(8))?,
            public_key: PlatformKey::new(id, &public, None)?.into(),
            certificates: RwLock::new(vec![platform_certificate(&authority)?.into()]),
            ca_pem: authority.pem(),
            tls: (tls_certificate.pem(), tls_key.serialize_pem()),
            mchid,
        })
    }

    /// The platform certificates, the newest last.
    pub fn certificates(&self) -> Vec<Arc<PlatformKey>> {
        self.certificates
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Another platform certificate, which answers are signed with from now on.
    ///
    /// # Errors
    /// When a key can't be made.
    pub fn rotate(&self) -> io::Result<Arc<PlatformKey>> {
        let key = Arc::new(platform_certificate(&authority()?)?);
        self.certificates
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(key.clone());
        Ok(key)
    }

    /// The identity of a folder, made and written there first if it holds none.
    ///
    /// # Errors
    /// When the folder can't be read or written, or what is there is no identity.
    pub fn open(folder: &Path, mchid: Option<&str>) -> io::Result<Self> {
        if folder.join("config.json").is_file() {
            return Self::read(folder);
        }
        let identity = Self::generate(mchid)?;
        identity.write(folder)?;
        Ok(identity)
    }

    /// Writes the files that a merchant gets, and under `platform/` what only the sandbox knows.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let platform = folder.join("platform");
        fs::create_dir_all(&platform)?;
        let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes);
        put("apiclient_key.pem", self.key_pem.as_bytes())?;
        put("apiclient_cert.pem", self.certificate_pem.as_bytes())?;
        put("apiclient_cert.p12", &self.p12)?;
        put("brand_key.pem", self.brand.key_pem.as_bytes())?;
        put("brand_cert.pem", self.brand.certificate_pem.as_bytes())?;
        put("pub_key.pem", self.public_key.public_pem.as_bytes())?;
        put("ca.pem", self.ca_pem.as_bytes())?;
        put("platform/pub_key.key.pem", self.public_key.pkcs8_pem.as_bytes())?;
        put("platform/tls_cert.pem", self.tls.0.as_bytes())?;
        put("platform/tls_key.pem", self.tls.1.as_bytes())?;
        for certificate in self.certificates() {
            let pem = certificate.certificate_pem.as_deref().unwrap_or_default();
            put("platform_cert.pem", pem.as_bytes())?;
            put(&format!("platform/{}.cert.pem", certificate.id), pem.as_bytes())?;
            put(
                &format!("platform/{}.key.pem", certificate.id),
                certificate.pkcs8_pem.as_bytes(),
            )?;
        }
        put("config.json", format!("{:#}\n", self.config(folder)).as_bytes())
    }

    /// What an SDK must be told, with the paths of the files in `folder`.
    pub fn config(&self, folder: &Path) -> Value {
        let file = |name: &str| folder.join(name).display().to_string();
        json!({
            "warning": "SANDBOX: made up by wechatpay-sandbox, worthless with the real WeChat Pay",
            "mchid": self.mchid,
            "appid": self.appid,
            "serial_no": self.serial,
            "brand_id": self.brand.id,
            "brand_serial_no": self.brand.serial,
            "api_v3_key": self.api_v3_key,
            "api_v2_key": self.api_v2_key,
            "public_key_id": self.public_key.id,
            "platform_serial_no": self.certificates().iter().map(|certificate| certificate.id.clone()).collect::<Vec<_>>(),
            "p12_password": self.mchid,
            "files": {
                "private_key": file("apiclient_key.pem"),
                "certificate": file("apiclient_cert.pem"),
                "p12": file("apiclient_cert.p12"),
                "brand_private_key": file("brand_key.pem"),
                "brand_certificate": file("brand_cert.pem"),
                "public_key": file("pub_key.pem"),
                "platform_certificate": file("platform_cert.pem"),
                "ca": file("ca.pem"),
            },
        })
    }

    fn read(folder: &Path) -> io::Result<Self> {
        let text = |name: &str| fs::read_to_string(folder.join(name));
        let config: Value = serde_json::from_str(&text("config.json")?).map_err(broken)?;
        let field = |name: &str| {
            let value = config[name].as_str().map(str::to_owned);
            value.ok_or_else(|| broken(format!("config.json has no {name}")))
        };
        let key_pem = text("apiclient_key.pem")?;
        let public_id = field("public_key_id")?;
        let public = KeyPair::from_pem(&text("platform/pub_key.key.pem")?).map_err(broken)?;
        let mut certificates = Vec::new();
        for serial in config["platform_serial_no"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let key = KeyPair::from_pem(&text(&format!("platform/{serial}.key.pem"))?).map_err(broken)?;
            let pem = text(&format!("platform/{serial}.cert.pem"))?;
            certificates.push(Arc::new(PlatformKey::new(serial.to_owned(), &key, Some(pem))?));
        }
        if certificates.is_empty() {
            return Err(broken("config.json names no platform certificate"));
        }
        Ok(Self {
            mchid: field("mchid")?,
            appid: field("appid")?,
            serial: field("serial_no")?,
            key: read_key(&key_pem)?,
            key_pem,
            certificate_pem: text("apiclient_cert.pem")?,
            p12: fs::read(folder.join("apiclient_cert.p12"))?,
            api_v3_key: field("api_v3_key")?,
            api_v2_key: field("api_v2_key")?,
            brand: Signer {
                id: field("brand_id")?,
                serial: field("brand_serial_no")?,
                key: read_key(&text("brand_key.pem")?)?,
                key_pem: text("brand_key.pem")?,
                certificate_pem: text("brand_cert.pem")?,
            },
            public_key: PlatformKey::new(public_id, &public, None)?.into(),
            certificates: RwLock::new(certificates),
            ca_pem: text("ca.pem")?,
            tls: (text("platform/tls_cert.pem")?, text("platform/tls_key.pem")?),
        })
    }
}

impl Signer {
    fn generate(authority: &Authority, id: String) -> io::Result<Self> {
        let (key, certificate, serial) = certificate(authority, &id, &[])?;
        Ok(Self {
            id,
            serial,
            key: read_key(&key.serialize_pem())?,
            key_pem: key.serialize_pem(),
            certificate_pem: certificate.pem(),
        })
    }
}

impl PlatformKey {
    fn new(id: String, pair: &KeyPair, certificate_pem: Option<String>) -> io::Result<Self> {
        Ok(Self {
            id,
            key: read_key(&pair.serialize_pem())?,
            certificate_pem,
            pkcs8_pem: pair.serialize_pem(),
            public_pem: pair.public_key_pem(),
        })
    }
}

fn rsa() -> io::Result<KeyPair> {
    KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(broken)
}

fn read_key(pem: &str) -> io::Result<Rsa> {
    let pair = KeyPair::from_pem(pem).map_err(broken)?;
    Rsa::from_pkcs8(pair.serialized_der()).ok_or_else(|| broken("not an RSA key of 2048 bits or more"))
}

fn authority() -> io::Result<Authority> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, CA_NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // An elliptic curve: RSA keys take long to make, and only those a merchant sees have to be such.
    CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(broken)?).map_err(broken)
}

/// A certificate of five years, as the real ones; its serial as upper-case hex of 40 characters.
fn certificate(
    authority: &Authority,
    name: &str,
    hosts: &[&str],
) -> io::Result<(KeyPair, rcgen::Certificate, String)> {
    let key = match hosts {
        [] => rsa()?,
        _ => KeyPair::generate().map_err(broken)?,
    };
    // The first byte's high bit is off: the serial is positive and keeps its 20 bytes.
    let serial = format!("5{}", crypto::random(39)).to_ascii_uppercase();
    let bytes: Vec<u8> = (0..40)
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(serial.get(at..at + 2)?, 16).ok())
        .collect();
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
    let (year, month, day) = text::civil(text::now() / 86_400);
    let date = |year: i64, day: u8| rcgen::date_time_ymd(i32::try_from(year).unwrap_or(2020), month, day);
    params.not_before = date(year - 1, day.min(28));
    params.not_after = date(year + 4, day.min(28));
    let certificate = params.signed_by(&key, authority).map_err(broken)?;
    Ok((key, certificate, serial))
}

fn platform_certificate(authority: &Authority) -> io::Result<PlatformKey> {
    let (key, certificate, serial) = certificate(authority, "Tenpay.com sign (SANDBOX)", &[])?;
    PlatformKey::new(serial, &key, Some(certificate.pem()))
}

/// PKCS#12 with the merchant id as password.
fn p12(key: &KeyPair, certificate: &[u8], authority: &[u8], mchid: &str) -> io::Result<Vec<u8>> {
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
