//! `apiclient_cert.p12`, as the merchant platform hands it out: in go its bytes and its password,
//! out come the merchant's certificate and private key as PEM text.

use std::path::PathBuf;

use p12_keystore::Pkcs12Archive;
use zeroize::Zeroizing;

use crate::crypto::pem;
use crate::error::Error;

/// What a p12 file holds.
pub(crate) struct Pair {
    /// The merchant's own certificate first, then what else there is of its chain.
    pub certificate: String,
    /// PKCS#8.
    pub private_key: Zeroizing<String>,
}

/// A p12 file that was given.
pub(crate) struct P12 {
    pub source: Source,
    pub password: Option<Zeroizing<String>>,
}

/// Where the file is.
pub(crate) enum Source {
    Bytes(Zeroizing<Vec<u8>>),
    File(PathBuf),
}

impl P12 {
    /// Opens it; without a password of its own, with the merchant id.
    pub fn open(&self, mchid: &str) -> Result<Pair, Error> {
        let password = self.password.as_ref().map_or(mchid, |password| password.as_str());
        match &self.source {
            Source::Bytes(bytes) => read(bytes, password),
            Source::File(path) => {
                let bytes = std::fs::read(path).map(Zeroizing::new).map_err(|error| {
                    let problem = format!("the p12 file: `{}` can't be read: {error}", path.display());
                    Error::configuration(problem).with_source(error)
                })?;
                read(&bytes, password)
            }
        }
    }
}

/// Opens a p12 file.
///
/// # Errors
/// When the password is wrong, or there is not exactly one private key with its certificate in it.
fn read(p12: &[u8], password: &str) -> Result<Pair, Error> {
    let wrong = |problem: &str| Error::configuration(format!("the p12 file: {problem}"));
    let archive = Pkcs12Archive::from_pkcs12(p12, password).map_err(|_| {
        wrong(
            "it can't be opened: another password (it is the merchant id unless changed), or not a PKCS#12 file",
        )
    })?;
    let [key] = archive.keys.as_slice() else {
        return Err(wrong("expected exactly one private key in it"));
    };
    let id = key.local_key_id.as_ref().map(|id| id.0.as_slice());
    let bags = &archive.certs;
    let own = match bags
        .iter()
        .position(|bag| id.is_some() && bag.local_key_id.as_deref() == id)
    {
        Some(own) => own,
        None if bags.len() == 1 => 0,
        None => {
            return Err(wrong(
                "it does not say which of its certificates is the merchant's",
            ));
        }
    };
    let others = (0..bags.len()).filter(|index| *index != own);
    let chain = std::iter::once(own).chain(others);
    Ok(Pair {
        certificate: chain
            .map(|index| pem::write("CERTIFICATE", bags[index].cert.as_der()).to_string())
            .collect(),
        private_key: pem::write("PRIVATE KEY", key.key.as_der()),
    })
}
