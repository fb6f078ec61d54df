//! The arguments: what `--help` says, and their parsing.
//!
//! In: what the shell passes. Out: [`Arguments`], or what is wrong with them.

use std::path::PathBuf;

use lexopt::prelude::*;

use super::completions::Shell;
use super::{Failure, check, diff};

const HELP: &str = "\
Generates the WeChat Pay client from the documentation pages.

Usage: wechatpay-codegen [--specs DIR] COMMAND

Commands:
  generate [--check]    write the generated client and the index of operations; with --check write
                        nothing, fail if something is stale
  check [--format human|json|github] [--deny warnings] [--since REV:FOLDER]
                        report what is wrong with the pages, with --since what is new first
  check --reading FILE  compare the pages and readings with another reading: a file of `readings/`,
                        or lines as `learn` takes them
  learn FILE --source NAME
                        make recorded messages (lines of JSON) a reading: readings/NAME.txt
  diff OLD NEW [--format human|markdown|json|changelog] [--link URL]
                        what changed in the API, and for whom: two folders of pages, or git
                        revisions of one (main:specs); --link makes the places of the markdown
                        links, as https://github.com/OWNER/NAME/blob/COMMIT
  diff --since TAG [--format …]
                        the next version after that release, and a draft of its section of
                        CHANGELOG.md, over all commits since; other formats as above
  openapi               print the whole surface as an OpenAPI 3.1 document
  ir                    print what the pages say as JSON (schema_version 1)
  explain PAGE          show all stages of one page: rows, IR, Rust
  explain CODE          explain a diagnostic, such as W0003
  completions SHELL     print completions for bash, zsh or fish

Options:
  --specs DIR           the folder of pages; default: `specs` here or in a folder above
  -q, --quiet           no progress (shown while a terminal watches standard error), and no
                        message when there is nothing to do
  -h, --help            print this
  -V, --version         print the version

Exit status:
  0   success; with `check`, no errors (and with --deny warnings, no warnings)
  1   the pages have errors; the generated files are stale (generate --check); a reading
      contradicts the pages (check --reading)
  2   the command could not run: wrong arguments, a file that can't be read or written

Examples:
  wechatpay-codegen generate --check
  wechatpay-codegen check --since main:specs
  wechatpay-codegen diff main:specs specs --format markdown > api.md
  wechatpay-codegen diff --since v0.1.0
  wechatpay-codegen explain openapi/v3/pay/transactions/jsapi.md
  wechatpay-codegen openapi > wechatpay.json
  eval \"$(wechatpay-codegen completions bash)\"
";

pub enum Command {
    Generate {
        check: bool,
    },
    Check(check::Options),
    Diff {
        old: String,
        new: String,
        print: diff::Print,
    },
    Since {
        tag: String,
        print: diff::Print,
    },
    Openapi,
    Ir,
    Explain {
        what: String,
    },
    Learn {
        traffic: String,
        source: String,
    },
    Completions(Shell),
    Print(String),
}

pub struct Arguments {
    pub specs: Option<PathBuf>,
    pub quiet: bool,
    pub command: Command,
}

/// The options of all commands, as they stand on the line.
#[derive(Default)]
struct Options {
    check: bool,
    deny_warnings: bool,
    format: Option<String>,
    since: Option<String>,
    link: Option<String>,
    reading: Option<String>,
    source: Option<String>,
}

