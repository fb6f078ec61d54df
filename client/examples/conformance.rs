//! Public test vectors against this crate: `cargo run --all-features --example conformance -- VECTORS.json`.
//!
//! In: `{"vectors": [{"id": …, "kind": …, …}]}`. Out: a line per vector, then a total; exit status 0
//! only if all pass. A kind that is not known here is a failure.

use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay_client::apiv2::{self, ApiV2Key, SignType};
use wechatpay_client::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey, aes_256_ecb_decrypt};
use wechatpay_client::{Client, Json, read_certificates};
use zeroize::Zeroizing;

/// Why a vector does not pass.
type Problem = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: conformance VECTORS.json");
        return ExitCode::from(2);
    };
    match run(&path) {
        Ok((passed, total)) => {
            println!("{passed} of {total} passed");
            ExitCode::from(u8::from(passed != total || total == 0))
        }
        Err(problem) => {
            eprintln!("{path}: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(path: &str) -> Result<(usize, usize), Problem> {
    let file: Json = serde_json::from_slice(&std::fs::read(path)?)?;
    let vectors = file["vectors"]
        .as_array()
        .ok_or("there is no list `vectors` in it")?;
    let mut passed = 0;
    for vector in vectors {
        let id = vector["id"].as_str().unwrap_or("(no id)");
        let kind = vector["kind"].as_str().unwrap_or("(no kind)");
        match check(kind, vector) {
            Ok(()) => {
                passed += 1;
                println!("ok      {kind:22} {id}");
            }
            Err(problem) => println!("FAILED  {kind:22} {id}: {problem}"),
        }
    }
    Ok((passed, vectors.len()))
}

fn check(kind: &str, vector: &Json) -> Result<(), Problem> {
    match kind {
        "rsa-sign" => rsa_sign(vector),
        "rsa-verify" | "sm2-verify" => verify(vector),
        "certificate-serial" => certificate_serial(vector),
        "oaep-decrypt" | "sm2-decrypt" => decrypt(vector),
        "aes-gcm-decrypt" => aes_gcm_decrypt(vector),
        "aes-ecb-decrypt" => aes_ecb_decrypt(vector),
        "certificates-download" => certificates_download(vector),
        "v2-sign" => v2_sign(vector),
        "webhook-v3" => webhook(vector),
        "sm2-sign" => sm2_sign(vector),
        #[cfg(feature = "shangmi")]
        "sm4-gcm-decrypt" => sm4_gcm_decrypt(vector),
        #[cfg(not(feature = "shangmi"))]
        "sm4-gcm-decrypt" => Err("this needs the feature `shangmi`".into()),
        _ => Err("this kind is not known".into()),
    }
}

fn text<'a>(vector: &'a Json, name: &str) -> Result<&'a str, Problem> {
    vector[name]
        .as_str()
        .ok_or_else(|| format!("the vector has no text `{name}`").into())
}

fn expect(holds: bool, what: &str) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// Whether the vector is one that must be accepted; those that do not say are.
fn is_valid(vector: &Json) -> bool {
    vector["valid"].as_bool().unwrap_or(true)
}

fn rsa_sign(vector: &Json) -> Result<(), Problem> {
    let key = PrivateKey::from_pem(text(vector, "private_key_pem")?)?;
    let signature = key.sign(text(vector, "message")?.as_bytes())?;
    expect(
        STANDARD.encode(signature) == text(vector, "signature")?,
        "another signature",
    )
}

/// Signatures that are never the same twice: sign, then verify.
fn sm2_sign(vector: &Json) -> Result<(), Problem> {
    let key = PrivateKey::from_pem(text(vector, "private_key_pem")?)?;
    let message = text(vector, "message")?.as_bytes();
    let valid = public_key(vector)?.verifies(message, &key.sign(message)?);
    expect(valid, "its own signature is not accepted")
}

fn public_key(vector: &Json) -> Result<PublicKey, Problem> {
    match text(vector, "certificate_pem") {
        Ok(pem) => Ok(Certificate::from_pem(pem)?.public_key().clone()),
        Err(_) => Ok(PublicKey::from_pem(text(vector, "public_key_pem")?)?),
    }
}

fn verify(vector: &Json) -> Result<(), Problem> {
    let signature = STANDARD.decode(text(vector, "signature")?)?;
    let valid = public_key(vector)?.verifies(text(vector, "message")?.as_bytes(), &signature);
    expect(valid == is_valid(vector), "the verdict is the other one")
}

fn certificate_serial(vector: &Json) -> Result<(), Problem> {
    let certificate = Certificate::from_pem(text(vector, "certificate_pem")?)?;
    expect(certificate.serial() == text(vector, "serial")?, "another serial")
}

