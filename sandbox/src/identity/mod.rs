//! The merchant and the platform: ids, crypto, certificates, and the files a real merchant gets.
//!
//! In: a folder, or none. Out: an [`Identity`], the same one again when the folder already holds one.
//! Everything is made up: the certificates are issued by a test CA that says so.

mod issue;
mod platform;

use std::path::Path;
use std::sync::Arc;
use std::{fmt, fs, io};

use rcgen::KeyPair;
use serde_json::{Value, json};

use crate::crypto;
use crate::key::{Algorithm, Key};
use crate::{files, text};
use issue::{Authority, authority, broken, certificate, issue, issue_sm, p12, read_key, rsa, shared};
pub use platform::{Platform, PlatformKey, PlatformKeys};

/// Whoever signs requests: an id, a key and its certificate.
pub struct Signer {
    pub id: String,
    /// The certificate's serial.
    pub serial: String,
    pub key: Key,
    pub key_pem: String,
    pub certificate_pem: String,
}

/// One merchant, its brand, and the platform they see.
pub struct Identity {
    pub mchid: String,
    pub appid: String,
    pub serial: String,
    pub key: Key,
    pub key_pem: String,
    pub certificate_pem: String,
    pub p12: Vec<u8>,
    pub api_v3_key: String,
    pub api_v2_key: String,
    /// Signs the operations under `/brand/`.
    pub brand: Signer,
    /// `PUB_KEY_ID_…`.
    pub public_key: Arc<PlatformKey>,
    /// All that responses and notifications can be signed with.
    pub platform: PlatformKeys,
    /// The test CA and a certificate for 127.0.0.1 under it, for `--tls`.
    pub ca_pem: String,
    pub tls: (String, String),
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Identity");
        shown.field("mchid", &self.mchid).finish_non_exhaustive()
    }
}

/// The hosts that the certificate for `--tls` is for: this machine, and the real ones, for clients that
/// have them built in and are led here by `/etc/hosts` or `curl --connect-to`.
const HOSTS: [&str; 14] = [
    "127.0.0.1",
    "::1",
    "localhost",
    "host.docker.internal",
    "wechatpay-sandbox",
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    "apihk.mch.weixin.qq.com",
    "apius.mch.weixin.qq.com",
    "apisgp.mch.weixin.qq.com",
    "fraud.mch.weixin.qq.com",
    "payapp.weixin.qq.com",
    "action.weixin.qq.com",
    "api.wechatpay.cn",
];

impl Identity {
    /// Makes a new one.
    ///
    /// # Errors
    /// When a key can't be made.
    pub fn generate(mchid: Option<&str>, platform: Platform, algorithm: Algorithm) -> io::Result<Self> {
        let mchid = match mchid {
            Some(mchid) => mchid.to_owned(),
            None => format!("19{}", text::digits(8)),
        };
        let authority = authority()?;
        let key = rsa()?;
        let (own, serial) = certificate(&authority, &key, &mchid, &[])?;
        let p12 = p12(&key, own.der(), authority.der(), &mchid)?;
        let tls_key = KeyPair::generate().map_err(broken)?;
        let (tls_certificate, _) = certificate(&authority, &tls_key, "localhost", &HOSTS)?;
        let id = format!("PUB_KEY_ID_01{mchid}{}00000000", text::today().replace('-', ""));
        let platform = PlatformKeys::generate(platform, algorithm, id, &authority)?;
        // An SM merchant has an RSA certificate too: that of the p12, for APIv2.
        let (key_pem, certificate_pem, serial) = match algorithm {
            Algorithm::Rsa => (key.serialize_pem(), own.pem(), serial),
            Algorithm::Sm => {
                let issued = issue_sm(&mchid)?;
                (issued.key_pem, issued.certificate_pem, issued.serial)
            }
        };
        Ok(Self {
            appid: format!("wx{}", crypto::random(16)),
            serial,
            key: read_key(&key_pem)?,
            key_pem,
            certificate_pem,
            p12,
            api_v3_key: crypto::random(32),
            api_v2_key: crypto::random(32),
            brand: Signer::generate(&authority, text::digits(8))?,
            public_key: platform.public_key.clone(),
            platform,
            ca_pem: authority.pem(),
            tls: (tls_certificate.pem(), tls_key.serialize_pem()),
            mchid,
        })
    }

