//! The text of bills.
//!
//! In: the store and a day. Out: CSV in the columns of
//! <https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html> and of
//! <https://pay.weixin.qq.com/doc/v3/merchant/4012551886>, or nothing when there was no trade.

use serde_json::Value;

use super::{order, refunds};
use crate::store::Store;
use crate::text;

/// The columns of the bill of trades. Those of `SUCCESS` end the row without the refund's, as in
/// `REFUND` the refund has two more for its times.
const TRADES: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";
const TRADES_SUM: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n";
const SUCCESS: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注\r\n";
const REFUND: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";
const FUNDS: &str = "\u{feff}记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,备注,业务凭证号\r\n";

fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// A row of a bill: every cell behind a backtick.
fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| format!("`{}", cell.replace([',', '`', '\r', '\n'], " ")))
        .collect();
    cells.join(",") + "\r\n"
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn fen(row: &Value, name: &str) -> i64 {
    row[name].as_i64().unwrap_or(0)
}

/// Whether a moment of a row is on a day.
fn is_on(row: &Value, name: &str, date: &str) -> bool {
    row[name].as_u64().is_some_and(|time| text::date(time) == date)
}

fn time_of(row: &Value, name: &str) -> String {
    text::spaced(row[name].as_u64().unwrap_or(0))
}

/// The first cells of a trade, in all three kinds of bill.
fn head(order: &Value, mchid: &str, time: String, state: &str) -> Vec<String> {
    let facts = &order["facts"];
    let payer = ["openid", "sp_openid", "sub_openid"]
        .iter()
        .find_map(|name| facts["payer"][*name].as_str().or_else(|| facts[*name].as_str()));
    let appid = ["appid", "sp_appid"]
        .iter()
        .find_map(|name| facts[*name].as_str());
    let owner = text_of(&order["owner"]);
    vec![
        time,
        appid.unwrap_or_default().into(),
        mchid.into(),
        if owner == mchid { "0".into() } else { owner },
        text_of(&facts["device_info"]),
        text_of(&order["transaction_id"]),
        text_of(&order["number"]),
        payer.unwrap_or_default().into(),
        text_of(&order["trade_type"]),
        state.into(),
        "OTHERS".into(),
        "CNY".into(),
    ]
}

fn goods(order: &Value) -> [String; 2] {
    let facts = &order["facts"];
    let name = facts["description"].as_str().or_else(|| facts["body"].as_str());
    [name.unwrap_or_default().into(), text_of(&facts["attach"])]
}

fn success_row(order: &Value, mchid: &str, kind: &str) -> Vec<String> {
    let amount = yuan(fen(order, "total"));
    let state = if order["state"] == "REVOKED" {
        "REVOKED"
    } else {
        "SUCCESS"
    };
    let mut cells = head(order, mchid, time_of(order, "paid"), state);
    cells.extend([amount.clone(), "0.00".into()]);
    if kind != "SUCCESS" {
        cells.extend(["0", "0", "0.00", "0.00", "", ""].map(str::to_owned));
    }
    cells.extend(goods(order));
    cells.extend(["0.00000".into(), "0.60%".into(), amount]);
    if kind != "SUCCESS" {
        cells.push("0.00".into());
    }
    cells.push(String::new());
    cells
}

fn refund_row(order: &Value, refund: &Value, mchid: &str, kind: &str) -> Vec<String> {
    let (facts, amount) = (&refund["facts"], yuan(fen(refund, "refund")));
    let mut cells = head(order, mchid, time_of(refund, "created"), "REFUND");
    cells.extend(["0.00".into(), "0.00".into()]);
    if kind == "REFUND" {
        let arrived = facts["success_time"].as_str().and_then(text::from_rfc3339);
        cells.extend([
            time_of(refund, "created"),
            arrived.map(text::spaced).unwrap_or_default(),
        ]);
    }
    cells.extend([
        text_of(&facts["refund_id"]),
        text_of(&refund["number"]),
        amount.clone(),
        "0.00".into(),
        "ORIGINAL".into(),
        text_of(&refund["state"]),
    ]);
    cells.extend(goods(order));
    cells.extend([
        "0.00000".into(),
        "0.60%".into(),
        "0.00".into(),
        amount,
        String::new(),
    ]);
    cells
}

