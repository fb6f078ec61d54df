//! Every documented operation, over real HTTP: a correct request is answered and the response verifies;
//! a request with a required field taken out, a wrong type or a flipped signature bit is refused.

#[allow(dead_code)]
mod http;
mod request;

use http::{Connection, Response};
use request::{Request, Wire};
use serde_json::Value;
use wechatpay_sandbox::identity::Identity;
use wechatpay_sandbox::model::{Body, Operation, Type};
use wechatpay_sandbox::{Answers, Sandbox, Settings, crypto, text, xml};

/// Sends what is signed.
fn send(
    connection: &mut Connection,
    operation: &Operation,
    identity: &Identity,
    wire: &Wire,
    flip: bool,
) -> Response {
    let mut headers = vec![
        ("Accept".to_owned(), "*/*".to_owned()),
        ("User-Agent".to_owned(), "surface".to_owned()),
        ("Idempotency-Key".to_owned(), "1".to_owned()),
        ("Wechatpay-Serial".to_owned(), identity.public_key.id.clone()),
    ];
    if !wire.content_type.is_empty() {
        headers.push(("Content-Type".to_owned(), wire.content_type.clone()));
    }
    if operation.v3 {
        let (timestamp, nonce) = (text::now(), crypto::random(32));
        let head = format!("{}\n{}\n{timestamp}\n{nonce}\n", operation.method, wire.target);
        let by_brand = wire.target.starts_with("/brand/");
        let key = if by_brand {
            &identity.brand.key
        } else {
            &identity.key
        };
        let mut signature =
            crypto::from_base64(&key.sign(&[head.as_bytes(), &wire.signed, b"\n"].concat())).unwrap();
        signature[17] ^= u8::from(flip) << 3;
        let (scheme, signer, serial) = match by_brand {
            true => {
                let brand = &identity.brand;
                (
                    "WECHATPAY-BRAND-SHA256-RSA2048 brand_id",
                    &brand.id,
                    &brand.serial,
                )
            }
            false => (
                "WECHATPAY2-SHA256-RSA2048 mchid",
                &identity.mchid,
                &identity.serial,
            ),
        };
        let signature = crypto::to_base64(&signature);
        headers.push((
            "Authorization".to_owned(),
            format!(
                "{scheme}=\"{signer}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{serial}\""
            ),
        ));
    }
    connection.send(&operation.method, &wire.target, &headers, &wire.body)
}

/// What is wrong with the response to a correct request.
fn problem(operation: &Operation, identity: &Identity, response: &Response) -> Option<String> {
    let redirect = operation.response == wechatpay_sandbox::model::ResponseFormat::Redirect;
    let expected = match operation.response {
        wechatpay_sandbox::model::ResponseFormat::Empty => 204,
        _ if redirect => 302,
        _ => 200,
    };
    if response.status != expected {
        return Some(format!("{} {}", response.status, response.text()));
    }
    if operation.v3 {
        return (operation.signed_response && !verifies(identity, response))
            .then(|| "the signature is wrong".to_owned());
    }
    if operation.response == wechatpay_sandbox::model::ResponseFormat::File || redirect {
        return None;
    }
    let fields = match xml::parse(&response.body) {
        Ok(fields) => fields,
        Err(problem) => return Some(problem),
    };
    let text = |name: &str| {
        fields
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    };
    if text("return_code").is_some_and(|code| code != "SUCCESS") {
        return Some(response.text());
    }
    let sign = text("sign").unwrap_or_default();
    let pairs = || fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let right = [false, true]
        .iter()
        .any(|hmac| crypto::sign_v2(&identity.api_v2_key, *hmac, pairs()) == sign);
    (operation.signed_response && !right).then(|| "the signature is wrong".to_owned())
}

fn verifies(identity: &Identity, response: &Response) -> bool {
    let signed = match response.header("wechatpay-statement-sha1") {
        "" => response.body.clone(),
        sha1 => format!("{{\"sha1\":\"{sha1}\"}}").into_bytes(),
    };
    let (timestamp, nonce) = (
        response.header("wechatpay-timestamp"),
        response.header("wechatpay-nonce"),
    );
    let message = [format!("{timestamp}\n{nonce}\n").as_bytes(), &signed, b"\n"].concat();
    response.header("wechatpay-serial") == identity.public_key.id
        && identity
            .public_key
            .key
            .verifies(&message, response.header("wechatpay-signature"))
}

