//! `wechatpay-sandbox serve`: plays WeChat Pay on localhost until it is ended.
//!
//! In: the command line. Out: one JSON line with the address and the merchant's files, then nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use wechatpay_sandbox::{Sandbox, Settings};

const HELP: &str = "\
WeChat Pay on localhost: a test double, never the real thing.

wechatpay-sandbox serve [options]

  --listen ADDRESS    where to listen (127.0.0.1:0, that is any free port)
  --state DIR         where identity and business are kept (a new folder below the system's temporary one)
  --specs DIR         pages to play instead of the built-in ones
  --seed N            what random faults are drawn with (0)
  --mchid ID          the merchant's id instead of one that is made up
  --tls               HTTPS with the test CA in DIR/ca.pem; demands the merchant's certificate where pages do
  --answers KIND      documented: responses have all fields; sparse: only those that are never missing
  --stateless         keeps no orders: responds to every valid request from its page alone
  --notify-anywhere   sends notifications to addresses other than loopback, too
  --speed N           so many seconds of WeChat Pay's retry schedule are one of the sandbox's (100)

Prints one JSON line: the base URL, and where the merchant's files are.
";

fn main() -> ExitCode {
    match arguments().and_then(|settings| match settings {
        Some(settings) => run(settings),
        None => {
            print!("{HELP}");
            Ok(())
        }
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("wechatpay-sandbox: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Option<Settings>, String> {
    use lexopt::prelude::*;
    let mut settings = Settings::default();
    let mut parser = lexopt::Parser::from_env();
    let mut serve = false;
    let text = |error: lexopt::Error| error.to_string();
    while let Some(argument) = parser.next().map_err(text)? {
        match argument {
            Value(command) if command == "serve" && !serve => serve = true,
            Long("listen") => {
                settings.listen = parser.value().and_then(|value| value.parse()).map_err(text)?
            }
            Long("state") => settings.state = Some(PathBuf::from(parser.value().map_err(text)?)),
            Long("specs") => settings.specs = Some(PathBuf::from(parser.value().map_err(text)?)),
            Long("seed") => settings.seed = parser.value().and_then(|value| value.parse()).map_err(text)?,
            Long("speed") => settings.speed = parser.value().and_then(|value| value.parse()).map_err(text)?,
            Long("mchid") => {
                settings.mchid = Some(parser.value().and_then(|value| value.string()).map_err(text)?)
            }
            Long("answers") => {
                settings.answers = parser.value().and_then(|value| value.parse()).map_err(text)?
            }
            Long("tls") => settings.tls = true,
            Long("stateless") => settings.stateless = true,
            Long("notify-anywhere") => settings.notify_anywhere = true,
            Long("help") | Short('h') => return Ok(None),
            argument => return Err(text(argument.unexpected())),
        }
    }
    Ok(serve.then_some(settings))
}

fn run(mut settings: Settings) -> Result<(), String> {
    let folder = match &settings.state {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("wechatpay-sandbox-{}", std::process::id())),
    };
    settings.state = Some(folder.clone());
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let sandbox = Sandbox::with(settings).await.map_err(|error| error.to_string())?;
        let folder = folder.canonicalize().unwrap_or(folder);
        let mut line = sandbox.identity().config(&folder);
        line["url"] = json!(sandbox.url());
        line["state"] = json!(folder.display().to_string());
        println!("{line}");
        tokio::select! {
            () = sandbox.join() => Ok(()),
            ended = tokio::signal::ctrl_c() => ended.map_err(|error| error.to_string()),
        }
    })
}
