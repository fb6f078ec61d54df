//! Who may use the page and the control API: this machine's user, not another site in the same browser.
//!
//! In: a request. Out: nothing, or why it is refused. A name that leads here but is not the sandbox's
//! (DNS rebinding), and requests that another page starts, are refused.

use crate::Inner;
use crate::check::Incoming;
use crate::notify::is_local;
use crate::response::Reply;

/// What the page may load: its own style and script, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether a request comes from the sandbox's own page, or from no browser at all.
pub(crate) fn check(inner: &Inner, incoming: &Incoming) -> Result<(), &'static str> {
    let host = incoming.header("host").unwrap_or_default();
    if !is_own(inner, host) {
        return Err("this host is not the sandbox's: use localhost, an IP address, or --public-url");
    }
    let origin = incoming.header("origin");
    let same = |origin: &str| origin.split_once("://").is_some_and(|(_, other)| other == host);
    if origin.is_some_and(|origin| !same(origin)) {
        return Err("this is not the sandbox's own page");
    }
    let site = incoming.header("sec-fetch-site");
    let reads = incoming.method == "GET" && incoming.path() == "/";
    match site {
        None | Some("same-origin" | "none") => Ok(()),
        // A link from elsewhere may lead to the page, which does nothing by being shown.
        Some(_) if reads && incoming.header("sec-fetch-mode") == Some("navigate") => Ok(()),
        Some(_) => Err("another site's page started this request"),
    }
}

/// A name without a dot can't be another site's: a container's, for example.
fn is_own(inner: &Inner, host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let public = inner
        .settings
        .public_url
        .as_deref()
        .and_then(|url| url.split_once("://"));
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    !name.is_empty()
        && (address
            || is_local(name)
            || !name.contains('.')
            || name == "host.docker.internal"
            || public.is_some_and(|(_, public)| public.trim_end_matches('/') == host))
}

/// A response of the page, with what it may load.
pub(crate) fn with_policy(reply: Reply) -> Reply {
    reply
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        // With `no-referrer` browsers send `Origin: null`.
        .header("Referrer-Policy", "same-origin")
        .header("Cache-Control", "no-store")
}