/// What a test found in one operation.
enum Found {
    Right,
    Wrong(String),
    /// There is nothing in it that could be spoilt.
    Nothing,
}

impl Found {
    fn problem(problem: Option<String>) -> Self {
        problem.map_or(Self::Right, Self::Wrong)
    }
}

/// Runs a test over all operations. Those that it has nothing to spoil in are listed by name in
/// `file`, so that none is passed over unseen.
async fn over_all(
    file: &str,
    test: impl Fn(&mut Connection, &Operation, &Identity) -> Found + Send + 'static,
) {
    let sandbox = Sandbox::with(Settings {
        stateless: true,
        ..Settings::default()
    })
    .await
    .unwrap();
    let (count, failures, nothing) = tokio::task::spawn_blocking(move || {
        let mut connection = Connection::new(sandbox.url());
        let operations: Vec<_> = sandbox
            .pages()
            .all()
            .filter(|operation| !operation.webhook)
            .collect();
        let (mut failures, mut nothing) = (Vec::new(), Vec::new());
        for operation in &operations {
            match test(&mut connection, operation, sandbox.identity()) {
                Found::Right => {}
                Found::Wrong(problem) => failures.push(format!("{}: {problem}", operation.name())),
                Found::Nothing => nothing.push(operation.name()),
            }
        }
        (operations.len(), failures, nothing)
    })
    .await
    .unwrap();
    assert_eq!(count, 1178);
    assert!(
        failures.is_empty(),
        "{} of {count} operations:\n{}",
        failures.len(),
        failures.join("\n")
    );
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/surface")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let known: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    if nothing != known {
        let notes: Vec<_> = text.lines().filter(|line| line.starts_with('#')).collect();
        let lines: Vec<&str> = notes
            .into_iter()
            .chain(nothing.iter().map(String::as_str))
            .collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        panic!("{file} was out of date and is written anew: look at the difference");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_its_example() {
    over_all("answered.txt", |connection, operation, identity| {
        let wire = Request::from_example(operation, identity).wire(operation, identity);
        Found::problem(problem(
            operation,
            identity,
            &send(connection, operation, identity, &wire, false),
        ))
    })
    .await;
}

/// The number of optional and of required fields in a body, by the rows of its page.
fn count(fields: &[wechatpay_sandbox::model::Field], body: &Value, found: &mut (usize, usize)) {
    for field in fields {
        let Some(value) = body.get(&field.name) else {
            continue;
        };
        match field.required {
            true => found.1 += 1,
            false => found.0 += 1,
        }
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        items.iter().for_each(|item| count(&field.fields, item, found));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sparse_responses_have_required_fields_only() {
    for (answers, some) in [(Answers::Sparse, false), (Answers::Documented, true)] {
        let settings = Settings {
            stateless: true,
            answers,
            ..Settings::default()
        };
        let sandbox = Sandbox::with(settings).await.unwrap();
        let found = tokio::task::spawn_blocking(move || {
            let (mut connection, mut found) = (Connection::new(sandbox.url()), (0, 0));
            let json = |operation: &std::sync::Arc<Operation>| {
                operation.v3 && operation.response == wechatpay_sandbox::model::ResponseFormat::Json
            };
            // What these tell is real, whatever the page says.
            let real = ["/v3/certificates", "/v3/global/certificates", "/v3/security/echo"];
            for operation in sandbox.pages().all().filter(json).step_by(7) {
                if operation.webhook || real.contains(&operation.path.as_str()) {
                    continue;
                }
                let wire = Request::from_example(&operation, sandbox.identity())
                    .wire(&operation, sandbox.identity());
                let response = send(&mut connection, &operation, sandbox.identity(), &wire, false);
                let body = serde_json::from_slice(&response.body).unwrap();
                count(&operation.response_fields, &body, &mut found);
            }
            found
        });
        let (optional, required) = found.await.unwrap();
        assert_eq!(optional > 0, some, "{answers:?}: {optional} optional fields");
        assert!(required > 100, "{required} required fields");
    }
}

/// Whether a response refuses with a code, and names a row of the operation's page.
fn refused(operation: &Operation, response: &Response, status: u16, code: &str) -> Option<String> {
    if operation.v3 {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let row = body["detail"]["row"]
            .as_str()
            .unwrap_or_default()
            .starts_with(&operation.page);
        let right = response.status == status && body["code"] == code && (row || code == "SIGN_ERROR");
        return (!right).then(|| format!("{} {}", response.status, response.text()));
    }
    let text = response.text();
    let right = response.status == 200
        && text.contains("FAIL")
        && text.contains(&code.replace("SIGN_ERROR", "SIGNERROR"));
    (!right).then_some(text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_a_wrong_signature() {
    over_all("signature.txt", |connection, operation, identity| {
        // A link without a signature has none to flip.
        let signed_query = operation.query.iter().any(|field| field.name == "sign");
        if !operation.v3 && operation.body == Body::None && !signed_query {
            return Found::Nothing;
        }
        let mut wire = Request::from_example(operation, identity).wire(operation, identity);
        if !operation.v3 {
            let (mut identity_of_another, at) = (wire.body.clone(), "<sign><![CDATA[");
            match String::from_utf8_lossy(&wire.body).find(at) {
                Some(found) => identity_of_another[found + at.len()] ^= 1,
                None => {
                    let text = String::from_utf8_lossy(&wire.body).into_owned();
                    identity_of_another = text
                        .replace("name=\"sign\"\r\n\r\n", "name=\"sign\"\r\n\r\n0")
                        .into_bytes();
                }
            }
            wire.body = identity_of_another;
            wire.target = wire.target.replace("sign=", "sign=0");
        }
        Found::problem(refused(
            operation,
            &send(connection, operation, identity, &wire, true),
            401,
            "SIGN_ERROR",
        ))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_a_missing_field() {
    over_all("missing.txt", |connection, operation, identity| {
        let mut request = Request::from_example(operation, identity);
        let own = ["sign", "nonce_str", "sign_type"];
        let required = |fields: &[wechatpay_sandbox::model::Field]| {
            let found = fields.iter().find(|field| {
                let once = fields.iter().filter(|other| other.name == field.name).count() == 1;
                field.required && once && !own.contains(&field.name.as_str()) && field.ty != Type::Object
            });
            found
                .or_else(|| {
                    fields
                        .iter()
                        .find(|field| field.required && !own.contains(&field.name.as_str()))
                })
                .map(|field| field.name.clone())
        };
        if let Some(name) = required(&operation.fields).filter(|name| request.body.contains_key(name)) {
            request.body.remove(&name);
        } else if let Some(name) = required(&operation.query) {
            request.query.remove(&name);
        } else {
            // Nothing is required that could be taken out: a path without its parameter is another path.
            return Found::Nothing;
        }
        let wire = request.wire(operation, identity);
        Found::problem(refused(
            operation,
            &send(connection, operation, identity, &wire, false),
            400,
            "PARAM_ERROR",
        ))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_a_wrong_type() {
    over_all("type.txt", |connection, operation, identity| {
        let mut request = Request::from_example(operation, identity);
        // In JSON everything has a type; as text only what is not a string.
        let json = operation.body == Body::Json;
        let typed = |field: &&wechatpay_sandbox::model::Field| match field.ty {
            Type::String => json,
            Type::Object => json && !field.fields.is_empty(),
            _ => true,
        };
        let spoil = |name: &str| {
            let once = operation.fields.iter().filter(|field| field.name == name).count() == 1;
            once && name != "mch_id"
        };
        if let Some(field) = operation
            .fields
            .iter()
            .filter(typed)
            .find(|field| spoil(&field.name))
        {
            let wrong = if json {
                Value::from(vec![Value::from(vec![true])])
            } else {
                "x".into()
            };
            request.body.insert(field.name.clone(), wrong);
        } else if let Some(field) = operation
            .query
            .iter()
            .find(|field| !matches!(field.ty, Type::String | Type::Object))
        {
            request.query.insert(field.name.clone(), "x".into());
        } else if let Some(field) = operation.in_path.iter().find(|field| field.ty != Type::String) {
            request.path.insert(field.name.clone(), "x".into());
        } else {
            return Found::Nothing;
        }
        let wire = request.wire(operation, identity);
        Found::problem(refused(
            operation,
            &send(connection, operation, identity, &wire, false),
            400,
            "PARAM_ERROR",
        ))
    })
    .await;
}
