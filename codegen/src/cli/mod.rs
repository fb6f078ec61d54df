//! The command line.
//!
//! In: arguments. Out: what a command prints, and the exit status; `HELP` documents both.

mod check;
mod diff;
mod explain;
mod generate;
mod learn;
mod progress;

use std::ffi::OsString;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::prelude::*;
use wechatpay_codegen::ir::Operation;
use wechatpay_codegen::load::{self, Loaded};
use wechatpay_codegen::render::Report;
use wechatpay_codegen::{ir_json, names, openapi};

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
  diff OLD NEW [--format human|markdown|json] [--link URL]
                        what changed in the API, and for whom: two folders of pages, or git
                        revisions of one (main:specs); --link makes the places of the markdown
                        links, as https://github.com/OWNER/NAME/blob/COMMIT
  openapi               print the whole surface as an OpenAPI 3.1 document
  ir                    print what the pages say as JSON (schema_version 1)
  explain PAGE          show all stages of one page: rows, IR, Rust
  explain CODE          explain a diagnostic, such as W0003

Options:
  --specs DIR           the folder of pages; default: `specs` here or in a folder above
  -q, --quiet           no progress, and no message when there is nothing to do
  -h, --help            print this
  -V, --version         print the version

Exit status:
  0   success; with `check`, no errors (and with --deny warnings, no warnings)
  1   the pages have errors, or with --check the generated files are stale
  2   the command could not run: wrong arguments, a file that can't be read or written

Examples:
  wechatpay-codegen generate --check
  wechatpay-codegen check --since main:specs
  wechatpay-codegen diff v0.1.0:specs specs --format markdown > api.md
  wechatpay-codegen explain openapi/v3/pay/transactions/jsapi.md
  wechatpay-codegen openapi > wechatpay.json
";

/// What a command ends with.
enum Failure {
    /// The pages or the code are not in order; all has been said.
    Found,
    /// The command could not do its work.
    Message(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Message(format!("{error}\nTry `wechatpay-codegen --help`."))
    }
}

type Outcome = Result<(), Failure>;

enum Command {
    Generate {
        check: bool,
    },
    Check(check::Options),
    Diff {
        old: String,
        new: String,
        format: diff::Format,
        link: Option<String>,
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
    Print(String),
}

struct Arguments {
    specs: Option<PathBuf>,
    quiet: bool,
    command: Command,
}

pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match parse(lexopt::Parser::from_iter(arguments)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Message(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
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

fn parse(mut parser: lexopt::Parser) -> Result<Arguments, Failure> {
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
            Long("since") if command == "check" => options.since = Some(parser.value()?.string()?),
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
    let command = command(name.as_deref(), operands, options)?;
    Ok(Arguments {
        specs,
        quiet,
        command,
    })
}

fn operands_of(command: &str) -> usize {
    match command {
        "explain" | "learn" => 1,
        "diff" => 2,
        _ => 0,
    }
}

fn command(name: Option<&str>, operands: Vec<String>, options: Options) -> Result<Command, Failure> {
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
        Some("diff") => {
            let question = "diff what? two folders of pages, or git revisions REV:FOLDER";
            let (old, new) = (operand(question)?, operand(question)?);
            Command::Diff {
                old,
                new,
                format: format.parse()?,
                link: options.link,
            }
        }
        Some("learn") => Command::Learn {
            traffic: operand("learn what? a file with a line of JSON for each message")?,
            source: options
                .source
                .ok_or_else(|| "learn as what? name the reading with --source NAME".to_owned())?,
        },
        Some("openapi") => Command::Openapi,
        Some("ir") => Command::Ir,
        Some("explain") => Command::Explain {
            what: operand("explain what? a page or a code")?,
        },
        Some(other) => return Err(Failure::Message(format!("`{other}` is not a command\n\n{HELP}"))),
        None => return Err(Failure::Message(format!("no command\n\n{HELP}"))),
    })
}

fn print(text: String) -> Result<Arguments, Failure> {
    Ok(Arguments {
        specs: None,
        quiet: true,
        command: Command::Print(text),
    })
}

fn run(arguments: Arguments) -> Outcome {
    let specs = || match arguments.specs {
        Some(specs) => Ok(specs),
        None => find_specs(),
    };
    match arguments.command {
        Command::Print(text) => write(&text),
        Command::Generate { check } => generate::run(&specs()?, check, arguments.quiet),
        Command::Check(options) => check::run(&specs()?, &options),
        Command::Diff {
            old,
            new,
            format,
            link,
        } => diff::run(&old, &new, format, link.as_deref()),
        Command::Learn { traffic, source } => learn::run(&specs()?, &traffic, &source),
        Command::Openapi => print_openapi(&specs()?),
        Command::Ir => ir(&specs()?),
        Command::Explain { what } => match explain::code(&what) {
            Some(text) => write(&text),
            None => explain::page(&specs()?, &what),
        },
    }
}

/// The next folder `specs` upwards, relative to here.
fn find_specs() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let mut specs = PathBuf::from("specs");
    for _ in here.ancestors() {
        if specs.is_dir() {
            return Ok(specs);
        }
        specs = Path::new("..").join(specs);
    }
    Err(format!(
        "no folder `specs` in {} or above; name it with --specs DIR",
        here.display()
    )
    .into())
}

/// Loads the pages. The process ends with the command, so they are never freed: that would cost time only.
fn load(specs: &Path) -> Result<ManuallyDrop<Loaded>, Failure> {
    let loaded = load::load(specs).map_err(|error| format!("{}: {error}", specs.display()))?;
    match loaded.counts.lost() {
        None => Ok(ManuallyDrop::new(loaded)),
        Some(lost) => Err(format!("this is a bug in the generator, please report it: {lost}").into()),
    }
}

fn print_openapi(specs: &Path) -> Outcome {
    let loaded = load(specs)?;
    stop_on_errors(&loaded, specs)?;
    let document = openapi::document(&loaded.api, env!("CARGO_PKG_VERSION"));
    let document = ManuallyDrop::new(document);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, &*document).map_err(io::Error::from);
    quiet_if_closed(written.and_then(|()| writeln!(out)).and_then(|()| out.flush()))
}

fn ir(specs: &Path) -> Outcome {
    let loaded = load(specs)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written =
        ir_json::write(&mut out, &loaded.api, &loaded.diagnostics, &rust).and_then(|()| out.flush());
    quiet_if_closed(written)?;
    stop_on_errors(&loaded, specs)
}

/// An operation's Rust path and cargo feature.
fn rust(operation: &Operation) -> (String, String) {
    (names::rust_path(operation), names::feature(operation))
}

/// Writes errors, if there are any, to standard error, and fails.
fn stop_on_errors(loaded: &Loaded, specs: &Path) -> Outcome {
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .cloned()
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let folder = specs.to_string_lossy();
    eprint!("{}", Report::new(&loaded.sources, &folder).human_all(&errors));
    Err(Failure::Found)
}

/// Writes to standard output; a closed pipe (`| head`) is not a failure.
fn write(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    quiet_if_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

fn quiet_if_closed(written: io::Result<()>) -> Outcome {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}").into())
        }
        _ => Ok(()),
    }
}
