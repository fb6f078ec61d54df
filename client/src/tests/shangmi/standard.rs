//! The values of the standards themselves, and what the types promise.

use super::{MERCHANT, STRANGER};
use crate::crypto::{Algorithm, ApiV3Key, Digest, PrivateKey, PublicKey, open_sm4_gcm};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// RFC 8998, appendix A.1.
#[test]
fn sm4_gcm_is_that_of_rfc_8998() {
    let key = bytes("0123456789ABCDEFFEDCBA9876543210");
    let nonce = bytes("00001234567800000000ABCD");
    let associated_data = bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
    let clear = bytes(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD\
         EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
    );
    let sealed = bytes(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735\
         D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D\
         83DE3541E4C2B58177E065A9BF7B62EC",
    );
    let opened = open_sm4_gcm(&key, &nonce, &associated_data, sealed.clone()).unwrap();
    assert_eq!(*opened, clear);
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert!(open_sm4_gcm(&key, &nonce, &associated_data, altered).is_err());
    }
    assert!(open_sm4_gcm(&key, &nonce, &associated_data[1..], sealed.clone()).is_err());
    let problem = |key: &[u8], nonce: &[u8], sealed: &[u8]| {
        let error = open_sm4_gcm(key, nonce, b"", sealed.to_vec()).unwrap_err();
        error.to_string()
    };
    assert!(problem(&key[1..], &nonce, &sealed).contains("the key has 15 bytes, expected 16"));
    assert!(problem(&key, &nonce[1..], &sealed).contains("the nonce has 11 bytes, expected 12"));
    assert!(problem(&key, &nonce, &sealed[..15]).contains("15 bytes, fewer than its tag of 16"));
}

#[test]
fn the_sm4_key_is_half_of_the_digest_of_the_api_v3_key() {
    let text = "0123456789abcdef0123456789ABCDEF";
    let key = ApiV3Key::new(text).unwrap();
    let sealed = key.seal_sm4("aB3dE6gH9kLm", "data", "中".as_bytes()).unwrap();
    assert_eq!(
        *key.open_sm4("aB3dE6gH9kLm", "data", &sealed).unwrap(),
        *"中".as_bytes()
    );
    let half = bytes(&Digest::Sm3.of(text.as_bytes())[..32]);
    let sealed = crate::crypto::from_base64(&sealed).unwrap();
    let clear = open_sm4_gcm(&half, b"aB3dE6gH9kLm", b"data", sealed).unwrap();
    assert_eq!(*clear, *"中".as_bytes());
    // The two algorithms do not open each other's.
    let aes = key.seal("aB3dE6gH9kLm", "data", b"x").unwrap();
    assert!(key.open_sm4("aB3dE6gH9kLm", "data", &aes).is_err());
}

#[test]
fn keys_go_through_pem_and_say_their_algorithm() {
    let pem = MERCHANT.to_pem().unwrap();
    let key = PrivateKey::from_pem(&pem).unwrap();
    let public = PublicKey::from_pem(&key.public_key().unwrap().to_pem()).unwrap();
    assert_eq!(public, MERCHANT.public_key().unwrap());
    assert_ne!(public, STRANGER.public_key().unwrap());
    for algorithm in [key.algorithm(), public.algorithm()] {
        assert_eq!(algorithm, Algorithm::Sm2);
    }
    assert_eq!(PrivateKey::generate().unwrap().algorithm(), Algorithm::Rsa);
    assert!(public.verifies(b"text", &key.sign(b"text").unwrap()));
    assert!(!public.verifies(b"texT", &key.sign(b"text").unwrap()));
    assert!(!public.verifies(b"text", &STRANGER.sign(b"text").unwrap()));
}

#[test]
fn no_key_shows_itself_and_every_decryption_fails_alike() {
    let pem = MERCHANT.to_pem().unwrap();
    let base64 = pem.lines().nth(1).unwrap();
    for shown in [
        format!("{:?}", *MERCHANT),
        format!("{:?}", MERCHANT.public_key().unwrap()),
    ] {
        assert!(!shown.contains(base64) && shown.len() < 40, "{shown}");
    }
    let ciphertext = MERCHANT.public_key().unwrap().encrypt(b"clear text").unwrap();
    assert_eq!(*MERCHANT.decrypt(&ciphertext).unwrap(), *b"clear text");
    let mut altered = ciphertext.clone();
    *altered.last_mut().unwrap() ^= 1;
    let errors = [
        STRANGER.decrypt(&ciphertext),
        MERCHANT.decrypt(&altered),
        MERCHANT.decrypt(&ciphertext[1..]),
        MERCHANT.decrypt(b""),
    ]
    .map(|result| result.unwrap_err().to_string());
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
}

#[test]
fn a_text_of_any_length_goes_through_encryption() {
    let public = MERCHANT.public_key().unwrap();
    for length in [1, 31, 32, 33, 1000, 65_535] {
        let clear = vec![7; length];
        assert_eq!(
            *MERCHANT.decrypt(&public.encrypt(&clear).unwrap()).unwrap(),
            clear
        );
    }
    assert!(public.encrypt(b"").is_err());
    let error = public.encrypt(&vec![7; 65_536]).unwrap_err();
    assert!(error.to_string().contains("at most 65535"), "{error}");
}
