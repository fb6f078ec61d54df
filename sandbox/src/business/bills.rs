//! Bills of a day: CSV with a summary, gzipped on demand, with the hash of what is inside.
//!
//! In: a date. Out: in APIv3 where the bill can be downloaded, and the bill under that address's token;
//! in APIv2 the bill. An order is in the bill of the day on which it was paid:
//! <https://pay.weixin.qq.com/doc/v3/merchant/4012551932>. Other than WeChat Pay,
//! the sandbox writes the bill of the current day too.

use std::io::Write as _;

use serde_json::json;

use super::bill_text::{fund_flow, trade_bill};
use super::{Context, Outcome};
use crate::refusal::Refusal;
use crate::{crypto, lock, text};

const TABLE: &str = "bills";
/// Bills are kept for three months.
const KEPT: u64 = 92 * 86_400;

/// Which bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Trades,
    Funds,
}

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    match context.operation().path.as_str() {
        "/v3/bill/tradebill" => Some(apply(context, Kind::Trades)),
        "/v3/bill/fundflowbill" => Some(apply(context, Kind::Funds)),
        "/v3/billdownload/file" => Some(download(context)),
        _ => None,
    }
}

/// The bill that is asked for, if there was any trade. `date` is `2026-01-31`.
fn bill(context: &Context<'_>, kind: Kind, date: &str) -> Result<Option<String>, &'static str> {
    let start = text::from_rfc3339(&format!("{date}T00:00:00+08:00")).ok_or("not a date")?;
    let now = context.now();
    if start > now {
        return Err("is in the future");
    }
    if start + KEPT < now {
        return Err("is more than three months ago");
    }
    let store = lock(&context.inner.store);
    let checked = context.checked;
    Ok(match kind {
        Kind::Trades => {
            let owner = match checked.text("sub_mchid") {
                "" => checked.text("sub_mch_id"),
                owner => owner,
            };
            trade_bill(&store, date, checked.text("bill_type"), context.mchid(), owner)
        }
        Kind::Funds => fund_flow(&store, date),
    })
}

fn apply(context: &Context<'_>, kind: Kind) -> Outcome {
    let date = context.checked.text("bill_date");
    let bill = bill(context, kind, date).map_err(|issue| {
        context.at(
            Refusal::parameter("query", "/bill_date", &date.into(), issue),
            "bill_date",
        )
    })?;
    let Some(bill) = bill else {
        let problem = "there was no trade on that day";
        return Err(context.refused(400, "NO_STATEMENT_EXIST", problem, "bill_date"));
    };
    let token = crypto::random(32);
    let gzip = context.checked.text("tar_type") == "GZIP";
    let row = json!({ "bill": bill, "gzip": gzip, "until": context.now() + 300 });
    let mut store = lock(&context.inner.store);
    // Links that are out of date are of no use any more.
    let old = store
        .all(TABLE)
        .filter(|(_, row)| row["until"].as_u64() < Some(context.now()));
    for (token, _) in old.collect::<Vec<_>>() {
        store.remove(TABLE, &token);
    }
    store.put(TABLE, &token, &row);
    let gzip = if gzip { "&tartype=gzip" } else { "" };
    Ok(context.facts(&json!({
        "hash_type": "SHA1",
        "hash_value": crypto::sha1(bill.as_bytes()),
        "download_url": format!("{}/v3/billdownload/file?token={token}{gzip}", context.writer.base),
    })))
}

fn download(context: &Context<'_>) -> Outcome {
    let row = lock(&context.inner.store).get(TABLE, context.checked.text("token"));
    let row = row.filter(|row| row["until"].as_u64() > Some(context.now()));
    let Some(row) = row else {
        let problem = "the token is unknown, or older than five minutes";
        return Err(context.refused(400, "PARAM_ERROR", problem, "token"));
    };
    let bill = row["bill"].as_str().unwrap_or_default();
    file(context, bill, row["gzip"] == true)
}

/// The bill as a file; clients read a plain one as text.
fn file(context: &Context<'_>, bill: &str, zip: bool) -> Outcome {
    let content_type = if zip {
        "application/octet-stream"
    } else {
        "text/plain"
    };
    Ok(context.writer.download(content_type, packed(bill, zip)?))
}

fn packed(bill: &str, zip: bool) -> Result<Vec<u8>, Refusal> {
    if !zip {
        return Ok(bill.as_bytes().to_vec());
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(bill.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|_| Refusal::new(500, "SYSTEM_ERROR", "the bill can't be compressed"))
}

/// APIv2's bills come in the response itself. The errors are those of
/// <https://pay.weixin.qq.com/doc/v2/merchant/4011939779>.
pub(crate) fn download_v2(context: &Context<'_>, kind: Kind) -> Outcome {
    let date = context.checked.text("bill_date");
    let failed = |code: &str, problem: &str| {
        let mut fields = vec![("return_code", "FAIL"), ("return_msg", problem)];
        match kind {
            Kind::Trades => fields.push(("error_code", code)),
            Kind::Funds => fields.extend([("err_code", code), ("err_code_des", problem)]),
        }
        context.writer.unsigned(&fields)
    };
    let dashed = match (date.get(..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) if date.len() == 8 => format!("{year}-{month}-{day}"),
        _ => String::new(),
    };
    let bill = match bill(context, kind, &dashed) {
        Ok(Some(bill)) => bill,
        Ok(None) if kind == Kind::Trades => return Ok(failed("20002", "No Bill Exist")),
        Ok(None) => return Ok(failed("NO_BILL_EXIST", "No Bill Exist")),
        Err(_) if kind == Kind::Trades => return Ok(failed("20001", "invalid bill_date")),
        Err(_) => return Ok(failed("PARAM_ERROR", "invalid bill_date")),
    };
    let zip = context.checked.text("tar_type") == "GZIP";
    let reply = file(context, &bill, zip)?;
    Ok(match kind {
        Kind::Trades => reply,
        Kind::Funds => reply.header("Digest", format!("SHA={}", crypto::sha1(bill.as_bytes()))),
    })
}
