//! Arbitrary bytes, and genuine ones with something altered: nothing panics, and nothing that was
//! altered passes.

use super::{MERCHANT, PLATFORM};
use crate::crypto::{
    ApiV3Key, Certificate, PrivateKey, PublicKey, from_base64, open_sm4_gcm, pem, to_base64,
};

/// A small generator (SplitMix64), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length)
            .map(|_| u8::try_from(self.next() & 0xFF).unwrap())
            .collect()
    }

    /// `genuine` with bytes changed, removed, inserted, or cut off.
    fn altered(&mut self, genuine: &[u8]) -> Vec<u8> {
        let mut bytes = genuine.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 => bytes.insert(at, u8::try_from(self.next() & 0xFF).unwrap()),
                _ => bytes.truncate(at),
            }
        }
        bytes
    }
}

const ROUNDS: u64 = 150;

/// Gives `check` arbitrary bytes and altered copies of `genuine`.
fn each(genuine: &[u8], mut check: impl FnMut(&[u8])) {
    for seed in 0..ROUNDS {
        let mut random = Random(seed);
        check(&random.bytes(300));
        let altered = random.altered(genuine);
        if altered != genuine {
            check(&altered);
        }
    }
}

fn der(text: &str) -> Vec<u8> {
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    from_base64(&base64).unwrap()
}

#[test]
fn signatures() {
    let public = PLATFORM.public_key().unwrap();
    let genuine = PLATFORM.sign(b"message").unwrap();
    assert!(public.verifies(b"message", &genuine));
    each(&genuine, |signature| {
        assert!(!public.verifies(b"message", signature))
    });
}

#[test]
fn ciphertexts() {
    let genuine = MERCHANT.public_key().unwrap().encrypt("张三".as_bytes()).unwrap();
    each(&genuine, |ciphertext| {
        assert!(MERCHANT.decrypt(ciphertext).is_err())
    });
}

#[test]
fn sealed_resources() {
    let key = ApiV3Key::new("0123456789abcdef0123456789ABCDEF").unwrap();
    let genuine = from_base64(&key.seal_sm4("aB3dE6gH9kLm", "", b"resource").unwrap()).unwrap();
    each(&genuine, |sealed| {
        assert!(key.open_sm4("aB3dE6gH9kLm", "", &to_base64(sealed)).is_err());
        assert!(open_sm4_gcm(sealed, sealed, sealed, genuine.clone()).is_err());
    });
}

#[test]
fn private_keys() {
    let genuine = der(&MERCHANT.to_pem().unwrap());
    each(&genuine, |bytes| {
        // A key that survives its alteration is a key: it signs and verifies.
        if let Ok(key) = PrivateKey::from_pem(&pem::write("PRIVATE KEY", bytes)) {
            let signature = key.sign(b"message").unwrap();
            assert!(key.public_key().unwrap().verifies(b"message", &signature));
        }
    });
}

#[test]
fn public_keys() {
    let genuine = der(&MERCHANT.public_key().unwrap().to_pem());
    let signature = MERCHANT.sign(b"message").unwrap();
    each(&genuine, |bytes| {
        // One with another sign of the same point is another key.
        if let Ok(key) = PublicKey::from_spki(bytes)
            && key != MERCHANT.public_key().unwrap()
        {
            assert!(!key.verifies(b"message", &signature));
            let _ = key.encrypt(b"clear");
        }
    });
}

#[test]
fn certificates() {
    let pem = super::super::openssl::certificate(&PLATFORM, "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC");
    each(&der(&pem), |bytes| {
        let _ = Certificate::from_der(bytes);
    });
}
