//! Addresses. In: an operation, its request, the host chosen. Out: where to connect to, and the path
//! with its query exactly as it is signed and sent.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::message::{Address, Options};
use crate::client::Client;
use crate::error::Error;
use crate::operation::Operation;
use crate::wire::FlatField;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of a call whose parameters in path and query are `fields`.
pub(crate) fn address_of(
    client: &Client,
    operation: &'static Operation,
    options: &Options,
    mut fields: Vec<FlatField>,
) -> Result<Address, Error> {
    let (origin, prefix) = split_base(choose_host(operation, options)?)?;
    let path = options.path.as_deref().unwrap_or(operation.path);
    fields.retain(|(name, _)| !options.query.iter().any(|(other, _)| other == name));
    fields.extend(options.query.iter().cloned());
    let mut path_and_query = prefix.trim_end_matches('/').to_owned();
    write_path(path, &fields, &mut path_and_query)?;
    let mut separator = if path.contains('?') { '&' } else { '?' };
    for (name, value) in &fields {
        if is_in_path(path, name) {
            continue;
        }
        path_and_query.push(separator);
        path_and_query.extend(utf8_percent_encode(name, RESERVED));
        path_and_query.push('=');
        path_and_query.extend(utf8_percent_encode(value, RESERVED));
        separator = '&';
    }
    let (origin, fallback) = client.route(origin);
    Ok(Address {
        origin,
        fallback,
        path_and_query,
    })
}

/// The host asked for, which must be one that the page names.
fn choose_host(operation: &'static Operation, options: &Options) -> Result<&'static str, Error> {
    let Some(wanted) = &options.host else {
        let first = operation.hosts.first().copied();
        return first.ok_or_else(|| Error::configuration("the operation has no host"));
    };
    let same = |host: &&&str| host.trim_end_matches('/') == wanted.trim_end_matches('/');
    operation.hosts.iter().find(same).copied().ok_or_else(|| {
        Error::request(format!(
            "its hosts are {}, not this one",
            operation.hosts.join(", ")
        ))
    })
}

/// `https://host/prefix/` as `https://host` and `/prefix/`.
fn split_base(base: &str) -> Result<(&str, &str), Error> {
    let host = base.find("://").map_or(0, |at| at + 3);
    let slash = base[host..].find('/').map_or(base.len(), |at| host + at);
    if host == 0 || slash == host {
        return Err(Error::configuration("the operation's host is not a URL"));
    }
    Ok(base.split_at(slash))
}

/// Whether `name` is a parameter of `template`.
pub(crate) fn is_in_path(template: &str, name: &str) -> bool {
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((parameter, after)) = after.split_once('}') else {
            return false;
        };
        if parameter == name {
            return true;
        }
        rest = after;
    }
    false
}

/// Fills the parameters of `template`, each percent-encoded, so that no value can reach beyond its
/// segment.
fn write_path(template: &str, fields: &[(String, String)], out: &mut String) -> Result<(), Error> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| Error::configuration("the operation's path has an open brace"))?;
        let (_, value) = fields
            .iter()
            .find(|(field, _)| field == name)
            .ok_or_else(|| Error::request(format!("the path parameter `{name}` is missing")))?;
        match value.as_str() {
            "" => return Err(Error::request(format!("the path parameter `{name}` is empty"))),
            "." | ".." => {
                return Err(Error::request(format!(
                    "the path parameter `{name}` is a dot segment, which would lead to another operation"
                )));
            }
            _ => {}
        }
        out.push_str(before);
        out.extend(utf8_percent_encode(value, RESERVED));
        rest = after;
    }
    out.push_str(rest);
    Ok(())
}