pub fn parse(mut parser: lexopt::Parser) -> Result<Arguments, Failure> {
    let mut specs = None;
    let mut quiet = false;
    let mut name: Option<String> = None;
    let mut operands = Vec::new();
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        let command = name.as_deref().unwrap_or_default();
        match argument {
            Short('h') | Long("help") => return print(HELP.to_owned()),
            Short('V') | Long("version") => {
                return print(format!("wechatpay-codegen {}\n", env!("CARGO_PKG_VERSION")));
            }
            Short('q') | Long("quiet") => quiet = true,
            Long("specs") => specs = Some(PathBuf::from(parser.value()?)),
            Value(value) if name.is_none() => name = Some(value.string()?),
            Value(value) if operands.len() < operands_of(command) => operands.push(value.string()?),
            Long("check") if command == "generate" => options.check = true,
            Long("format") if ["check", "diff"].contains(&command) => {
                options.format = Some(parser.value()?.string()?)
            }
            Long("since") if ["check", "diff"].contains(&command) => {
                options.since = Some(parser.value()?.string()?)
            }
            Long("reading") if command == "check" => options.reading = Some(parser.value()?.string()?),
            Long("source") if command == "learn" => options.source = Some(parser.value()?.string()?),
            Long("link") if command == "diff" => options.link = Some(parser.value()?.string()?),
            Long("deny") if command == "check" => {
                options.deny_warnings = parser.value()? == "warnings";
                if !options.deny_warnings {
                    return Err(Failure::Message("`--deny` takes `warnings`".to_owned()));
                }
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    let command = command(name.as_deref(), operands, options, quiet)?;
    Ok(Arguments {
        specs,
        quiet,
        command,
    })
}

fn operands_of(command: &str) -> usize {
    match command {
        "explain" | "learn" | "completions" => 1,
        "diff" => 2,
        _ => 0,
    }
}

fn command(
    name: Option<&str>,
    operands: Vec<String>,
    options: Options,
    quiet: bool,
) -> Result<Command, Failure> {
    let mut operands = operands.into_iter();
    let mut operand = |question: &str| {
        operands
            .next()
            .ok_or_else(|| Failure::Message(question.to_owned()))
    };
    let format = options.format.as_deref().unwrap_or("human");
    Ok(match name {
        Some("generate") => Command::Generate { check: options.check },
        Some("check") => Command::Check(check::Options {
            format: format.parse()?,
            deny_warnings: options.deny_warnings,
            since: options.since,
            reading: options.reading,
        }),
        Some("diff") => diff_command(operands.collect(), options, quiet)?,
        Some("learn") => Command::Learn {
            traffic: operand("learn what? a file with a line of JSON for each message")?,
            source: options
                .source
                .ok_or_else(|| "learn as what? name the reading with --source NAME".to_owned())?,
        },
        Some("completions") => {
            Command::Completions(operand("completions for which shell? bash, zsh or fish")?.parse()?)
        }
        Some("openapi") => Command::Openapi,
        Some("ir") => Command::Ir,
        Some("explain") => Command::Explain {
            what: operand("explain what? a page or a code")?,
        },
        Some(other) => return Err(Failure::Message(format!("`{other}` is not a command\n\n{HELP}"))),
        None => return Err(Failure::Message(format!("no command\n\n{HELP}"))),
    })
}

fn diff_command(operands: Vec<String>, options: Options, quiet: bool) -> Result<Command, Failure> {
    let usual = if options.since.is_some() {
        "changelog"
    } else {
        "human"
    };
    let print = diff::Print {
        format: options.format.as_deref().unwrap_or(usual).parse()?,
        link: options.link,
        quiet,
    };
    match (<[String; 2]>::try_from(operands), options.since) {
        (Ok([old, new]), None) => Ok(Command::Diff { old, new, print }),
        (Err(operands), Some(tag)) if operands.is_empty() => Ok(Command::Since { tag, print }),
        (_, Some(_)) => Err(Failure::Message(
            "`diff --since TAG` compares the pages with that release; it takes no OLD and NEW".to_owned(),
        )),
        (Err(_), None) => Err(Failure::Message(
            "diff what? two folders of pages, git revisions REV:FOLDER, or `--since TAG`".to_owned(),
        )),
    }
}

fn print(text: String) -> Result<Arguments, Failure> {
    Ok(Arguments {
        specs: None,
        quiet: true,
        command: Command::Print(text),
    })
}
