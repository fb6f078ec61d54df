//! Finds the texts that are points in time.
//!
//! In: the API, after [`readings`](super::readings). Out: the same, where [`time`](crate::ir::Schema::time) is set. A row
//! counts if two of three say so: its name (`success_time`, `bill_date`), its term (支付完成时间), and
//! evidence, which is a reading or an example of the page in one of the forms of time. Nothing else is
//! looked at, so a change of one page moves no type of another. The example is kept as a note.

use serde_json::Value;

use super::examples;
use crate::ir::{Api, Property};

pub fn run(api: &mut Api) {
    for operation in &mut api.operations {
        examples::each(operation, &mut mark);
        mark(&mut operation.response.properties, &[]);
        mark(&mut operation.acknowledgement, &[]);
    }
}

fn mark(properties: &mut [Property], examples: &[&Value]) {
    for property in properties {
        let examples = examples::below(examples, &property.name);
        let shown = examples
            .iter()
            .filter_map(|value| value.as_str())
            .find(|text| is_form(text));
        if property.schema.is_plain_text() {
            let named = is_name(&property.name);
            let termed = is_term(&property.label);
            let evident = property.schema.time || shown.is_some();
            property.schema.time = (evident && (named || termed)) || (named && termed);
            if let Some(text) = shown.filter(|_| property.schema.time) {
                property.notes.push(format!("For example `{text}`."));
            }
        }
        mark(&mut property.schema.properties, &examples);
    }
}

/// `success_time`, `time_expire`, `doc_period_begin`; numbers (`refund_success_time_$n`) do not count.
fn is_name(name: &str) -> bool {
    let words: Vec<String> = name
        .split(['_', '-', ' '])
        .filter(|word| !word.is_empty() && !word.starts_with('$'))
        .map(str::to_ascii_lowercase)
        .collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    let has = |list: &[&str], word: &str| list.contains(&word);
    let bounds = ["begin", "start", "end", "expire"];
    has(&["time", "date", "at", "dt", "tm", "timestamp", "deadline"], last)
        || last.ends_with("time")
        || (has(&["time", "date"], first) && has(&bounds, last))
        || (words.iter().any(|word| has(&["period", "time"], word)) && has(&bounds, last))
}

/// 支付完成时间, but not 服务开始时间备注 (a remark), 免费时长 (a length) or 当天可用开始时间 (a time of day).
fn is_term(term: &str) -> bool {
    let other = [
        "备注", "说明", "描述", "名称", "类型", "格式", "时长", "时段", "间隔", "天数", "周期", "当天",
        "每日", "营业", "经营",
    ];
    let time = ["时间", "日期", "时刻", "有效期", "期起", "期止"];
    let has = |words: &[&str]| words.iter().any(|word| term.contains(word));
    (has(&time) || term.ends_with('日')) && !has(&other)
}

/// RFC 3339, `yyyy-MM-dd HH:mm:ss`, `yyyy-MM-dd`, `yyyyMMddHHmmss`, `yyyyMMdd`, seconds since 1970.
fn is_form(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let century = text.starts_with("19") || text.starts_with("20");
    match text.len() {
        8 | 14 if digits => century && is_month_and_day(&text[4..8]),
        10 if digits => text.starts_with('1'),
        10.. if text.is_ascii() => {
            let date = text.as_bytes();
            let dashes = date[4] == b'-' && date[7] == b'-';
            let rest = text[10..].starts_with(['T', ' ']) || text.len() == 10;
            century && dashes && rest && is_month_and_day(&format!("{}{}", &text[5..7], &text[8..10]))
        }
        _ => false,
    }
}

fn is_month_and_day(text: &str) -> bool {
    let number = |range| {
        text.get(range)
            .and_then(|text: &str| text.parse().ok())
            .unwrap_or(0)
    };
    (1..=12).contains(&number(0..2)) && (1..=31).contains(&number(2..4))
}

#[cfg(test)]
mod tests {
    use super::{is_form, is_name, is_term};

    #[test]
    fn names_terms_and_forms() {
        for name in [
            "success_time",
            "time_expire",
            "bill_date",
            "doc_period_begin",
            "createTime",
            "refund_success_time_$n",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "start_time_remark",
            "business_hours",
            "period",
            "time_zone",
            "notify_url",
            "",
        ] {
            assert!(!is_name(name), "{name}");
        }
        for term in ["支付完成时间", "账单日期", "证件有效期结束日"] {
            assert!(is_term(term), "{term}");
        }
        for term in [
            "服务开始时间备注",
            "免费时长",
            "当天可用开始时间",
            "营业期限",
            "订单金额",
        ] {
            assert!(!is_term(term), "{term}");
        }
        for text in [
            "2018-06-08T10:34:56+08:00",
            "2019-01-01 00:00:00",
            "2019-06-11",
            "20091225091010",
            "20091225",
            "1600000000",
        ] {
            assert!(is_form(text), "{text}");
        }
        for text in [
            "",
            "20191325",
            "2019-06",
            "2600000000",
            "09:00",
            "1217752501201407033233368018",
            "二〇一九-06-11",
        ] {
            assert!(!is_form(text), "{text}");
        }
    }
}
