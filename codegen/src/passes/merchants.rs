//! Frees requests that are a merchant's or an institution's from naming both.
//!
//! In: the API. Out: the same, where a page that requires both `mchid` and `sp_mchid` requires neither,
//! nor the `sub_mchid` of the second kind. Example: `/v3/global/transactions/jsapi`.

use crate::ir::{Api, Kind, Operation, Property};

pub fn run(api: &mut Api) {
    for operation in api
        .operations
        .iter_mut()
        .filter(|operation| operation.kind == Kind::Api)
    {
        let requires = |name: &str| {
            let mut rows = rows(operation);
            rows.any(|row| row.name == name && row.required)
        };
        if !requires("mchid") || !requires("sp_mchid") {
            continue;
        }
        let request = &mut operation.request;
        for row in request.query.iter_mut().chain(&mut request.body.properties) {
            if ["mchid", "sp_mchid", "sub_mchid"].contains(&row.name.as_str()) && row.required {
                row.required = false;
                row.notes.push(
                    "Documented as required; a merchant sends `mchid`, an institution `sp_mchid` and `sub_mchid`."
                        .to_owned(),
                );
            }
        }
    }
}

fn rows(operation: &Operation) -> impl Iterator<Item = &Property> {
    operation
        .request
        .query
        .iter()
        .chain(&operation.request.body.properties)
}
