//! Checks a merchant's files: `cargo run --example doctor -- DIR`.
//!
//! `DIR` holds what the merchant platform gave out (`apiclient_key.pem`, `apiclient_cert.pem`,
//! `apiclient_cert.p12`, `pub_key.pem`). Each file is recognised by its content. Nothing is sent, and
//! nothing secret is printed. The `.p12` file is opened with `--features p12` only.
//!
//! With `--online` one signed call follows, `POST /v3/security/echo`, which moves no money.
//!
//! From the environment, each checked where it is set: `WECHATPAY_MCHID`, `WECHATPAY_API_V3_KEY`,
//! `WECHATPAY_API_V2_KEY`, `WECHATPAY_PUBLIC_KEY_ID`, and for `--online` against a sandbox
//! `WECHATPAY_BASE_URL`.
//!
//! Exit status: 0 when all is well, 1 when something is wrong, 2 when it could not be checked.

mod folder;
mod online;
mod report;
mod settings;

use std::path::Path;
use std::process::ExitCode;

use report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    let (options, folders): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let online = options.iter().any(|option| option == "--online");
    let ([folder], true) = (
        folders.as_slice(),
        options.iter().all(|option| option == "--online"),
    ) else {
        eprintln!("usage: doctor DIR [--online]");
        return ExitCode::from(2);
    };
    let mut report = Report::default();
    let found = match folder::check(Path::new(folder), &mut report) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("{folder}: {error}");
            return ExitCode::from(2);
        }
    };
    settings::check(&found, &mut report);
    if online && !report.has_failed() {
        online::check(&found, &mut report).await;
    }
    report.finish()
}