    /// The platform certificates, the newest last.
    pub fn certificates(&self) -> Vec<Arc<PlatformKey>> {
        self.platform.certificates()
    }

    /// The identity of a folder, made and written there first if it holds none.
    ///
    /// # Errors
    /// When the folder can't be read or written, or what is there is not an identity.
    pub fn open(
        folder: &Path,
        mchid: Option<&str>,
        platform: Platform,
        algorithm: Algorithm,
    ) -> io::Result<Self> {
        if folder.join("config.json").is_file() {
            let identity = Self::read(folder, platform)?;
            let found = identity.key.algorithm();
            return match found == algorithm {
                true => Ok(identity),
                false => Err(broken(format!(
                    "the folder's is for the algorithm {}, not {}",
                    found.name(),
                    algorithm.name()
                ))),
            };
        }
        let identity = Self::generate(mchid, platform, algorithm)?;
        identity.write(folder, "")?;
        Ok(identity)
    }

    /// Writes the files that a merchant gets, `url` where the sandbox is now among them, and under `platform/` what only the sandbox knows.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn write(&self, folder: &Path, url: &str) -> io::Result<()> {
        files::make_folder(folder)?;
        let folder = &folder.canonicalize()?;
        files::make_subfolder(&folder.join("platform"))?;
        let put = |name: &str, bytes: &[u8]| files::write(&folder.join(name), bytes);
        put("apiclient_key.pem", self.key_pem.as_bytes())?;
        put("apiclient_cert.pem", self.certificate_pem.as_bytes())?;
        put("apiclient_cert.p12", &self.p12)?;
        put("brand_key.pem", self.brand.key_pem.as_bytes())?;
        put("brand_cert.pem", self.brand.certificate_pem.as_bytes())?;
        put("ca.pem", self.ca_pem.as_bytes())?;
        put("platform/tls_cert.pem", self.tls.0.as_bytes())?;
        put("platform/tls_key.pem", self.tls.1.as_bytes())?;
        // Before the keys: another one may be announced meanwhile, and the folder must have each that is named.
        let mut config = self.config(folder);
        self.platform.write(folder)?;
        config["url"] = url.into();
        put("config.json", format!("{config:#}\n").as_bytes())
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
            "algorithm": self.key.algorithm().name(),
            "platform": self.platform.kind.name(),
            "public_key_id": self.platform.public_key.id,
            "platform_serial_no": self.platform.serials(),
            "platform_signing_serial_no": self.platform.active().id,
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

    fn read(folder: &Path, platform: Platform) -> io::Result<Self> {
        let text = |name: &str| fs::read_to_string(folder.join(name));
        let config: Value = serde_json::from_str(&text("config.json")?).map_err(broken)?;
        let field = |name: &str| {
            let value = config[name].as_str().map(str::to_owned);
            value.ok_or_else(|| broken(format!("config.json has no {name}")))
        };
        let key_pem = text("apiclient_key.pem")?;
        let platform = PlatformKeys::read(platform, folder, &config)?;
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
            public_key: platform.public_key.clone(),
            platform,
            ca_pem: text("ca.pem")?,
            tls: (text("platform/tls_cert.pem")?, text("platform/tls_key.pem")?),
        })
    }
}

impl Signer {
    fn generate(authority: &Authority, id: String) -> io::Result<Self> {
        let issued = issue(authority, &shared("brand")?, &id)?;
        Ok(Self {
            id,
            serial: issued.serial,
            key: read_key(&issued.key_pem)?,
            key_pem: issued.key_pem,
            certificate_pem: issued.certificate_pem,
        })
    }
}
