//! Sets of pages that `check` accepts: the output parses, and holds exactly what the IR says.

use std::collections::BTreeSet;

use wechatpay_codegen::ir::{Api, Kind};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::names::model::{Content, StructDef, TypeDef};
use wechatpay_codegen::names::{self, operation_module, path, rust_path};
use wechatpay_codegen::source::Source;

use super::dump::{Dump, dump};

/// A small generator of numbers: the same sets in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("below a usize")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Parts of paths that Rust, file systems or cargo could confuse.
const PARTS: &[&str] = &[
    "a", "A", "a-b", "a_b", "aB", "{id}", "by_id", "{Id}", "post", "get", "mod", "self", "type", "x.y",
    "商户", "1", "_", "crate", "Call", "vec", "string",
];

const FOLDERS: &[&str] = &[
    "openapi/v3/",
    "openapi/v2/",
    "webhook/v3/",
    "webhook/v2/",
    "openapi/brand/",
    "guide/",
];

const TITLES: &[&str] = &[
    "标题",
    "a \"b\" 'c'",
    "x */ y",
    "\u{202e}x",
    "[a](b)",
    "T\u{2028}U",
    "`",
    "\\",
];

const NAMES: &[&str] = &[
    "a",
    "self",
    "type",
    "Request",
    "object",
    "coupon_$n",
    "a-b",
    "a_b",
    "²",
    "new",
    "from",
    "{x}",
    "Option",
    "amount",
    "String",
    "值",
    "response",
    "OPERATION",
    "vec",
];

const TYPES: &[&str] = &[
    "string", "integer", "number", "boolean", "object", "string[]", "object[]",
];

fn page_path(random: &mut Random) -> String {
    let mut path = random.one(FOLDERS).to_owned();
    for depth in 0..=random.below(3) {
        path.push_str(if depth > 0 { "/" } else { "" });
        path.push_str(random.one(PARTS));
    }
    path + ".md"
}

fn rows(random: &mut Random, indent: usize) -> String {
    let mut rows = String::new();
    for _ in 0..=random.below(4) {
        let (name, ty) = (random.one(NAMES), random.one(TYPES));
        let required = random.one(&["data-required ", ""]);
        let values = random.one(&["", "", "<br/>`A` \\| `b` \\| `²` 枚举值之一", "<br/>固定为`1`"]);
        rows += &format!("| {name} {{{required}data-indent={indent}}} | {ty} | 词{values}\n");
        if ty.starts_with("object") && random.below(2) == 0 && indent < 4 {
            rows += &self::rows(random, indent + 1);
        }
    }
    rows
}

fn page(path: &str, others: &[String], random: &mut Random) -> String {
    let title = random.one(TITLES);
    if random.below(3) == 0 && !others.is_empty() {
        let to = others[random.below(others.len())].trim_end_matches(".md");
        return format!("---\ntitle: Moved to /{to}\n---\n");
    }
    let mut text = format!("---\ntitle: '{}'\n---\n", title.replace('\'', "''"));
    let methods = [&["post"][..], &["get"], &["post", "get"]];
    for method in methods[random.below(3)] {
        let (part, body) = match (*method, path.contains("webhook/")) {
            (_, true) => ("body", rows(random, 1)),
            ("get", _) => ("query", rows(random, 1)),
            _ if path.contains("/v2/") => ("xml", rows(random, 1)),
            _ => ("json", rows(random, 1)),
        };
        let kind = match path.contains("webhook/") {
            true => "应答规范",
            false => random.one(&["返回字典", "返回字典", "异常字典"]),
        };
        let response = match random.below(4) {
            0 => "| 空字符串(无返回内容) {align=center colspan=3}\n".to_owned(),
            1 => "| 文件流 {align=center colspan=3}\n".to_owned(),
            2 => "| `30x`跳转(无实际返回信息) {align=center colspan=3}\n".to_owned(),
            _ => rows(random, 0)
                .replace(" {data-indent=0}", "")
                .replace("data-indent=0", ""),
        };
        let placeholders = path
            .split('/')
            .filter_map(|part| part.trim_end_matches(".md").strip_prefix('{'));
        let placeholders: String = placeholders
            .map(|name| {
                format!(
                    "| {} {{data-required}} | string | 号\n",
                    name.trim_end_matches('}')
                )
            })
            .collect();
        let head = "类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n";
        text += &format!(
            "\n# {{{{ $frontmatter.title }}}} {{#{method}}}\n\n| 请求参数 | {head}{placeholders}\
             | {part} {{data-required}} | object | 体\n{body}\n{{.im-table #request}}\n\n\
             | {kind} | {head}{response}\n{{.im-table #response}}\n"
        );
    }
    text
}

