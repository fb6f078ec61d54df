//! Every operation through its generated function against the sandbox: a correct request, made from
//! the page's example, is answered, and the response verifies and decodes.
#![allow(deprecated)]

#[path = "../../sandbox/tests/surface/request.rs"]
#[allow(dead_code)]
mod request;

use std::future::Future;
use std::pin::Pin;

use request::{FILE, Request};
use serde_json::{Map, Value};
use wechatpay_client::traffic::{self, Document};
use wechatpay_client::{Brand, Builder, Call, Client, Download, Error, FromResponse, Link, Pages, Upload};
use wechatpay_sandbox::faults::{ALL, Fault};
use wechatpay_sandbox::identity::Identity;
use wechatpay_sandbox::model::{Body, Operation};
use wechatpay_sandbox::{Answers, Sandbox, Settings};

/// What can't be called so, by name and with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// A request as values: JSON, or the texts of APIv2.
enum Values {
    Json(Value),
    Xml(Vec<(String, String)>),
}

type Settled<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

struct Entry {
    method: &'static str,
    path: &'static str,
    call: for<'a> fn(&'a Client, Values) -> Settled<'a>,
}

macro_rules! registry {
    (operations { $([$method:literal $path:literal [$($module:tt)*] $response:ident])* } webhooks $rest:tt) => {
        const OPERATIONS: &[Entry] = &[$(Entry {
            method: $method,
            path: $path,
            call: |client, values| Box::pin(async move {
                let request: wechatpay_client::$($module)*::Request = typed(values)?;
                let call = wechatpay_client::$($module)*(client, &request);
                finish!($response call).await.map_err(|error| explain(&error))
            }),
        }),*];
    };
}

macro_rules! finish {
    (Response $call:ident) => {
        whole($call)
    };
    (None $call:ident) => {
        $call.settle()
    };
}

include!(concat!(env!("OUT_DIR"), "/registry.rs"));

/// The response; of a list, all its pages.
async fn whole<T: Document + FromResponse>(call: Call<'_, T>) -> Result<(), Error> {
    if call.operation().pages == Pages::None {
        return call.await.map(drop);
    }
    let mut pages = call.pages();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        page?;
        count += 1;
        assert!(count < 5, "the sandbox has one page, and maybe an empty one");
    }
    Ok(())
}

/// Whatever a generated function returns, followed to its end.
trait Settle<'a> {
    fn settle(self) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;
}

impl<'a, T: FromResponse + 'a> Settle<'a> for Call<'a, T> {
    fn settle(self) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(async { self.await.map(drop) })
    }
}

impl<'a> Settle<'a> for Download<'a> {
    fn settle(self) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(async { self.to_bytes().await.map(drop) })
    }
}

impl<'a> Settle<'a> for Link<'a> {
    /// The payer's browser goes there, and is sent on.
    fn settle(self) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(async {
            let url = self.url()?;
            let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
            let response = browser.build().unwrap().get(url).send().await.unwrap();
            assert_eq!(response.status(), 302, "{:?}", response.text().await);
            Ok(())
        })
    }
}

fn typed<T: serde::de::DeserializeOwned + Document>(values: Values) -> Result<T, String> {
    let mut request: T = match values {
        Values::Json(value) => serde_json::from_value(value).map_err(|error| error.to_string())?,
        Values::Xml(fields) => {
            traffic::from_xml(&traffic::to_xml(&fields))
                .map_err(|error| error.to_string())?
                .value
        }
    };
    traffic::attach(&mut request, &Upload::from_bytes("a.png", FILE));
    Ok(request)
}

fn explain(error: &Error) -> String {
    let body = error
        .raw_body()
        .map(|body| String::from_utf8_lossy(body))
        .unwrap_or_default();
    format!("{error}: {body}")
}

/// The page's example in the form that its type is read from.
fn values(operation: &Operation, identity: &Identity) -> Values {
    let request = Request::from_example(operation, identity);
    let headers = operation.headers.iter().filter(|field| field.required);
    let headers = headers.map(|field| (field.name.clone(), Value::from("1")));
    let all: Map<_, _> = (headers
        .chain(request.path)
        .chain(request.query)
        .chain(request.body))
    .collect();
    match operation.body {
        Body::Xml => Values::Xml(request::flat(&all)),
        _ if operation.v3 => Values::Json(all.into()),
        _ => Values::Xml(request::flat(&all)),
    }
}

