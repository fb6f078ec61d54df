//! Digests of files: SHA-256 for most uploads, SM3 for two, MD5 for APIv2's, SHA-1 for bills.
//!
//! In: bytes in any number of pieces. Out: the digest in lower-case hexadecimal.

use md5::Digest as _;

/// Which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Digest {
    /// MD5, in APIv2 only. Not collision-resistant.
    Md5,
    /// SHA-1: what WeChat Pay announces for bills. Not collision-resistant.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SM3, the Chinese national digest.
    Sm3,
}

/// Computes a digest piece by piece.
pub struct Hasher(State);

enum State {
    Lc(aws_lc_rs::digest::Context),
    Md5(Box<md5::Md5>),
    Sm3(Box<sm3::Sm3>),
}

impl Hasher {
    /// Starts.
    pub fn new(digest: Digest) -> Self {
        use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
        Self(match digest {
            Digest::Sha1 => State::Lc(Context::new(&SHA1_FOR_LEGACY_USE_ONLY)),
            Digest::Sha256 => State::Lc(Context::new(&SHA256)),
            Digest::Md5 => State::Md5(Box::default()),
            Digest::Sm3 => State::Sm3(Box::default()),
        })
    }

    /// Takes a piece.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Lc(context) => context.update(bytes),
            State::Md5(hasher) => hasher.update(bytes),
            State::Sm3(hasher) => hasher.update(bytes),
        }
    }

    /// The digest of all pieces, in lower-case hexadecimal.
    pub fn finish(self) -> String {
        match self.0 {
            State::Lc(context) => hex(context.finish().as_ref()),
            State::Md5(hasher) => hex(&hasher.finalize()),
            State::Sm3(hasher) => hex(&hasher.finalize()),
        }
    }
}

impl Digest {
    /// The digest of `bytes`, in lower-case hexadecimal.
    pub fn of(self, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}