fn load(number: u64) -> Loaded {
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut paths: Vec<String> = (0..2 + random.below(5)).map(|_| page_path(&mut random)).collect();
    paths.sort();
    paths.dedup();
    let pages = paths
        .iter()
        .map(|path| Source::new(path.clone(), page(path, &paths, &mut random)));
    load_sources(pages.collect())
}

/// The paths of all items that may be there, from the IR and the names alone.
fn expected(api: &Api) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut functions, mut names) = (BTreeSet::new(), BTreeSet::new());
    let prefixes = |path: &str, names: &mut BTreeSet<String>| {
        let parts: Vec<_> = path.split("::").collect();
        names.extend((1..=parts.len()).map(|depth| parts[..depth].join("::")));
    };
    for operation in &api.operations {
        prefixes(&rust_path(operation), &mut names);
        if operation.kind == Kind::Api {
            functions.insert(rust_path(operation));
        }
    }
    for moved in names::moved(api) {
        let module = path::module(&moved.redirect.page).join("::");
        prefixes(&module, &mut names);
        for operation in moved
            .operations
            .iter()
            .filter(|operation| operation.kind == Kind::Api)
        {
            let path = format!("{module}::{}", operation.method.as_str().to_lowercase());
            names.insert(path.clone());
            functions.insert(path);
        }
    }
    (functions, names)
}

/// What no page documents, and what is documented and is not there.
fn differences(api: &Api, dump: &Dump) -> Vec<String> {
    let (functions, modules) = expected(api);
    let mut types: BTreeSet<String> = ["OPERATION", "EVENT_TYPE"].map(str::to_owned).into();
    let add = |structure: &StructDef, types: &mut BTreeSet<String>| {
        types.extend([structure.name.clone(), format!("{}Init", structure.name)]);
        types.extend(
            structure
                .fields
                .iter()
                .flat_map(|field| [field.ident.clone(), field.setter.clone()]),
        );
        types.extend(["new", "from"].map(str::to_owned));
    };
    for page in names::plan(api) {
        let defs: Vec<TypeDef> = match page.content {
            Content::Operations(functions) => functions
                .into_iter()
                .flat_map(|function| function.types)
                .collect(),
            Content::Webhook(webhook) => webhook.types,
            Content::Moved { .. } => continue,
        };
        for def in &defs {
            match def {
                TypeDef::Struct(def) => add(def, &mut types),
                TypeDef::Enum(def) => types.extend(
                    def.variants
                        .iter()
                        .map(|(name, _)| name.clone())
                        .chain([def.name.clone()]),
                ),
            }
        }
    }
    let raw = |path: &str| path.replace("r#", "");
    let modules: BTreeSet<String> = modules.iter().map(|path| raw(path)).collect();
    let found: BTreeSet<String> = dump
        .keys()
        .map(|path| raw(path).trim_start_matches("::").to_owned())
        .collect();
    let mut wrong = Vec::new();
    for function in &functions {
        if !found.contains(&format!("{}()", raw(function))) {
            wrong.push(format!("{function} is documented and not generated"));
        }
    }
    for path in &found {
        let (path, is_use) = path
            .split_once("::use ")
            .map_or((path.as_str(), false), |(path, _)| (path, true));
        let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
        let name = name.split(['(', ' ']).next().unwrap_or_default();
        let is_function = path.ends_with("()")
            && functions
                .iter()
                .any(|function| format!("{}()", raw(function)) == path);
        let is_event = module == "webhook::v3";
        let inside = modules.contains(module)
            || module
                .rsplit_once("::")
                .is_some_and(|(outer, _)| modules.contains(outer));
        let is_type = inside && (types.iter().any(|ty| raw(ty) == name) || is_use);
        if !(modules.contains(path) || is_function || is_event || is_type) {
            wrong.push(format!("{path} is generated and not documented"));
        }
    }
    wrong
}

