//! The command line. In: arguments. Out: a running sandbox, or a request to one.

mod client;
mod doctor;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use serde_json::{Value as Json, json};
use wechatpay_sandbox::{Settings, crypto, text};

use client::{Remote, Response};

const HELP: &str = "\
WeChat Pay on localhost: a test double, not the real thing.

wechatpay-sandbox serve [options]
  --listen ADDRESS    where to listen (127.0.0.1:0, that is any free port)
  --state DIR         where keys and business are kept (a new temporary folder, removed at the end)
  --specs DIR         pages to emulate instead of the built-in ones
  --mchid ID          the merchant's id instead of one that is made up
  --appid ID          an application that is bound to the merchant too (*: any); may be repeated
  --platform KIND     public-key, certificate, or switching: both (switching)
  --algorithm KIND    rsa, or sm: SM2, SM3 and SM4, with certificates that are downloaded (rsa)
  --answers KIND      documented: responses have all fields; sparse: only those that are never missing
  --stateless         keeps no orders: responds to every valid request from its page alone
  --automatic         refunds arrive, transfers are confirmed, deductions are paid without being told to
  --tls               HTTPS with the test CA in DIR/ca.pem; requires the merchant's certificate where
                      pages do; the certificate is for the real hosts too
  --public-url URL    the base of addresses in responses, instead of the one a request was sent to
  --notify-to URL     sends every notification there too
  --notify-anywhere   sends notifications to addresses other than loopback, too
  --speed N           so many seconds of WeChat Pay's retry schedule are one of the sandbox's (100)
  --seed N            what random faults are drawn with (0)
Prints one JSON line: the base URL, and where the merchant's files are.

wechatpay-sandbox call METHOD PATH [BODY] [--config FILE] [--url URL]
  Sends an APIv3 request that is signed with the merchant's key, and verifies the response.
wechatpay-sandbox trigger EVENT TO [RESOURCE] [--config FILE] [--url URL]
  Sends one of the documented notifications to the URL TO.
wechatpay-sandbox doctor [--config FILE] [--url URL]
  Says whether the sandbox can be reached and used from here.
FILE is the config.json of the sandbox's folder, or the line that `serve` printed; or WECHATPAY_SANDBOX
names it.
";

/// What a command for a running sandbox is given.
#[derive(Default)]
struct Given {
    words: Vec<String>,
    config: Option<PathBuf>,
    url: Option<String>,
}