fn decrypt(vector: &Json) -> Result<(), Problem> {
    let key = PrivateKey::from_pem(text(vector, "private_key_pem")?)?;
    let clear = key.decrypt(&STANDARD.decode(text(vector, "ciphertext")?)?)?;
    expect(*clear == text(vector, "plaintext")?.as_bytes(), "another text")
}

fn aes_gcm_decrypt(vector: &Json) -> Result<(), Problem> {
    opens(vector, ApiV3Key::open)
}

#[cfg(feature = "shangmi")]
fn sm4_gcm_decrypt(vector: &Json) -> Result<(), Problem> {
    opens(vector, ApiV3Key::open_sm4)
}

/// Whether `open` opens the ciphertext exactly if the vector is valid.
fn opens(
    vector: &Json,
    open: impl Fn(&ApiV3Key, &str, &str, &str) -> wechatpay_client::Result<Zeroizing<Vec<u8>>>,
) -> Result<(), Problem> {
    let key = ApiV3Key::new(text(vector, "key")?)?;
    let associated_data = vector["associated_data"].as_str().unwrap_or_default();
    let nonce = text(vector, "nonce")?;
    let clear = open(&key, nonce, associated_data, text(vector, "ciphertext")?);
    match (clear, is_valid(vector)) {
        (Ok(clear), true) => expect(*clear == text(vector, "plaintext")?.as_bytes(), "another text"),
        (Ok(_), false) => Err("accepted".into()),
        (Err(error), true) => Err(error.into()),
        (Err(_), false) => Ok(()),
    }
}

fn aes_ecb_decrypt(vector: &Json) -> Result<(), Problem> {
    let ciphertext = STANDARD.decode(text(vector, "ciphertext")?)?;
    let clear = aes_256_ecb_decrypt(text(vector, "key")?.as_bytes(), &ciphertext)?;
    expect(*clear == text(vector, "plaintext")?.as_bytes(), "another text")
}

fn certificates_download(vector: &Json) -> Result<(), Problem> {
    let key = ApiV3Key::new(text(vector, "api_v3_key")?)?;
    let certificates = read_certificates(&key, text(vector, "body")?.as_bytes())?;
    let serials: Vec<_> = certificates.iter().map(Certificate::serial).collect();
    let wanted: Vec<_> = vector["serials"].as_array().into_iter().flatten().collect();
    expect(
        serials.len() == wanted.len()
            && wanted
                .iter()
                .all(|serial| serials.iter().any(|one| *serial == one)),
        "other serials",
    )
}

fn v2_sign(vector: &Json) -> Result<(), Problem> {
    let key = ApiV2Key::new(text(vector, "key")?)?;
    let sign_type = SignType::from_wire(text(vector, "sign_type")?).ok_or("an unknown sign type")?;
    let params = vector["params"].as_object().ok_or("the vector has no `params`")?;
    let params: Vec<(String, String)> = params
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), ToOwned::to_owned);
            (name.clone(), text)
        })
        .collect();
    let fields = || params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sign = text(vector, "sign")?;
    expect(
        apiv2::sign(&key, sign_type, fields()) == sign,
        "another signature",
    )?;
    expect(
        apiv2::verify(&key, fields(), sign),
        "its own signature is not accepted",
    )
}

/// A client at the vector's time that knows the vector's key and no other.
fn receiver(vector: &Json) -> Result<Client, Problem> {
    let now = vector["now"].as_u64().ok_or("the vector has no `now`")?;
    let merchant = PrivateKey::generate()?;
    let builder = Client::builder()
        .mchid("1900000001")
        .certificate_serial("01")
        .private_key_pem(merchant.to_pem()?.to_string())
        .api_v3_key(text(vector, "api_v3_key")?)
        .download_certificates(false)
        .clock(move || UNIX_EPOCH + Duration::from_secs(now));
    let builder = match text(vector, "certificate_pem") {
        Ok(pem) => builder.platform_certificate_pem(pem),
        Err(_) => builder.public_key_pem(text(vector, "serial")?, text(vector, "public_key_pem")?),
    };
    Ok(builder.build()?)
}

fn webhook(vector: &Json) -> Result<(), Problem> {
    let client = receiver(vector)?;
    let mut headers = HeaderMap::new();
    for (name, value) in vector["headers"]
        .as_object()
        .ok_or("the vector has no `headers`")?
    {
        let value = value.as_str().ok_or("a header is not text")?;
        headers.append(name.parse::<HeaderName>()?, HeaderValue::from_str(value)?);
    }
    let body = text(vector, "body")?.as_bytes();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(async { client.webhook::<Json>(&headers, body).await });
    match (result, is_valid(vector)) {
        (Ok(_), false) => Err("accepted".into()),
        (Err(error), true) => Err(error.into()),
        (Err(_), false) => Ok(()),
        (Ok(notification), true) => {
            expect(
                notification.event_type == text(vector, "event_type")?,
                "another event type",
            )?;
            expect(notification.resource == vector["resource"], "another resource")
        }
    }
}
