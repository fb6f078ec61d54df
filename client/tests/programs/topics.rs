//! The examples that need no set-up: each starts a sandbox of its own.

use std::process::Command;

use crate::program;

/// What an example prints that needs no set-up; it contains each of `expected`, in this order.
fn prints(name: &str, expected: &[&str]) {
    let output = Command::new(program(name)).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {printed}{problems}");
    let mut rest = printed.as_str();
    for text in expected {
        let at = rest.find(text);
        let at = at.unwrap_or_else(|| panic!("{name} does not print `{text}` here: {rest}"));
        rest = &rest[at + text.len()..];
    }
}

#[test]
fn pay() {
    let expected = [
        "== jsapi",
        "\"appId\": \"wx",
        "\"package\": \"prepay_id=",
        "\"paySign\"",
        "JSAPI-0001: ",
        "SUCCESS",
        "1280 fen",
        "== native",
        "weixin://",
        "▀",
        "== app",
        "\"prepayid\"",
        "Sign=WXPay",
        "== h5",
        "redirect_url=https%3A%2F%2Fshop.example%2Forders%2FH5-0001",
        "== partner",
        "PARTNER-0001 of 1900000109",
        "NOTPAY",
        "== combined",
        "COMBINED-0001-A: ",
        "SUCCESS",
        "COMBINED-0001-B: ",
        "SUCCESS",
    ];
    prints("pay", &expected);
}

#[test]
fn refund_webhook() {
    let expected = [
        "paid: REFUND-0001",
        "REFUND-0001-R1: PROCESSING, 500 fen",
        "refunded: REFUND-0001-R1",
        "REFUND-0001-R1: SUCCESS, 500 fen",
    ];
    prints("refund_webhook", &expected);
}

#[test]
fn payscore() {
    let expected = [
        "authorize with",
        "started: \"DOING\"",
        "completed: Some(\"DOING\"), Some(600) fen",
        "collected: \"USER_PAID\"",
        "refund: 300 fen",
    ];
    prints("payscore", &expected);
}

#[test]
fn payout() {
    let expected = [
        "== profit_sharing",
        "SHARED-0001-S1: \"FINISHED\"",
        "200 fen to 1900000110: \"SUCCESS\"",
        "== transfer",
        "TRANSFER0001: \"WAIT_USER_CONFIRM\"",
        "package: ",
        "TRANSFER0001: \"SUCCESS\"",
    ];
    prints("payout", &expected);
}

#[test]
fn files() {
    let expected = ["uploaded: ", "application ", "hash checked: true", "5 lines in "];
    prints("files", &expected);
    // Personal data stays out of the output.
    let output = Command::new(program("files"))
        .arg("application")
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("张三"));
}

#[test]
fn setup() {
    let expected = [
        "== blocking",
        "prepay_id=",
        "== merchants",
        "weixin://",
        "weixin://",
        "== rotation",
        "ROTATION-0001: verified",
        "1 of 1 keys valid",
        "from now on",
        "ROTATION-0002: verified",
        "2 of 2 keys valid",
    ];
    prints("setup", &expected);
}

#[test]
fn v2() {
    prints(
        "v2_refund",
        &["QR code: weixin://", "accepted: V2-0001-R1 of 500 fen"],
    );
    prints("v2_refund_notification", &["V2-0002-R1: SUCCESS, 500 fen"]);
    prints("v2_red_packet", &["sent: ", ": ", ", 100 fen"]);
    prints(
        "v2_contract_deduction",
        &[
            "the payer signs at http",
            "contract_code=CONTRACT-0001",
            "DEDUCT-0001: ACCEPT",
        ],
    );
}

#[test]
fn unknown_topic() {
    let output = Command::new(program("pay")).arg("cash").output().unwrap();
    assert!(!output.status.success());
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(
        problem.contains("unknown topic `cash`; one of: jsapi, native"),
        "{problem}"
    );
}
