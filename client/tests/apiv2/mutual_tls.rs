//! Mutual TLS: a real rustls server that demands the merchant's certificate, from a test CA.

use std::process::Command;
use std::sync::{Arc, LazyLock};

use rustls::RootCertStore;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use wechatpay_client::crypto::PrivateKey;
use wechatpay_client::v2::secapi::pay::refund;
use wechatpay_client::{Builder, Client, Error};

use crate::gateway::{Gateway, KEY, MCHID, builder, signed};

/// A certificate authority, as WeChat Pay has one for merchants and one for itself.
struct Authority {
    certificate: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

/// A certificate with its RSA key, PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate,
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    fn issue(&self, name: &str) -> Pair {
        let key = PrivateKey::generate().unwrap().to_pem().unwrap().to_string();
        let pair = rcgen::KeyPair::from_pem(&key).unwrap();
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.serial_number = Some(vec![0x0a, 0x1b, 0x2c].into());
        let certificate = params.signed_by(&pair, &self.issuer).unwrap().pem();
        Pair { certificate, key }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        roots
    }

    fn trusted_by(&self, builder: Builder) -> Builder {
        let root = reqwest::Certificate::from_der(self.certificate.der()).unwrap();
        // Leniency asked for here must change nothing.
        builder.configure_reqwest(move |client| {
            client
                .tls_certs_only([root.clone()])
                .tls_danger_accept_invalid_certs(true)
        })
    }
}

static SERVERS: LazyLock<Authority> = LazyLock::new(Authority::new);
static MERCHANTS: LazyLock<Authority> = LazyLock::new(Authority::new);
pub static MERCHANT: LazyLock<Pair> = LazyLock::new(|| MERCHANTS.issue("merchant.test"));

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap()
}

/// A gateway that lets in merchants only.
fn gateway(own: &Authority) -> Gateway {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(MERCHANTS.roots().into(), provider.clone()).build();
    let own = own.issue("127.0.0.1");
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.unwrap())
        .with_single_cert(
            vec![CertificateDer::from(der(&own.certificate))],
            PrivateKeyDer::Pkcs8(der(&own.key).into()),
        )
        .unwrap();
    Gateway::tls(config, |_| {
        signed(&[
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("appid", "wx2421b1c4370ec43b"),
            ("mch_id", MCHID),
            ("nonce_str", "NfsMFbUFpdbEhPXP"),
            ("transaction_id", "1008450740201411110005820873"),
            ("out_trade_no", "1415757673"),
            ("out_refund_no", "1415701182"),
            ("refund_id", "2008450740201411110000174436"),
            ("refund_fee", "1"),
            ("total_fee", "1"),
            ("cash_fee", "1"),
            ("cash_refund_fee", "1"),
            ("refund_count", "1"),
        ])
    })
}

fn request() -> refund::post::Request {
    refund::post::Request::from(refund::post::RequestInit {
        appid: "wx2421b1c4370ec43b".into(),
        out_refund_no: "1415701182".into(),
        total_fee: 1,
        refund_fee: 1,
    })
    .out_trade_no("1415757673")
}

async fn refund(client: &Client) -> Result<refund::post::Response, Error> {
    refund::post(client, &request()).await
}

fn check(gateway: &Gateway) {
    let seen = gateway.only();
    assert_eq!(seen.path(), "/secapi/pay/refund");
    assert_eq!(seen.certificate, Some(der(&MERCHANT.certificate)));
    assert!(seen.is_signed(KEY));
    // One of the two numbers is enough, the other one is left out.
    assert_eq!(seen.field("transaction_id"), None);
}

#[tokio::test]
async fn a_pem_pair_opens_the_door() {
    let gateway = gateway(&SERVERS);
    let builder = SERVERS.trusted_by(gateway.builder());
    let client = builder
        .certificate_pem(&MERCHANT.certificate)
        .private_key_pem(&MERCHANT.key)
        .build()
        .unwrap();
    assert_eq!(refund(&client).await.unwrap().refund_fee, 1);
    check(&gateway);
    assert_eq!(client.certificate_serial(), "0A1B2C");
}

