//! Bills of the day: CSV with a summary, gzipped on demand, with the hash of what is inside.
//!
//! In: a date. Out: where the bill can be downloaded, and the bill under that address's token.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Context, Outcome, orders, refunds};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{crypto, lock, text};

const TABLE: &str = "bills";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    match context.operation().path.as_str() {
        "/v3/bill/tradebill" => Some(apply(context, trade_bill)),
        "/v3/bill/fundflowbill" => Some(apply(context, fund_flow)),
        "/v3/billdownload/file" => Some(download(context)),
        _ => None,
    }
}

fn apply(context: &Context<'_>, write: fn(&Store, &str, &str, &str) -> Option<String>) -> Outcome {
    let checked = context.checked;
    let date = checked.text("bill_date");
    let mut store = lock(&context.inner.store);
    let kind = checked.text("bill_type");
    let Some(bill) = write(&store, date, kind, &context.inner.identity.mchid) else {
        let refusal = Refusal::new(400, "NO_STATEMENT_EXIST", "there was no trade on that day");
        return Err(context.at(refusal, "bill_date"));
    };
    let token = crypto::random(32);
    let gzip = checked.text("tar_type") == "GZIP";
    store.put(
        TABLE,
        &token,
        json!({ "bill": bill, "gzip": gzip, "until": text::now() + 300 }),
    );
    let gzip = if gzip { "&tartype=gzip" } else { "" };
    Ok(context.facts(&json!({
        "hash_type": "SHA1",
        "hash_value": crypto::sha1(bill.as_bytes()),
        "download_url": format!("{}/v3/billdownload/file?token={token}{gzip}", context.writer.base),
    })))
}

fn download(context: &Context<'_>) -> Outcome {
    let store = lock(&context.inner.store);
    let row = store.get(TABLE, context.checked.text("token"));
    let Some(row) = row.filter(|row| row["until"].as_u64().is_some_and(|until| until > text::now())) else {
        let refusal = Refusal::new(
            400,
            "PARAM_ERROR",
            "the token is unknown, or older than five minutes",
        );
        return Err(context.at(refusal, "token"));
    };
    let bill = row["bill"].as_str().unwrap_or_default().as_bytes();
    match row["gzip"] == true {
        true => {
            let zipped =
                gzip(bill).map_err(|_| Refusal::new(500, "SYSTEM_ERROR", "the bill can't be written"))?;
            Ok(context.writer.file(zipped))
        }
        false => Ok(context.writer.file(bill.to_vec())),
    }
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn of_day(row: &Value, date: &str) -> bool {
    row["created"]
        .as_u64()
        .is_some_and(|created| text::date(created) == date)
}

/// A row of a bill: every cell behind a backtick.
fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| format!("`{}", cell.replace([',', '`', '\r', '\n'], " ")))
        .collect();
    cells.join(",") + "\r\n"
}

/// The bill of all trades: paid orders and refunds of a day.
pub fn trade_bill(store: &Store, date: &str, kind: &str, mchid: &str) -> Option<String> {
    let mut bill = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n".to_owned();
    let (mut count, mut paid, mut back) = (0, 0_i64, 0_i64);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let orders = store
        .all(orders::TABLE)
        .filter(|(_, row)| row.get("transaction_id").is_some() && of_day(row, date));
    for (number, row) in orders.filter(|_| kind != "REFUND") {
        let (facts, total) = (orders::facts_of(row), row["total"].as_i64().unwrap_or(0));
        let (time, amount) = (text(&row["success_time"]), yuan(total));
        let (id, trade_type) = (text(&row["transaction_id"]), text(&row["trade_type"]));
        bill.push_str(&line(&[
            &time,
            &text(&facts["appid"]),
            mchid,
            &text(&facts["sub_mchid"]),
            "",
            &id,
            number,
            &text(&facts["payer"]["openid"]),
            &trade_type,
            "SUCCESS",
            "OTHERS",
            "CNY",
            &amount,
            "0.00",
            "0",
            "0",
            "0.00",
            "0.00",
            "",
            "",
            &text(&facts["description"]),
            &text(&facts["attach"]),
            "0.00",
            "0.60%",
            &amount,
            "0.00",
            "",
        ]));
        (count, paid) = (count + 1, paid.saturating_add(total));
    }
    for (number, row) in store
        .all(refunds::TABLE)
        .filter(|(_, row)| kind != "SUCCESS" && of_day(row, date))
    {
        let (facts, refund) = (&row["facts"], row["refund"].as_i64().unwrap_or(0));
        let order = store
            .get(orders::TABLE, row["order"].as_str().unwrap_or_default())
            .cloned()
            .unwrap_or_default();
        let amount = yuan(refund);
        bill.push_str(&line(&[
            &text(&facts["create_time"]),
            &text(&order["facts"]["appid"]),
            mchid,
            "",
            "",
            &text(&facts["transaction_id"]),
            &text(&row["order"]),
            "",
            &text(&order["trade_type"]),
            "REFUND",
            "OTHERS",
            "CNY",
            "0.00",
            "0.00",
            &text(&facts["refund_id"]),
            number,
            &amount,
            "0.00",
            "ORIGINAL",
            &text(&row["state"]),
            &text(&order["facts"]["description"]),
            "",
            "0.00",
            "0.60%",
            "0.00",
            &amount,
            "",
        ]));
        (count, back) = (count + 1, back.saturating_add(refund));
    }
    if count == 0 {
        return None;
    }
    bill.push_str(
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n",
    );
    bill.push_str(&line(&[
        &count.to_string(),
        &yuan(paid),
        &yuan(back),
        "0.00",
        "0.00",
        &yuan(paid),
        &yuan(back),
    ]));
    Some(bill)
}

/// The bill of the money: what came in and went out on a day.
fn fund_flow(store: &Store, date: &str, _kind: &str, _mchid: &str) -> Option<String> {
    let mut bill = "\u{feff}记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,备注,业务凭证号\r\n".to_owned();
    let (mut incomes, mut income, mut expenses, mut expense) = (0, 0_i64, 0, 0_i64);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (number, row) in store
        .all(orders::TABLE)
        .filter(|(_, row)| row.get("transaction_id").is_some() && of_day(row, date))
    {
        let total = row["total"].as_i64().unwrap_or(0);
        (incomes, income) = (incomes + 1, income.saturating_add(total));
        let (time, id) = (text(&row["success_time"]), text(&row["transaction_id"]));
        bill.push_str(&line(&[
            &time,
            &id,
            &id,
            "交易",
            "交易",
            "收入",
            &yuan(total),
            &yuan(income - expense),
            "SANDBOX",
            "",
            number,
        ]));
    }
    for (number, row) in store.all(refunds::TABLE).filter(|(_, row)| of_day(row, date)) {
        let refund = row["refund"].as_i64().unwrap_or(0);
        (expenses, expense) = (expenses + 1, expense.saturating_add(refund));
        let (time, id) = (
            text(&row["facts"]["create_time"]),
            text(&row["facts"]["refund_id"]),
        );
        bill.push_str(&line(&[
            &time,
            &id,
            &id,
            "退款",
            "退款",
            "支出",
            &yuan(refund),
            &yuan(income - expense),
            "SANDBOX",
            "",
            number,
        ]));
    }
    if incomes + expenses == 0 {
        return None;
    }
    bill.push_str("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n");
    let total = (incomes + expenses).to_string();
    bill.push_str(&line(&[
        &total,
        &incomes.to_string(),
        &yuan(income),
        &expenses.to_string(),
        &yuan(expense),
    ]));
    Some(bill)
}
