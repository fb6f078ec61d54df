//! The command line.
//!
//! In: arguments. Out: what a command prints, and the exit status; `--help` documents both.

mod arguments;
mod check;
mod completions;
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

use wechatpay_codegen::ir::Operation;
use wechatpay_codegen::load::{self, Loaded};
use wechatpay_codegen::render::Report;
use wechatpay_codegen::{ir_json, names, openapi};

use arguments::{Arguments, Command};
use progress::Progress;

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

pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match arguments::parse(lexopt::Parser::from_iter(arguments)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Message(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Outcome {
    let quiet = arguments.quiet;
    let specs = || match arguments.specs {
        Some(specs) => Ok(specs),
        None => find_specs(),
    };
    match arguments.command {
        Command::Print(text) => write(&text),
        Command::Completions(shell) => write(shell.script()),
        Command::Generate { check } => generate::run(&specs()?, check, quiet),
        Command::Check(options) => check::run(&specs()?, &options, quiet),
        Command::Diff { old, new, print } => diff::run(&old, &new, &print),
        Command::Since { tag, print } => diff::since(&specs()?, &tag, &print),
        Command::Learn { traffic, source } => learn::run(&specs()?, &traffic, &source, quiet),
        Command::Openapi => print_openapi(&specs()?, quiet),
        Command::Ir => ir(&specs()?, quiet),
        Command::Explain { what } => match explain::code(&what) {
            Some(text) => write(&text),
            None => explain::page(&specs()?, &what, quiet),
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

/// The pages, with everything that is wrong with them. The process ends with the command, so they are never
/// freed: that would cost time only.
fn load(specs: &Path, quiet: bool) -> Result<ManuallyDrop<Loaded>, Failure> {
    let _progress = Progress::show(quiet, "reading the pages");
    let loaded = load::load(specs).map_err(|error| format!("{}: {error}", specs.display()))?;
    match loaded.counts.lost() {
        None => Ok(ManuallyDrop::new(loaded)),
        Some(lost) => Err(format!("this is a bug in the generator, please report it: {lost}").into()),
    }
}

fn print_openapi(specs: &Path, quiet: bool) -> Outcome {
    let loaded = load(specs, quiet)?;
    stop_on_errors(&loaded, specs)?;
    let document = openapi::document(&loaded.api, env!("CARGO_PKG_VERSION"));
    let document = ManuallyDrop::new(document);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, &*document).map_err(io::Error::from);
    quiet_if_closed(written.and_then(|()| writeln!(out)).and_then(|()| out.flush()))
}

fn ir(specs: &Path, quiet: bool) -> Outcome {
    let loaded = load(specs, quiet)?;
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