fn write(bill: &mut String, cells: &[String]) {
    bill.push_str(&line(&cells.iter().map(String::as_str).collect::<Vec<_>>()));
}

/// The bill of all trades of a day: paid orders and refunds, of a sub-merchant or of all.
pub fn trade_bill(store: &Store, date: &str, kind: &str, mchid: &str, owner: &str) -> Option<String> {
    let mut bill = match kind {
        "SUCCESS" => SUCCESS,
        "REFUND" => REFUND,
        _ => TRADES,
    }
    .to_owned();
    let (mut count, mut paid, mut back) = (0, 0_i64, 0_i64);
    let wanted = |row: &Value| owner.is_empty() || row["owner"] == owner;
    let orders = store
        .all(order::TABLE)
        .filter(|(_, row)| is_on(row, "paid", date) && wanted(row));
    for (_, row) in orders.filter(|_| kind != "REFUND") {
        write(&mut bill, &success_row(&row, mchid, kind));
        (count, paid) = (count + 1, paid.saturating_add(fen(&row, "total")));
    }
    let refunds = store
        .all(refunds::TABLE)
        .filter(|(_, row)| is_on(row, "created", date) && wanted(row));
    for (_, row) in refunds.filter(|_| kind != "SUCCESS") {
        let key = row["order_key"].as_str().unwrap_or_default();
        let order = store.get(order::TABLE, key).unwrap_or_default();
        write(&mut bill, &refund_row(&order, &row, mchid, kind));
        (count, back) = (count + 1, back.saturating_add(fen(&row, "refund")));
    }
    if count == 0 {
        return None;
    }
    bill.push_str(TRADES_SUM);
    let zero = "0.00".to_owned();
    let sums = [yuan(paid), yuan(back), zero.clone(), zero, yuan(paid), yuan(back)];
    let mut cells = vec![count.to_string()];
    cells.extend(sums);
    write(&mut bill, &cells);
    Some(bill)
}

/// The bill of the money: what came in and went out on a day.
pub fn fund_flow(store: &Store, date: &str) -> Option<String> {
    let mut bill = FUNDS.to_owned();
    let (mut incomes, mut income, mut expenses, mut expense) = (0, 0_i64, 0, 0_i64);
    let row = |time: String, id: String, name: &str, way: &str, amount: i64, left: i64, number: String| {
        [
            time,
            id.clone(),
            id,
            name.into(),
            name.into(),
            way.into(),
            yuan(amount),
            yuan(left),
            "system".into(),
            String::new(),
            number,
        ]
    };
    for (_, order) in store
        .all(order::TABLE)
        .filter(|(_, row)| is_on(row, "paid", date) && row["state"] != "REVOKED")
    {
        let total = fen(&order, "total");
        (incomes, income) = (incomes + 1, income.saturating_add(total));
        let (id, number) = (text_of(&order["transaction_id"]), text_of(&order["number"]));
        let left = income - expense;
        write(
            &mut bill,
            &row(time_of(&order, "paid"), id, "交易", "收入", total, left, number),
        );
    }
    for (_, refund) in store
        .all(refunds::TABLE)
        .filter(|(_, row)| is_on(row, "created", date))
    {
        let amount = fen(&refund, "refund");
        (expenses, expense) = (expenses + 1, expense.saturating_add(amount));
        let (id, number) = (text_of(&refund["facts"]["refund_id"]), text_of(&refund["number"]));
        let left = income - expense;
        write(
            &mut bill,
            &row(
                time_of(&refund, "created"),
                id,
                "退款",
                "支出",
                amount,
                left,
                number,
            ),
        );
    }
    if incomes + expenses == 0 {
        return None;
    }
    bill.push_str("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n");
    let sums = [
        (incomes + expenses).to_string(),
        incomes.to_string(),
        yuan(income),
        expenses.to_string(),
        yuan(expense),
    ];
    write(&mut bill, &sums);
    Some(bill)
}