/// Runs the command.
pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, String> {
    let command = match arguments.next().map_err(problem)? {
        None | Some(Long("help") | Short('h')) => {
            print!("{HELP}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(Long("version")) => {
            println!("wechatpay-sandbox {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
        Some(Value(command)) => command.string().map_err(problem)?,
        Some(argument) => return Err(problem(argument.unexpected())),
    };
    if command == "serve" {
        return match settings(arguments)? {
            Some(settings) => serve::run(settings),
            None => {
                print!("{HELP}");
                Ok(ExitCode::SUCCESS)
            }
        };
    }
    let given = given(arguments)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        match &*command {
            "call" => call(&given).await,
            "trigger" => trigger(&given).await,
            "doctor" => doctor::run(&given).await,
            _ => Err(format!("there is no command {command}: see --help")),
        }
    })
}

fn problem(error: lexopt::Error) -> String {
    error.to_string()
}

fn settings(mut arguments: lexopt::Parser) -> Result<Option<Settings>, String> {
    let mut settings = Settings::default();
    while let Some(argument) = arguments.next().map_err(problem)? {
        let Long(name) = argument else {
            return match argument {
                Short('h') => Ok(None),
                argument => Err(problem(argument.unexpected())),
            };
        };
        let name = name.to_owned();
        match &*name {
            "help" => return Ok(None),
            "tls" => settings.tls = true,
            "stateless" => settings.stateless = true,
            "automatic" => settings.automatic = true,
            "notify-anywhere" => settings.notify_anywhere = true,
            _ => {
                let value = |arguments: &mut lexopt::Parser| arguments.value().map_err(problem);
                match &*name {
                    "state" => settings.state = Some(value(&mut arguments)?.into()),
                    "specs" => settings.specs = Some(value(&mut arguments)?.into()),
                    "listen" => settings.listen = value(&mut arguments)?.parse().map_err(problem)?,
                    "seed" => settings.seed = value(&mut arguments)?.parse().map_err(problem)?,
                    "speed" => settings.speed = value(&mut arguments)?.parse().map_err(problem)?,
                    "answers" => settings.answers = value(&mut arguments)?.parse().map_err(problem)?,
                    "platform" => settings.platform = value(&mut arguments)?.parse().map_err(problem)?,
                    "algorithm" => settings.algorithm = value(&mut arguments)?.parse().map_err(problem)?,
                    "mchid" => settings.mchid = Some(value(&mut arguments)?.string().map_err(problem)?),
                    "appid" => settings
                        .appids
                        .push(value(&mut arguments)?.string().map_err(problem)?),
                    "public-url" => {
                        settings.public_url = Some(value(&mut arguments)?.string().map_err(problem)?);
                    }
                    "notify-to" => {
                        settings.notify_to = Some(value(&mut arguments)?.string().map_err(problem)?);
                    }
                    _ => return Err(format!("there is no option --{name}: see --help")),
                }
            }
        }
    }
    Ok(Some(settings))
}

fn given(mut arguments: lexopt::Parser) -> Result<Given, String> {
    let mut given = Given::default();
    while let Some(argument) = arguments.next().map_err(problem)? {
        match argument {
            Long("config") => given.config = Some(arguments.value().map_err(problem)?.into()),
            Long("url") => given.url = Some(arguments.value().and_then(|url| url.string()).map_err(problem)?),
            Value(word) => given.words.push(word.string().map_err(problem)?),
            argument => return Err(problem(argument.unexpected())),
        }
    }
    Ok(given)
}

/// Prints a response, and says whether it is a success.
fn shown(response: &Response) -> ExitCode {
    eprintln!("{}", response.status);
    for (name, value) in &response.headers {
        eprintln!("{name}: {value}");
    }
    match serde_json::from_slice::<Json>(&response.body) {
        Ok(json) => println!("{json:#}"),
        Err(_) => println!("{}", String::from_utf8_lossy(&response.body)),
    }
    match response.status {
        200..300 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

async fn call(given: &Given) -> Result<ExitCode, String> {
    let (method, path, body) = match &given.words[..] {
        [method, path] => (method.to_ascii_uppercase(), path, ""),
        [method, path, body] => (method.to_ascii_uppercase(), path, body.as_str()),
        _ => return Err("expected METHOD PATH [BODY]".into()),
    };
    let remote = Remote::new(given)?;
    let headers = remote.signed(&method, path, body)?;
    let response = remote.send(&method, path, &headers, body).await?;
    let code = shown(&response);
    match remote.verify(&response) {
        Ok(()) => eprintln!("the signature is right"),
        Err(problem) => eprintln!("the signature is not verified: {problem}"),
    }
    Ok(code)
}

async fn trigger(given: &Given) -> Result<ExitCode, String> {
    let (event, to, resource) = match &given.words[..] {
        [event, to] => (event, to, json!({})),
        [event, to, resource] => {
            let resource = serde_json::from_str(resource).map_err(|error| format!("RESOURCE: {error}"))?;
            (event, to, resource)
        }
        _ => return Err("expected EVENT TO [RESOURCE]".into()),
    };
    let body = json!({ "event_type": event, "url": to, "resource": resource }).to_string();
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    let response = Remote::new(given)?
        .send("POST", "/control/webhooks", &headers, &body)
        .await?;
    Ok(shown(&response))
}

/// A nonce and the time, as a signature has them.
fn now() -> (String, u64) {
    (crypto::random(32), text::now())
}