/// The file as the merchant platform writes it: RC2-40 for the certificates, 3DES for the key.
fn p12(password: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = std::env::temp_dir().join(format!(
        "wechatpay-p12-{}-{}",
        std::process::id(),
        arguments.len()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("pair.pem"),
        format!("{}{}", MERCHANT.certificate, MERCHANT.key),
    )
    .unwrap();
    std::fs::write(folder.join("ca.pem"), MERCHANTS.certificate.pem()).unwrap();
    let output = Command::new("openssl")
        .args([
            "pkcs12",
            "-export",
            "-in",
            "pair.pem",
            "-certfile",
            "ca.pem",
            "-name",
            "Tenpay Certificate",
        ])
        .args(arguments)
        .args(["-passout", &format!("pass:{password}")])
        .current_dir(&folder)
        .output()
        .expect("these tests need the openssl command");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[tokio::test]
async fn a_legacy_p12_opens_the_door_and_its_password_is_the_merchant_id() {
    let gateway = gateway(&SERVERS);
    let p12 = p12(MCHID, &["-legacy"]);
    let builder = SERVERS.trusted_by(gateway.builder());
    let client = builder.certificate_p12(p12.clone(), None).build().unwrap();
    refund(&client).await.unwrap();
    check(&gateway);
    assert_eq!(client.certificate_serial(), "0A1B2C");

    let error = builder_of(&gateway)
        .certificate_p12(p12, Some("1900000110"))
        .build()
        .unwrap_err();
    assert!(error.is_configuration());
    assert!(error.to_string().contains("another password"), "{error}");
    let error = builder_of(&gateway)
        .certificate_p12(*b"no p12", None)
        .build()
        .unwrap_err();
    assert!(error.is_configuration());
}

#[tokio::test]
async fn a_modern_p12_with_a_password_of_its_own_opens_the_door_too() {
    let gateway = gateway(&SERVERS);
    let p12 = p12("changed it", &["-macalg", "sha256"]);
    let client = builder_of(&gateway)
        .certificate_p12(p12, Some("changed it"))
        .build()
        .unwrap();
    refund(&client).await.unwrap();
    check(&gateway);
}

fn builder_of(gateway: &Gateway) -> Builder {
    SERVERS.trusted_by(gateway.builder())
}

#[tokio::test]
async fn without_a_certificate_nothing_is_sent() {
    let gateway = gateway(&SERVERS);
    let client = builder_of(&gateway).build().unwrap();
    let error = refund(&client).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(!error.is_outcome_unknown());
    assert!(gateway.seen().is_empty());
}

#[tokio::test]
async fn a_stranger_is_not_let_in() {
    let gateway = gateway(&SERVERS);
    let stranger = Authority::new().issue("merchant.test");
    let client = builder_of(&gateway)
        .certificate_pem(&stranger.certificate)
        .private_key_pem(&stranger.key);
    refund(&client.build().unwrap()).await.unwrap_err();
    assert!(gateway.seen().is_empty());
}

/// The other direction: the server's certificate is checked as ever, with a client certificate or
/// without.
#[tokio::test]
async fn an_impostor_gets_nothing() {
    let impostor = gateway(&Authority::new());
    let builder = builder_of(&impostor);
    let client = builder
        .certificate_pem(&MERCHANT.certificate)
        .private_key_pem(&MERCHANT.key)
        .build()
        .unwrap();
    let error = refund(&client).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert!(!error.is_outcome_unknown());
    assert!(impostor.seen().is_empty());
}

/// A TLS configuration of the caller's own that accepts any certificate.
#[derive(Debug)]
struct Gullible;

impl ServerCertVerifier for Gullible {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[tokio::test]
async fn no_tls_configuration_of_the_callers_own_lets_an_impostor_in() {
    let impostor = gateway(&Authority::new());
    let client = impostor
        .builder()
        .configure_reqwest(|client| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let config = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Gullible))
                .with_no_client_auth();
            client
                .tls_backend_preconfigured(config)
                .tls_danger_accept_invalid_hostnames(true)
        })
        .certificate_pem(&MERCHANT.certificate)
        .private_key_pem(&MERCHANT.key)
        .build()
        .unwrap();
    let error = refund(&client).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert!(impostor.seen().is_empty());
}

#[tokio::test]
async fn invalid_certificates_of_servers_are_refused_whatever_the_caller_sets() {
    let impostor = gateway(&Authority::new());
    let client = impostor
        .builder()
        .configure_reqwest(|client| client.tls_danger_accept_invalid_certs(true))
        .certificate_pem(&MERCHANT.certificate)
        .private_key_pem(&MERCHANT.key)
        .build()
        .unwrap();
    let error = refund(&client).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert!(impostor.seen().is_empty());
}

#[test]
fn certificate_and_key_are_given_once_and_belong_together() {
    let other = MERCHANTS.issue("other.test");
    let error = builder()
        .certificate_pem(&MERCHANT.certificate)
        .private_key_pem(&other.key)
        .build()
        .unwrap_err();
    assert!(error.is_configuration());
    let p12 = p12(MCHID, &["-legacy", "-nomac"]);
    let error = builder()
        .certificate_p12(p12, None)
        .certificate_pem(&MERCHANT.certificate)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("given twice"));
}
