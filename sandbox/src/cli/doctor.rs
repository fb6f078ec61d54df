//! `doctor`: whether a sandbox can be reached and used from here.

use std::process::ExitCode;

use serde_json::Value;
use wechatpay_sandbox::text;

use super::Given;
use super::client::Remote;

/// Checks one thing after the other, and says what to do about those that fail.
pub async fn run(given: &Given) -> Result<ExitCode, String> {
    let remote = Remote::new(given)?;
    let mut failed = false;
    let mut report = |what: &str, outcome: Result<String, String>| {
        match outcome {
            Ok(found) => println!("ok      {what}: {found}"),
            Err(problem) => {
                failed = true;
                println!("FAILED  {what}: {problem}");
            }
        };
    };
    report("address", Ok(remote.url.clone()));
    report("proxy", proxy());
    let time = remote.send("GET", "/control/time", &[], "").await;
    let reached = time.as_ref().map(|response| response.status.to_string());
    report(
        "reached",
        reached.map_err(|problem| format!("{problem}; is `serve` running?")),
    );
    if let Ok(response) = time {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let theirs = body.as_str().and_then(text::from_rfc3339).unwrap_or(0);
        let apart = theirs.abs_diff(text::now());
        report("its clock", Ok(format!("{apart} s from this machine's")));
    }
    report("keys", keys(&remote));
    report("a signed call", signed(&remote).await);
    Ok(match failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn proxy() -> Result<String, String> {
    let set = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
    ];
    let set = set
        .iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let skipped = ["NO_PROXY", "no_proxy"]
        .iter()
        .any(|name| std::env::var(name).is_ok_and(|hosts| hosts.contains("127.0.0.1") || hosts == "*"));
    match set {
        Some(name) if !skipped => Err(format!(
            "{name} is set: an SDK may send requests for 127.0.0.1 there; set NO_PROXY=127.0.0.1,localhost"
        )),
        _ => Ok("none for 127.0.0.1".into()),
    }
}

fn keys(remote: &Remote) -> Result<String, String> {
    if remote.config.is_null() {
        return Err("unknown: name the sandbox's config.json with --config".into());
    }
    let files = remote.config["files"].as_object().into_iter().flatten();
    let mut count = 0;
    for (name, path) in files {
        let path = path.as_str().unwrap_or_default();
        std::fs::metadata(path).map_err(|error| format!("{name}: {path}: {error}"))?;
        count += 1;
    }
    Ok(format!("{count} files"))
}

async fn signed(remote: &Remote) -> Result<String, String> {
    let mchid = remote.config["mchid"].as_str().unwrap_or_default();
    let path = format!("/v3/pay/transactions/out-trade-no/DOCTOR?mchid={mchid}");
    let headers = remote.signed("GET", &path, "")?;
    let response = remote.send("GET", &path, &headers, "").await?;
    // Only a request with the right signature is told that there is no such order (or, without state, of one).
    if !matches!(response.status, 200 | 404) {
        return Err(format!(
            "{} {}",
            response.status,
            String::from_utf8_lossy(&response.body)
        ));
    }
    remote.verify(&response)?;
    Ok("understood, and its response is signed by the platform".into())
}
