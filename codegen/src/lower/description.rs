//! The third cell: official term, values, constant, default.
//!
//! In: a description as written. Out: a [`Description`]. The forms are those of the dialect:
//! `` `A` \| `B` 枚举值之一 `` (one of), `` `A` 枚举值 `` and `` 固定为`A` `` (a constant),
//! `` 默认为`A` `` (a default), `` 枚举值：<br/>`A`：meaning<br/>`B`：meaning ``.

use super::markup::{Piece, lines, next_markup};

/// The dialect's words.
const ENUMERATION: &str = "枚举值";
const ONE_OF: &str = "枚举值之一";
const CONSTANT: [&str; 5] = ["固定为", "固定值为", "固定值", "固定填", "固定是"];
const DEFAULT: [&str; 3] = ["默认为", "默认值为", "默认值"];

#[derive(Debug, Default, PartialEq)]
pub struct Description {
    pub label: String,
    pub notes: Vec<String>,
    pub values: Vec<String>,
    pub constant: Option<String>,
    pub default: Option<String>,
    /// What stands in backticks, in order.
    pub codes: Vec<String>,
}

/// Reads a description.
pub fn read(text: &str) -> Description {
    let mut description = Description::default();
    if next_markup(text) == text.len() {
        first_line(text, &[], false, &mut description);
        return description;
    }
    let lines = lines(text);
    let mut listing = false;
    for (index, line) in lines.iter().enumerate() {
        description.codes.extend(codes(line).map(str::to_owned));
        let said = values(line, &mut listing, &mut description);
        let plain = flat(line);
        if index == 0 {
            first_line(&plain, line, said, &mut description);
        } else if !said && !plain.is_empty() {
            description.notes.push(plain);
        }
    }
    description
}

/// The term stands before the first comma or full stop, and before the values if they share its line.
fn first_line(plain: &str, line: &[Piece], said: bool, description: &mut Description) {
    let own = if said { before_values(line) } else { plain };
    let own = own.trim();
    match first_stop(own) {
        Some(at) if at > 0 => {
            description.label = own[..at].to_owned();
            description.notes.push(own.to_owned());
        }
        _ => description.label = own.to_owned(),
    }
    let trimmed = description.label.trim_end_matches(['：', ':', ' ']).len();
    description.label.truncate(trimmed);
}

/// Where the first comma, semicolon or full stop stands: a plain loop, because build scripts are not optimised.
fn first_stop(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // The first bytes of the three wide ones.
        if matches!(bytes[at], b',' | b';' | 0xef | 0xe3)
            && ["，", "。", "；", ";", ","]
                .iter()
                .any(|stop| bytes[at..].starts_with(stop.as_bytes()))
        {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The text of a line that ends in values, up to them.
fn before_values(line: &[Piece]) -> &str {
    let Some(Piece::Text(text)) = line.first() else {
        return "";
    };
    let words = CONSTANT.iter().chain(&DEFAULT).chain([&ENUMERATION]);
    let end = words
        .filter_map(|word| text.find(word))
        .min()
        .unwrap_or(text.len());
    &text[..end]
}

/// Takes values, a constant or a default from a line, and tells whether the line is about nothing else.
fn values(line: &[Piece], listing: &mut bool, description: &mut Description) -> bool {
    let has_code = line.iter().any(|piece| matches!(piece, Piece::Code(_)));
    if !has_code && !matches!(line, [Piece::Text(text)] if text.contains(ENUMERATION)) {
        return false;
    }
    if *listing
        && let [Piece::Code(value), Piece::Text(meaning), ..] = line
        && meaning.trim_start().starts_with(['：', ':'])
    {
        description.values.push(value.clone());
        return false;
    }
    if let Some(value) = after(line, &DEFAULT) {
        description.default = Some(value.to_owned());
        return true;
    }
    if let Some(value) = after(line, &CONSTANT) {
        description.constant = Some(value.to_owned());
        return true;
    }
    let marker = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(ENUMERATION));
    let Some(at) = line.iter().position(marker) else {
        return false;
    };
    let found: Vec<&str> = match codes(&line[..at]).count() {
        0 => codes(&line[at..]).collect(),
        _ => codes(&line[..at]).collect(),
    };
    let one_of = matches!(&line[at], Piece::Text(text) if text.contains(ONE_OF));
    match found[..] {
        [] => *listing = true,
        [value] if !one_of => description.constant = Some(value.to_owned()),
        _ => description
            .values
            .extend(found.iter().map(|value| (*value).to_owned())),
    }
    !found.is_empty()
}

/// The value directly after one of the words.
fn after<'a>(line: &'a [Piece], words: &[&str]) -> Option<&'a str> {
    line.windows(2).find_map(|pair| match pair {
        [Piece::Text(text), Piece::Code(value)] => {
            let text = text.trim_end().trim_end_matches(['：', ':']).trim_end();
            words
                .iter()
                .any(|word| text.ends_with(word))
                .then_some(value.as_str())
        }
        _ => None,
    })
}

