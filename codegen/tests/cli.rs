//! The command as its users see it: what it prints, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PAGE: &str = "\
---
title: 题
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| b {data-required} | string | 乙
| json {data-required} | object | 体
| c {data-required data-indent=1} | string | 丙<br/>`A` \\| `B` 枚举值之一

{.im-table #request}

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| d {data-required} | string {data-tooltip=\"最长32字符\"} | 丁

{.im-table #response}
";

const WARNING: &str = "| e | object | 戊\n";
const ERROR: &str = "| e | strin | 戊\n";

/// A folder of one page, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, text: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("wechatpay-codegen-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("specs/openapi/v3/a")).expect("a folder");
        fs::write(folder.join("specs/openapi/v3/a/{b}.md"), text).expect("a page");
        Self(folder)
    }

    fn with(name: &str, row: &str) -> Self {
        Self::new(
            name,
            &PAGE.replace(
                "\n{.im-table #response}",
                &format!("{row}\n{{.im-table #response}}"),
            ),
        )
    }

    /// Runs the command in a folder below, so that `specs` is found upwards.
    fn run(&self, arguments: &[&str]) -> Output {
        run(&self.0.join("specs/openapi"), arguments)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(here: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wechatpay-codegen"));
    command
        .current_dir(here)
        .args(arguments)
        .output()
        .expect("the command runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn ir_has_the_documented_form() {
    let folder = Folder::with("ir", "");
    let output = folder.run(&["ir"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let ir: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        keys(&ir),
        [
            "schema_version",
            "operations",
            "redirects",
            "readings",
            "diagnostics"
        ]
    );
    assert_eq!(
        (&ir["schema_version"], &ir["diagnostics"]["errors"]),
        (&1.into(), &0.into())
    );
    let operation = &ir["operations"][0];
    let documented = [
        "page",
        "line",
        "kind",
        "protocol",
        "method",
        "path",
        "title",
        "english",
        "product",
        "rust_path",
        "feature",
        "marks",
        "document_ids",
        "hosts",
        "mutual_tls",
        "nonce",
        "event_type",
        "request",
        "response",
    ];
    assert_eq!(keys(operation), documented);
    assert_eq!(keys(&operation["request"]), ["path", "query", "headers", "body"]);
    assert_eq!(
        (&operation["line"], &operation["path"]),
        (&5.into(), &"/v3/a/{b}".into())
    );
    let field = &operation["request"]["body"]["fields"][0];
    let documented = [
        "name",
        "type",
        "array",
        "required",
        "label",
        "english",
        "line",
        "values",
        "constant",
        "default",
        "max_length",
        "encrypted",
        "encoded",
        "signed",
        "time",
        "open",
        "source",
        "readings",
        "variants",
        "fields",
    ];
    assert_eq!(keys(field), documented);
    assert_eq!((&field["values"][1], &field["line"]), (&"B".into(), &11.into()));
    assert_eq!(operation["response"]["fields"][0]["max_length"], 32);
}

#[test]
fn ir_of_a_wrong_page_is_printed_and_fails() {
    let output = Folder::with("ir-error", ERROR).run(&["ir"]);
    assert_eq!(output.status.code(), Some(1));
    let ir: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(ir["diagnostics"]["errors"], 1);
    assert!(
        text(&output.stderr).contains("openapi/v3/a/{b}.md:18:7: error[E0008]"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn check_fails_on_errors_and_if_told_on_warnings() {
    let (fine, warned, wrong) = (
        Folder::with("fine", ""),
        Folder::with("warned", WARNING),
        Folder::with("wrong", ERROR),
    );
    let code = |folder: &Folder, arguments: &[&str]| folder.run(arguments).status.code();
    assert_eq!(code(&fine, &["check", "--deny", "warnings"]), Some(0));
    assert_eq!(code(&warned, &["check"]), Some(0));
    assert_eq!(code(&warned, &["check", "--deny", "warnings"]), Some(1));
    assert_eq!(code(&wrong, &["check"]), Some(1));
}

#[test]
fn check_speaks_three_languages() {
    let folder = Folder::with("formats", WARNING);
    let human = folder.run(&["check"]).stdout;
    let human = text(&human);
    assert!(
        human.starts_with("../../specs/openapi/v3/a/{b}.md:18:3: warning[W0007]: "),
        "{human}"
    );
    assert!(
        human.ends_with(
            "0 errors, 1 warning\n1 page: 1 operation, 0 redirects, 0 skipped; 5 rows: 4 fields\n"
        )
    );
    let json: Value =
        serde_json::from_slice(&folder.run(&["check", "--format", "json"]).stdout).expect("JSON");
    assert_eq!(
        (&json["warnings"], &json["diagnostics"][0]["code"]),
        (&1.into(), &"W0007".into())
    );
    let github = folder.run(&["check", "--format=github"]).stdout;
    let start = "::warning file=../../specs/openapi/v3/a/{b}.md,line=18,col=3,endColumn=4,title=W0007%3A ";
    assert!(text(&github).starts_with(start), "{}", text(&github));
}

#[test]
fn a_page_of_links_is_skipped_and_listed() {
    let folder = Folder::with("links", "");
    let links = "| 业务标签 | 直连商户模式 | 合作伙伴模式\n| :--: | :--: | :--:\n\
                 | 支付{rowspan=2} | [查单](/openapi/v3/a/{b}) | [查单](/openapi/v3/a/{b})\n\
                 | [关单](/openapi/v3/a/{b}) | x | y | z\n\n{.vp-table}\n";
    fs::write(folder.0.join("specs/openapi/index.md"), links).expect("a page");
    let output = folder.run(&["check", "--deny", "warnings"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).ends_with("skipped: openapi/index.md\n"));
}

#[test]
fn explain_shows_a_code_or_all_stages_of_a_page() {
    let folder = Folder::with("explain", WARNING);
    let code = folder.run(&["explain", "w0007"]).stdout;
    assert!(text(&code).starts_with("warning[W0007]: object without fields\n"));
    for page in ["openapi/v3/a/{b}.md", "openapi/v3/a/{b}", "/v3/a/{b}", "a/{b}"] {
        let output = folder.run(&["explain", page]);
        assert_eq!(output.status.code(), Some(0), "{page}: {}", text(&output.stderr));
        for part in [
            "== rows of the Request table, line 7",
            "== findings",
            "== IR",
            "== Rust",
            "    c!: string",
        ] {
            assert!(text(&output.stdout).contains(part), "{page}: {part}");
        }
    }
    assert_eq!(folder.run(&["explain", "nothing"]).status.code(), Some(2));
}

#[test]
fn specs_can_be_named_and_must_exist() {
    let folder = Folder::with("named", "");
    let specs = folder.0.join("specs");
    let elsewhere = std::env::temp_dir();
    assert_eq!(
        run(&elsewhere, &["--specs", &specs.to_string_lossy(), "check"])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(&elsewhere, &["check", "--specs", "/nowhere/at/all"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn wrong_arguments_are_refused() {
    let folder = Folder::with("arguments", "");
    let wrong: [&[&str]; 9] = [
        &[],
        &["frob"],
        &["check", "--format", "xml"],
        &["check", "--deny", "all"],
        &["ir", "--check"],
        &["explain"],
        &["ir", "more"],
        &["completions"],
        &["completions", "cmd"],
    ];
    for arguments in wrong {
        assert_eq!(folder.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(folder.run(&["--help"]).status.code(), Some(0));
}

#[test]
fn quiet_prints_only_what_is_wrong() {
    let folder = Folder::new("quiet", PAGE);
    fs::create_dir_all(folder.0.join("client/src/generated")).expect("a folder");
    let manifest = "# <features: generated by wechatpay-codegen>\n# </features>\n";
    fs::write(folder.0.join("Cargo.toml"), manifest).expect("a manifest");
    let stale = folder.run(&["generate", "--check", "-q"]);
    assert_eq!(stale.status.code(), Some(1));
    assert!(!stale.stdout.is_empty());
    assert_eq!(folder.run(&["generate", "--quiet"]).status.code(), Some(0));
    let fresh = folder.run(&["generate", "--check", "--quiet"]);
    assert_eq!(fresh.status.code(), Some(0));
    assert!(fresh.stdout.is_empty() && fresh.stderr.is_empty());
    assert_eq!(folder.run(&["generate", "--check"]).stdout, b"up to date\n");
    // No terminal watches a test.
    assert!(folder.run(&["generate"]).stderr.is_empty());
}

#[test]
fn index_is_kept_fresh_where_there_is_a_folder_for_it() {
    let folder = Folder::new("index", PAGE);
    fs::create_dir_all(folder.0.join("client/src/generated")).expect("a folder");
    let manifest = "# <features: generated by wechatpay-codegen>\n# </features>\n";
    fs::write(folder.0.join("Cargo.toml"), manifest).expect("a manifest");
    assert!(folder.run(&["generate"]).status.success());
    assert!(!folder.0.join("llms.txt").exists());
    fs::create_dir(folder.0.join("docs")).expect("a folder");
    assert_eq!(folder.run(&["generate", "--check"]).status.code(), Some(1));
    assert!(folder.run(&["generate"]).status.success());
    let index = fs::read_to_string(folder.0.join("docs/operations.md")).expect("the index");
    assert!(index.contains("`v3::a::by_b::post`"), "{index}");
    assert!(folder.run(&["generate", "--check"]).status.success());
}

#[test]
fn help_documents_the_exit_status() {
    let help = Folder::new("help", PAGE).run(&["--help"]);
    let text = String::from_utf8(help.stdout).expect("text");
    assert!(
        text.contains("Exit status:") && text.contains("Examples:"),
        "{text}"
    );
}

/// Every command and every long option of the help.
fn words_of_help() -> Vec<String> {
    let help = Folder::new("words", PAGE).run(&["--help"]);
    let help = text(&help.stdout).to_owned();
    let commands = help.split("Commands:\n").nth(1).expect("the commands");
    let commands = commands.split("\n\n").next().expect("the commands").lines();
    let mut words: Vec<String> = commands
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    let options = help.split(|c: char| !c.is_ascii_lowercase() && c != '-');
    words.extend(
        options
            .filter_map(|word| word.strip_prefix("--"))
            .map(str::to_owned),
    );
    words.sort();
    words.dedup();
    words
}

#[test]
fn completions_know_every_command_and_option() {
    let words = words_of_help();
    assert!(words.len() > 15, "{words:?}");
    let folder = Folder::new("completions", PAGE);
    for shell in ["bash", "zsh", "fish"] {
        let output = folder.run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let script = text(&output.stdout);
        for word in &words {
            assert!(script.contains(word.as_str()), "{shell}: {word}");
        }
    }
}

#[cfg(unix)]
#[test]
fn completions_of_bash_work() {
    let expect = |line: &str, words: &str| {
        let script = "eval \"$(\"$0\" completions bash)\"; COMP_WORDS=($1 \"$2\"); \
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _wechatpay_codegen; echo \"${COMPREPLY[*]}\"";
        let (before, current) = line.rsplit_once(' ').expect("two words");
        let output = Command::new("bash")
            .args(["-c", script, env!("CARGO_BIN_EXE_wechatpay-codegen")])
            .args([before, current])
            .output()
            .expect("bash runs");
        assert_eq!(text(&output.stdout).trim_end(), words, "{}", text(&output.stderr));
    };
    expect("wechatpay-codegen ge", "generate");
    expect(
        "wechatpay-codegen diff --format ",
        "human markdown json changelog",
    );
    expect("wechatpay-codegen check --format ", "human json github");
    expect("wechatpay-codegen -q check --de", "--deny");
}