#[test]
fn what_is_accepted_becomes_what_the_ir_says() {
    let (mut accepted, mut moved) = (0, 0);
    let sets = std::env::var("SETS").map_or(600, |sets| sets.parse().expect("a number"));
    for number in 0..sets {
        let loaded = load(number);
        if loaded.diagnostics.iter().any(|found| found.is_error()) {
            continue;
        }
        accepted += 1;
        moved += names::moved(&loaded.api).len();
        let wrong = differences(&loaded.api, &dump(&loaded.api));
        let pages: Vec<_> = loaded
            .sources
            .iter()
            .map(|source| (&source.path, &source.text))
            .collect();
        assert!(wrong.is_empty(), "set {number}: {wrong:#?}\n{pages:#?}");
        same_signatures(&loaded.api, number);
    }
    println!("{accepted} of {sets} sets accepted, with {moved} redirects");
    assert!(accepted > sets / 10 && moved > 5, "{accepted} {moved}");
}

/// A moved function has the signature of the function that it calls.
fn same_signatures(api: &Api, number: u64) {
    let dump = dump(api);
    for moved in names::moved(api) {
        let old = path::module(&moved.redirect.page).join("::");
        for operation in moved
            .operations
            .iter()
            .filter(|operation| operation.kind == Kind::Api)
        {
            let method = operation.method.as_str().to_lowercase();
            let new = operation_module(operation).join("::");
            let file = |module: &str| format!("{}::{method}()", module.replace("r#", ""));
            assert_eq!(
                dump.get(&file(&old)),
                dump.get(&file(&new)),
                "set {number}: {old}"
            );
        }
    }
}

fn small(method: &str, response: &str) -> String {
    let part = if method == "get" { "query" } else { "json" };
    format!(
        "---\ntitle: T\n---\n\n# T {{#{method}}}\n\n| 请求参数 | 类型 | 描述\n| --- | --- | ---\n\
         | {part} {{data-required}} | object | 体\n| a {{data-indent=1}} | string | 甲\n\n{{.im-table #request}}\n\n\
         | 返回字典 | 类型 | 描述\n| --- | --- | ---\n{response}\n{{.im-table #response}}\n"
    )
}

/// Each kind of call keeps its type at the old path, over two redirects.
#[test]
fn a_moved_call_has_the_type_of_its_target() {
    let redirect = |to: &str| format!("---\ntitle: Moved to /{to}\n---\n");
    for (method, response, ty) in [
        ("post", "| b | string | 乙\n", "Call < 'a , post :: Response >"),
        (
            "post",
            "| 空字符串(无返回内容) {align=center colspan=3}\n",
            "Call < 'a , () >",
        ),
        ("get", "| 文件流 {align=center colspan=3}\n", "Download < 'a >"),
        (
            "get",
            "| `30x`跳转(无实际返回信息) {align=center colspan=3}\n",
            "Link < 'a >",
        ),
    ] {
        let loaded = load_sources(vec![
            Source::new("openapi/v3/x/new.md", small(method, response)),
            Source::new("openapi/v3/x/old.md", redirect("openapi/v3/x/older")),
            Source::new("openapi/v3/x/older.md", redirect("openapi/v3/x/new")),
        ]);
        let errors: Vec<_> = loaded
            .diagnostics
            .iter()
            .filter(|found| found.is_error())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let dump = dump(&loaded.api);
        for page in ["new", "old", "older"] {
            let signature = dump.get(&format!("v3::x::{page}::{method}()"));
            let signature = signature.unwrap_or_else(|| panic!("{page} {method}: {dump:#?}"));
            assert!(signature.contains(ty), "{page} {method}: {signature}");
        }
    }
}
