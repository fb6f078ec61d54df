//! The `openssl` command as a second implementation. Where it has no SM2, the tests say that they are
//! skipped.

use super::super::openssl::tempdir::TempDir;
use super::super::openssl::{certificate, openssl};
use super::{MERCHANT, PLATFORM};
use crate::crypto::{Algorithm, Certificate, PrivateKey, PublicKey};

const SM2: [&str; 5] = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"];

/// Whether this `openssl` signs with SM2; says so where it does not.
fn is_able(test: &str) -> bool {
    let output = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "SM2"])
        .output()
        .unwrap();
    if !output.status.success() {
        eprintln!("skipped: {test}: this openssl has no SM2");
    }
    output.status.success()
}

#[test]
fn openssl_verifies_what_we_sign_and_we_what_it_signs() {
    if !is_able("signatures") {
        return;
    }
    let folder = TempDir::new();
    let key_pem = openssl(&["genpkey", "-algorithm", "SM2"], b"");
    let key_path = folder.write("key.pem", &key_pem);
    let key = PrivateKey::from_pem(std::str::from_utf8(&key_pem).unwrap()).unwrap();
    let public_pem = openssl(&["pkey", "-in", &key_path, "-pubout"], b"");
    let public = PublicKey::from_pem(std::str::from_utf8(&public_pem).unwrap()).unwrap();
    assert_eq!(key.public_key().unwrap(), public);
    assert_eq!(public.to_pem().as_bytes(), public_pem);

    let message = "POST\n/v3/pay\n1\nnonce\n{\"a\":\"中\"}\n".as_bytes();
    let message_path = folder.write("message", message);
    for _ in 0..8 {
        let ours = folder.write("ours.sig", key.sign(message).unwrap());
        let verify = [
            "pkeyutl",
            "-verify",
            "-in",
            &message_path,
            "-inkey",
            &key_path,
            "-sigfile",
            &ours,
        ];
        openssl(&[&verify[..], &SM2].concat(), b"");
        let sign = ["pkeyutl", "-sign", "-in", &message_path, "-inkey", &key_path];
        let theirs = openssl(&[&sign[..], &SM2].concat(), b"");
        assert!(public.verifies(message, &theirs));
        assert!(!public.verifies(b"another", &theirs));
    }
    // Another user identification is another signature.
    let sign = ["pkeyutl", "-sign", "-in", &message_path, "-inkey", &key_path];
    let other = [&sign[..], &SM2[..4], &["distid:another"]].concat();
    assert!(!public.verifies(message, &openssl(&other, b"")));
}

#[test]
fn encryption_goes_both_ways() {
    if !is_able("encryption") {
        return;
    }
    let folder = TempDir::new();
    let key_path = folder.write("key.pem", MERCHANT.to_pem().unwrap().as_bytes());
    let public = MERCHANT.public_key().unwrap();
    let public_path = folder.write("public.pem", public.to_pem());
    for clear in ["x", "张三 13800000000", &"long ".repeat(200)] {
        let ours = public.encrypt(clear.as_bytes()).unwrap();
        let opened = openssl(&["pkeyutl", "-decrypt", "-inkey", &key_path], &ours);
        assert_eq!(opened, clear.as_bytes());
        let encrypt = ["pkeyutl", "-encrypt", "-pubin", "-inkey", &public_path];
        let theirs = openssl(&encrypt, clear.as_bytes());
        assert_eq!(*MERCHANT.decrypt(&theirs).unwrap(), clear.as_bytes());
    }
}

#[test]
fn a_certificate_gives_serial_key_and_validity() {
    if !is_able("certificates") {
        return;
    }
    let serial = "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC";
    let certificate = Certificate::from_pem(&certificate(&PLATFORM, serial)).unwrap();
    assert_eq!(certificate.serial(), serial);
    assert_eq!(*certificate.public_key(), PLATFORM.public_key().unwrap());
    assert_eq!(certificate.public_key().algorithm(), Algorithm::Sm2);
    assert!(certificate.is_valid_at(std::time::SystemTime::now()));
}

#[test]
fn keys_of_another_curve_are_refused() {
    let folder = TempDir::new();
    let arguments = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    let pem = openssl(&arguments, b"");
    let path = folder.write("key.pem", &pem);
    let error = PrivateKey::from_pem(std::str::from_utf8(&pem).unwrap()).unwrap_err();
    assert!(error.to_string().contains("found something else"), "{error}");
    let public = openssl(&["pkey", "-in", &path, "-pubout"], b"");
    assert!(PublicKey::from_pem(std::str::from_utf8(&public).unwrap()).is_err());
}