/// The sandbox's merchant.
fn builder(sandbox: &Sandbox) -> Builder {
    let merchant = sandbox.identity();
    Client::builder()
        .mchid(&merchant.mchid)
        .certificate_pem(&merchant.certificate_pem)
        .private_key_pem(&merchant.key_pem)
        .api_v3_key(&merchant.api_v3_key)
        .api_v2_key(&merchant.api_v2_key)
        .brand(
            Brand::new(&merchant.brand.id)
                .certificate_pem(&merchant.brand.certificate_pem)
                .private_key_pem(&merchant.brand.key_pem),
        )
        .strict(true)
        .public_key_pem(&merchant.public_key.id, &merchant.public_key.public_pem)
        .base_url(sandbox.url())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_answered() {
    answered(Answers::Sparse).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_answered_with_all_documented_fields() {
    answered(Answers::Documented).await;
}

async fn answered(answers: Answers) {
    let sandbox = Sandbox::with(Settings {
        stateless: true,
        answers,
        ..Settings::default()
    });
    let sandbox = sandbox.await.unwrap();
    let (merchant, client) = (sandbox.identity(), builder(&sandbox).build().unwrap());
    let operations: Vec<_> = sandbox
        .pages()
        .all()
        .filter(|operation| !operation.webhook)
        .collect();
    assert_eq!(operations.len(), 1178);
    let mut failures = Vec::new();
    for operation in &operations {
        let found = |entry: &&Entry| {
            entry.method == operation.method
                && [&operation.path, &operation.bare_path].contains(&&entry.path.to_owned())
        };
        let Some(entry) = OPERATIONS.iter().find(found) else {
            failures.push(format!("{}: no generated function", operation.name()));
            continue;
        };
        let outcome = (entry.call)(&client, values(operation, merchant)).await;
        let excused = EXCEPTIONS.iter().any(|(name, _)| *name == operation.name());
        match outcome {
            Err(problem) if !excused => failures.push(format!("{}: {problem}", operation.name())),
            Ok(()) if excused => failures.push(format!("{}: an exception no longer", operation.name())),
            _ => {}
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} operations:\n{}",
        failures.len(),
        operations.len(),
        failures.join("\n")
    );
}

/// What a caller without repetitions sees of each fault, and whether the order was made nevertheless.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_seen_for_what_it_is() {
    use wechatpay_client::v3::pay::transactions::{jsapi, out_trade_no::by_out_trade_no};
    let sandbox = Sandbox::with(Settings {
        appids: vec!["*".into()],
        answers: Answers::Sparse,
        ..Settings::default()
    });
    let sandbox = sandbox.await.unwrap();
    let client = builder(&sandbox).max_attempts(1).build().unwrap();
    for (number, (name, fault)) in ALL.into_iter().enumerate() {
        let number = format!("FAULT{number}");
        let mut order = jsapi::post::Request::from(jsapi::post::RequestInit {
            appid: "wx0000000000000001".into(),
            description: name.into(),
            out_trade_no: number.clone(),
            notify_url: "http://127.0.0.1:9/".into(),
            amount: jsapi::post::Amount::new(1),
            payer: jsapi::post::Payer::new("o1"),
        });
        order.attach = Some("fault".into());
        sandbox.control().fault(None, fault, 1);
        let outcome = jsapi::post(&client, &order).await.map(drop);
        let wrong = || -> bool { panic!("{name}: {outcome:?}") };
        let error = outcome.as_ref().err();
        let is = |what: fn(&Error) -> bool| error.is_some_and(what);
        let status = |status: u16| error.and_then(Error::status).is_some_and(|found| found == status);
        let unsure = is(Error::is_outcome_unknown);
        let right = match fault {
            Fault::Slow | Fault::ExtraField | Fault::NewValue => outcome.is_ok(),
            Fault::CutOff => unsure && !is(Error::is_api),
            Fault::TooMany => status(429) && is(Error::is_api) && !unsure,
            Fault::ServerError => status(500) && is(Error::is_api) && unsure,
            Fault::BadGateway => status(502) && unsure,
            Fault::MissingField => is(Error::is_decode) && unsure,
            Fault::ProbeSignature => is(Error::is_probe) && unsure,
            Fault::WrongSignature
            | Fault::UnknownSerial
            | Fault::OldTimestamp
            | Fault::MissingHeader
            | Fault::RotatedCertificate => is(Error::is_verification) && unsure,
            Fault::Delay(_) | Fault::Status(_) | Fault::Reset | Fault::Hang => wrong(),
        };
        if !right {
            wrong();
        }
        let query = by_out_trade_no::get::Request::new(number);
        let made = by_out_trade_no::get(&client, &query).await.is_ok();
        assert_eq!(made, !fault.is_before(), "{name}: whether the order is there");
    }
}
