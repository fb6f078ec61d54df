//! The `openssl` command as a second implementation.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempdir::TempDir;

use crate::crypto::{ApiV3Key, Certificate, Digest, PrivateKey, PublicKey, aes_256_ecb_decrypt};

/// A folder that goes away.
pub mod tempdir {
    use super::{AtomicU32, Ordering};
    use std::path::{Path, PathBuf};

    pub struct TempDir(PathBuf);

    impl TempDir {
        pub fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let name = format!(
                "wechatpay-{}-{}",
                std::process::id(),
                COUNT.fetch_add(1, Ordering::Relaxed)
            );
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
            let path = self.path().join(name);
            std::fs::write(&path, content).unwrap();
            path.to_str().unwrap().to_owned()
        }

        pub fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for TempDir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Runs `openssl` with `input`; its output.
pub fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// A certificate for `key` with this serial, valid for ten years from today.
pub fn certificate(key: &PrivateKey, serial: &str) -> String {
    let folder = TempDir::new();
    let path = folder.write("key.pem", key.to_pem().unwrap().as_bytes());
    let serial = format!("0x{serial}");
    let arguments = [
        "req",
        "-x509",
        "-new",
        "-key",
        &path,
        "-subj",
        "/CN=Tenpay.com",
        "-days",
        "3650",
        "-set_serial",
        &serial,
    ];
    String::from_utf8(openssl(&arguments, b"")).unwrap()
}

#[test]
fn openssl_verifies_what_we_sign_and_we_what_it_signs() {
    let folder = TempDir::new();
    let key_pem = openssl(
        &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        b"",
    );
    let key_path = folder.write("key.pem", &key_pem);
    let public_pem = openssl(&["pkey", "-in", &key_path, "-pubout"], b"");
    let public_path = folder.write("public.pem", &public_pem);
    let key = PrivateKey::from_pem(&String::from_utf8(key_pem).unwrap()).unwrap();
    let public = PublicKey::from_pem(&String::from_utf8(public_pem).unwrap()).unwrap();
    assert_eq!(key.public_key().unwrap(), public);

    let message = "POST\n/v3/pay\n1\nnonce\n{\"a\":\"中\"}\n".as_bytes();
    let ours = folder.write("ours.sig", key.sign(message).unwrap());
    openssl(
        &["dgst", "-sha256", "-verify", &public_path, "-signature", &ours],
        message,
    );
    let theirs = openssl(&["dgst", "-sha256", "-sign", &key_path], message);
    assert!(public.verifies(message, &theirs));
    assert!(!public.verifies(b"another", &theirs));
}

#[test]
fn keys_come_as_pkcs8_and_pkcs1() {
    let folder = TempDir::new();
    let pkcs8 = openssl(
        &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        b"",
    );
    let path = folder.write("key.pem", &pkcs8);
    let pkcs1 = openssl(&["rsa", "-in", &path, "-traditional"], b"");
    let public1 = openssl(&["rsa", "-in", &path, "-RSAPublicKey_out"], b"");
    let [pkcs8, pkcs1, public1] = [pkcs8, pkcs1, public1].map(|pem| String::from_utf8(pem).unwrap());
    assert!(pkcs1.contains("BEGIN RSA PRIVATE KEY") && public1.contains("BEGIN RSA PUBLIC KEY"));
    let [from8, from1] = [pkcs8, pkcs1].map(|pem| PrivateKey::from_pem(&pem).unwrap().public_key().unwrap());
    assert_eq!(from8, from1);
    assert_eq!(from8, PublicKey::from_pem(&public1).unwrap());
}

#[test]
fn oaep_goes_both_ways() {
    const OAEP: [&str; 6] = [
        "-pkeyopt",
        "rsa_padding_mode:oaep",
        "-pkeyopt",
        "rsa_oaep_md:sha1",
        "-pkeyopt",
        "rsa_mgf1_md:sha1",
    ];
    let folder = TempDir::new();
    let key = PrivateKey::generate().unwrap();
    let key_path = folder.write("key.pem", key.to_pem().unwrap().as_bytes());
    let public = key.public_key().unwrap();
    let public_path = folder.write("public.pem", public.to_pem());
    let clear = "张三 13800000000".as_bytes();

    let decrypt = [&["pkeyutl", "-decrypt", "-inkey", &key_path], &OAEP[..]].concat();
    assert_eq!(openssl(&decrypt, &public.encrypt(clear).unwrap()), clear);
    let encrypt = [
        &["pkeyutl", "-encrypt", "-pubin", "-inkey", &public_path],
        &OAEP[..],
    ]
    .concat();
    assert_eq!(*key.decrypt(&openssl(&encrypt, clear)).unwrap(), clear);

    assert_eq!(public.max_clear_len(), 214);
    assert!(public.encrypt(&[b'x'; 214]).is_ok());
    assert!(public.encrypt(&[b'x'; 215]).is_err());
    assert!(key.decrypt(&[0; 256]).is_err());
    assert!(key.decrypt(b"short").is_err());
}

#[test]
fn ecb_and_digests_are_those_of_openssl() {
    let key = b"0123456789abcdef0123456789abcdef";
    let hex = crate::crypto::hex(key);
    let sealed = openssl(&["enc", "-aes-256-ecb", "-K", &hex], b"<root>\xe4\xb8\xad</root>");
    assert_eq!(
        *aes_256_ecb_decrypt(key, &sealed).unwrap(),
        *b"<root>\xe4\xb8\xad</root>"
    );
    assert!(aes_256_ecb_decrypt(key, &sealed[1..]).is_err());
    assert!(aes_256_ecb_decrypt(b"short", &sealed).is_err());

    for (digest, name) in [
        (Digest::Md5, "-md5"),
        (Digest::Sha1, "-sha1"),
        (Digest::Sha256, "-sha256"),
        (Digest::Sm3, "-sm3"),
    ] {
        let theirs = openssl(&["dgst", name, "-r"], b"abc");
        assert_eq!(
            digest.of(b"abc").as_bytes(),
            theirs.split(|byte| *byte == b' ').next().unwrap()
        );
    }
}

/// The command has no whole AES-GCM, but both its halves: AES in counter mode from 2, and the tag over
/// associated data alone.
#[test]
fn the_halves_of_gcm_are_those_of_openssl() {
    let (text, nonce) = ("0123456789abcdef0123456789ABCDEF", "aB3dE6gH9kLm");
    let key = ApiV3Key::new(text).unwrap();
    let [hex_key, hex_nonce] = [text, nonce].map(|text| crate::crypto::hex(text.as_bytes()));
    let clear = r#"{"refund_status":"SUCCESS","note":"中"}"#.as_bytes();
    let sealed = STANDARD
        .decode(key.seal(nonce, "refund", clear).unwrap())
        .unwrap();
    let counter = format!("{hex_nonce}00000002");
    let ciphertext = openssl(&["enc", "-aes-256-ctr", "-K", &hex_key, "-iv", &counter], clear);
    assert_eq!(sealed[..clear.len()], ciphertext);

    let tag = STANDARD.decode(key.seal(nonce, "refund", b"").unwrap()).unwrap();
    let [key_option, nonce_option] = [format!("hexkey:{hex_key}"), format!("hexiv:{hex_nonce}")];
    let arguments = [
        "mac",
        "-cipher",
        "AES-256-GCM",
        "-macopt",
        &key_option,
        "-macopt",
        &nonce_option,
    ];
    let theirs = openssl(&[&arguments[..], &["-binary", "GMAC"]].concat(), b"refund");
    assert_eq!(tag, theirs);
}

#[test]
fn gcm_takes_only_right_lengths() {
    let key = ApiV3Key::new("0123456789abcdef0123456789ABCDEF").unwrap();
    let sealed = key.seal("aB3dE6gH9kLm", "refund", b"clear").unwrap();
    assert_eq!(*key.open("aB3dE6gH9kLm", "refund", &sealed).unwrap(), *b"clear");
    assert!(key.open("aB3dE6gH9kLm", "other", &sealed).is_err());
    assert!(
        key.open("aB3dE6gH9kLmX", "refund", &sealed).is_err(),
        "a nonce of 13"
    );
    assert!(key.open("", "refund", &sealed).is_err(), "no nonce");
    let bytes = STANDARD.decode(&sealed).unwrap();
    for length in 0..bytes.len() {
        let short = STANDARD.encode(&bytes[..length]);
        let error = key.open("aB3dE6gH9kLm", "refund", &short).unwrap_err();
        let says = error.to_string().contains("fewer than its tag of 16");
        assert_eq!(says, length < 16, "{length} bytes: {error}");
    }
    assert!(key.open("aB3dE6gH9kLm", "refund", "no base64!").is_err());
    for wrong in ["", "0123456789abcdef", "0123456789abcdef0123456789ABCDEFG"] {
        let error = ApiV3Key::new(wrong).unwrap_err();
        assert!(error.is_configuration());
        assert!(
            wrong.is_empty() || !error.to_string().contains(wrong),
            "the error repeats the key"
        );
    }
}

#[test]
fn a_serial_keeps_its_zeros() {
    let key = PrivateKey::generate().unwrap();
    for serial in [
        "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567",
        "F00000000000000000000000000000000000000F",
        "01",
    ] {
        let certificate = Certificate::from_pem(&certificate(&key, serial)).unwrap();
        assert_eq!(certificate.serial(), serial);
        assert_eq!(*certificate.public_key(), key.public_key().unwrap());
        assert!(certificate.is_valid_at(std::time::SystemTime::now()));
    }
}
