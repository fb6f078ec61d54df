//! Makes a page a little wrong: seeded, so that each mutant can be made again by its number.

/// xorshift64*, seeded by number.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.below(2);
        random
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let value = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        usize::try_from(value % (end.max(1) as u64)).expect("small")
    }

    pub fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// Lines that may come between two rows.
const BETWEEN: &[&str] = &[
    "",
    " ",
    "\u{a0}",
    "\u{3000}",
    "\t",
    "<!-- x -->",
    "<!--",
    "-->",
    "---",
    "***",
    "# x",
    "#### x {#get}",
    "## x {#post}",
    "> x",
    "- x",
    "1. x",
    "```",
    "~~~",
    "```php [x]",
    "<div>",
    "</div>",
    "<br/>",
    "<details>",
    "<pre>",
    "<script>",
    "::: tip",
    ":::",
    "text",
    "{.im-table #request}",
    "{.im-table #response}",
    "{.vp-table}",
    "| --- | --- | ---",
    "| a | b",
    "|",
    "| |",
    "| {colspan=3 .im-table-line}",
    "| 文件流(x) {colspan=3}",
    "| 请求参数 | 类型 {.type} | 描述 {.desc}",
    "| 返回字典 | 类型 {.type} | 描述 {.desc}",
    "<!-- | a | string | x -->",
    "| json {data-required} | object | x",
    "| base_uri | string | `https://x.example/`",
    "title: x",
    "[x]: /y",
    "=====",
    "\u{feff}",
    "\u{2028}",
];

/// What may come before a line.
const BEFORE: &[&str] = &[
    "> ", "- ", "    ", "\t", "<div>", "#", "# ", "|", "｜", "x", "x | ", "1. ", "<!--", "`", "\\", "||", ":",
];

/// Characters and words that names, values and titles may hold.
pub const ODD: &[&str] = &[
    "\"",
    "'",
    "\\",
    "\t",
    "\r",
    "\n",
    "\u{0}",
    "\u{7f}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{2028}",
    "²",
    "①",
    "½",
    "é",
    "e\u{301}",
    "中",
    "\u{1f600}",
    "*/",
    "/*",
    "//",
    "\"#",
    "{",
    "}",
    "{}",
    "#",
    "`",
    "$n",
    "$m",
    "_",
    "__",
    "-",
    ".",
    " ",
    "%",
    "%7B",
    "self",
    "Self",
    "super",
    "crate",
    "mod",
    "type",
    "r#type",
    "async",
    "gen",
    "try",
    "union",
    "Unknown",
    "Init",
    "new",
    "from",
    "clone",
    "eq",
    "fmt",
    "Request",
    "Response",
    "Option",
    "Vec",
    "0",
    "1a",
    "99999999999999999999999999",
    "A",
    "a",
    "json",
    "body",
    "query",
    "headers",
    "<br/>",
    "<",
    ">",
    "[x](y)",
    "枚举值",
    "枚举值之一",
    "默认为",
    "`A`",
    "\\|",
    "|",
    "data-indent=1",
    "{data-required}",
    "data-indent=99",
    "object",
    "object[]",
    "string[]",
    "integer",
    "number",
    "float",
    "boolean",
    "true",
    "{data-encrypted=by-rsa-pubkey}",
    "{data-encrypted=by-aes-gcm}",
    "{data-encoded=by-json_encode}",
    "{data-encoded=by-urlencode}",
];

/// Changes `text` once. `other` is a page to take pieces from.
pub fn mutate(text: &mut String, other: &str, random: &mut Random) {
    match random.below(4) {
        0 => bytes(text, other, random),
        1 => cell(text, random),
        _ => line(text, other, random),
    }
}

fn bytes(text: &mut String, other: &str, random: &mut Random) {
    let from = random.place(text);
    let mut to = (from + random.below(40)).min(text.len());
    while !text.is_char_boundary(to) {
        to += 1;
    }
    match random.below(4) {
        0 => text.replace_range(from..to, ""),
        1 => text.insert_str(from, random.of(ODD)),
        2 => text.replace_range(from..to, random.of(ODD)),
        _ => {
            let start = random.place(other);
            let piece: String = other[start..].chars().take(random.below(200)).collect();
            text.insert_str(from, &piece);
        }
    }
}

/// Changes one cell of a row.
fn cell(text: &mut String, random: &mut Random) {
    let rows: Vec<usize> = text
        .match_indices("\n|")
        .map(|(at, _)| at + 1)
        .filter(|at| !text[*at..].starts_with("| --"))
        .collect();
    if rows.is_empty() {
        return bytes(text, "", random);
    }
    let start = rows[random.below(rows.len())];
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let mut cells: Vec<String> = text[start..end].split('|').map(str::to_owned).collect();
    let index = 1 + random.below(cells.len() - 1);
    let odd = random.of(ODD);
    match random.below(6) {
        0 => cells[index] = format!(" {odd} "),
        1 => {
            let at = random.place(&cells[index]);
            cells[index].insert_str(at, odd);
        }
        2 => {
            cells.remove(index);
        }
        3 => cells.insert(index, odd.to_owned()),
        4 => cells[index] = cells[index].replace(['{', '}'], ""),
        _ => cells[index] = cells[index].replace("data-indent=", odd),
    }
    text.replace_range(start..end, &cells.join("|"));
}

fn line(text: &mut String, other: &str, random: &mut Random) {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let at = random.below(lines.len());
    let to = random.below(lines.len());
    match random.below(10) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[to].clone()),
        2 => lines.swap(at, to),
        3 | 4 => lines.insert(at, random.of(BETWEEN).to_owned()),
        5 => lines[at].insert_str(0, random.of(BEFORE)),
        6 if at + 1 < lines.len() => {
            let next = lines.remove(at + 1);
            lines[at].push_str(&next);
        }
        7 => {
            let place = random.place(&lines[at]);
            lines[at].insert(place, ['\n', '\r'][random.below(2)]);
        }
        8 => {
            let (from, to) = (at.min(to), at.max(to).min(at.min(to) + 12));
            lines.drain(from..to);
        }
        _ => {
            let others: Vec<&str> = other.split('\n').collect();
            let from = random.below(others.len());
            let piece = others[from..].iter().take(random.below(12));
            lines.splice(at..at, piece.map(|line| (*line).to_owned()));
        }
    }
    *text = lines.join("\n");
}

/// Where mutant `number` of a page is: nowhere that another page or mutant is.
pub fn place(path: &str, number: u64, random: &mut Random) -> String {
    let mut parts: Vec<&str> = path.splitn(3, '/').collect();
    let Some(rest) = parts.pop().filter(|_| parts.len() == 2) else {
        return format!("m{number}/{path}");
    };
    let mut rest = rest.strip_suffix(".md").unwrap_or(rest).to_owned();
    if random.below(10) == 0 {
        let at = random.place(&rest);
        rest.insert_str(at, random.of(ODD));
    }
    let folder = parts.join("/");
    match (parts[0], parts[1]) {
        ("webhook", "v3") => format!("{folder}/M{number}.{rest}.md"),
        ("webhook", _) => format!("{folder}/m{number}-{rest}.md"),
        _ => format!("{folder}/m{number}/{rest}.md"),
    }
}