fn codes(line: &[Piece]) -> impl Iterator<Item = &str> {
    line.iter().filter_map(|piece| match piece {
        Piece::Code(code) => Some(code.as_str()),
        Piece::Text(_) => None,
    })
}

fn flat(line: &[Piece]) -> String {
    let text: String = line
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Code(text) => text.as_str(),
        })
        .collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn one_of_several_values() {
        let read = read(r"业务结果<br/>`SUCCESS` \| `FAIL` 枚举值之一");
        assert_eq!(
            (read.label.as_str(), read.values, read.constant),
            ("业务结果", strings(&["SUCCESS", "FAIL"]), None)
        );
        assert_eq!(read.notes, strings(&[]));
    }

    #[test]
    fn one_of_one_value_is_no_constant() {
        let read = read("状态<br/>`DONE` 枚举值之一");
        assert_eq!((read.values, read.constant), (strings(&["DONE"]), None));
    }

    #[test]
    fn values_without_pipes_and_codes_in_the_term() {
        let read = read("`HTTP`状态码<br/>`20X` `4XX` `5XX` 枚举值之一");
        assert_eq!(
            (read.label.as_str(), read.values),
            ("HTTP状态码", strings(&["20X", "4XX", "5XX"]))
        );
    }

    #[test]
    fn constants_in_their_forms() {
        for text in [
            "压缩<br/>`GZIP` 枚举值",
            "压缩<br/>固定为`GZIP`",
            "压缩<br/>固定值 `GZIP`",
            "压缩<br/>固定值为：`GZIP`",
        ] {
            let read = read(text);
            assert_eq!(
                (read.label.as_str(), read.constant.as_deref()),
                ("压缩", Some("GZIP")),
                "{text}"
            );
            assert_eq!(read.values, strings(&[]));
        }
        assert_eq!(read("固定填`#wechat_redirect`").label, "");
    }

    #[test]
    fn a_default_beside_values() {
        let read = read(r"签名类型<br/>`MD5` \| `HMAC-SHA256` 枚举值之一<br/>默认为`MD5`");
        assert_eq!(read.values, strings(&["MD5", "HMAC-SHA256"]));
        assert_eq!(read.default.as_deref(), Some("MD5"));
    }

    #[test]
    fn values_with_their_meanings_one_a_line() {
        let read = read("枚举值：<br/>`Y`：用户已还款<br/>`N`：用户未还款<br/>注意：先确认`bank_type`字段");
        assert_eq!(read.values, strings(&["Y", "N"]));
        assert_eq!(
            read.notes,
            strings(&["Y：用户已还款", "N：用户未还款", "注意：先确认bank_type字段"])
        );
    }

    #[test]
    fn values_on_the_line_of_the_term() {
        let read = read(r"`MD5` \| `HMAC-SHA256` 枚举值之一");
        assert_eq!((read.label.as_str(), read.values.len()), ("", 2));
    }

    #[test]
    fn the_term_ends_at_the_first_stop_and_the_rest_is_a_note() {
        let read = read("是否分账;Y-是，N-否<br/>`N` \\| `Y` 枚举值之一");
        assert_eq!(read.label, "是否分账");
        assert_eq!(read.notes, strings(&["是否分账;Y-是，N-否"]));
        assert_eq!(read.values, strings(&["N", "Y"]));
    }

    #[test]
    fn markup_vanishes() {
        let read = read("结果**粗**[链接](/a)<Badge type=\"warning\" text=\"x\" /> 1 < 2 \\| 3<BR>`未闭合");
        assert_eq!(read.label, "结果粗链接 1 < 2 | 3");
        assert_eq!(read.notes, strings(&["`未闭合"]));
    }

    #[test]
    fn unfinished_markup_is_text() {
        for text in [
            "<", "</", "<b", "[", "[a](", "\\", "`", "``", "**", "<é>", "`` ` ``",
        ] {
            read(text);
        }
    }
}
