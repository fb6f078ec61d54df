//! The business that has state: orders, refunds, profit sharing, transfers, payscore, bills, complaints,
//! coupons, applyments, invoices.
//!
//! In: a checked request. Out: its response, or a refusal in WeChat Pay's codes. What no module here
//! knows is answered from its page.

pub mod applyments;
mod batches;
mod bill_text;
mod bills;
pub mod combined;
pub mod complaints;
mod ecommerce_refunds;
pub mod fapiao;
pub mod favor;
mod forms;
mod ledger;
pub mod order;
mod orders;
pub mod payment;
pub mod permissions;
mod platform;
mod profitsharing;
pub mod refunds;
pub mod service_orders;
pub mod transfers;
mod v2;
mod v2_fields;

use std::sync::Arc;

use serde_json::Value;

use crate::check::Checked;
use crate::model::{Field, Operation};
use crate::refusal::Refusal;
use crate::response::{Reply, Writer};
use crate::store::Store;
use crate::{Inner, crypto};

/// What a request is carried out with.
pub(crate) struct Context<'a> {
    pub inner: &'a Arc<Inner>,
    pub writer: &'a Writer<'a>,
    pub checked: &'a Checked,
}

pub(crate) type Outcome = Result<Reply, Refusal>;

impl Context<'_> {
    pub fn operation(&self) -> &Operation {
        self.writer.operation
    }

    /// The time of the business.
    pub fn now(&self) -> u64 {
        self.inner.clock.now()
    }

    pub fn mchid(&self) -> &str {
        &self.inner.identity.mchid
    }

    /// The merchant that the request is about: a sub-merchant, or the one that signed it.
    pub fn owner(&self) -> &str {
        ["sub_mchid", "sub_mch_id"]
            .iter()
            .map(|name| self.checked.text(name))
            .find(|owner| !owner.is_empty())
            .unwrap_or(self.mchid())
    }

    pub fn facts(&self, facts: &Value) -> Reply {
        self.writer.facts(facts, self.checked)
    }

    /// What makes two requests the same: all values in clear.
    pub fn digest(&self) -> String {
        digest_of(serde_json::json!([
            self.checked.path,
            self.checked.query,
            self.checked.body
        ]))
    }

    /// What was made earlier under the merchant's number in this field: the same for the same parameters.
    pub fn made(&self, store: &Store, table: &str, field: &str) -> Result<Option<Value>, Refusal> {
        match store.get(table, self.checked.text(field)) {
            Some(row) if row["digest"] != self.digest() => {
                let problem = format!("{field} has been used with other parameters");
                Err(self.refused(400, "INVALID_REQUEST", problem, field))
            }
            row => Ok(row),
        }
    }

    /// What was made under the number in this field.
    pub fn found(&self, store: &Store, table: &str, field: &str) -> Result<Value, Refusal> {
        let row = store.get(table, self.checked.text(field));
        row.ok_or_else(|| {
            let problem = format!("nothing was made under this {field}");
            self.refused(404, "RESOURCE_NOT_EXISTS", problem, field)
        })
    }

    /// A refusal because of what a field says.
    pub fn refused(
        &self,
        status: u16,
        code: &'static str,
        problem: impl Into<String>,
        field: &str,
    ) -> Refusal {
        self.at(Refusal::new(status, code, problem), field)
    }

    /// A refusal at the row of a field.
    pub fn at(&self, refusal: Refusal, field: &str) -> Refusal {
        let operation = self.operation();
        let rows = operation
            .fields
            .iter()
            .chain(&operation.in_path)
            .chain(&operation.query);
        refusal.at(operation.row(line(rows, field).unwrap_or(operation.line)))
    }

    /// The merchant of the request must be the one that signed it.
    pub fn merchant(&self) -> Result<(), Refusal> {
        let mchid = &self.inner.identity.mchid;
        for name in ["mchid", "sp_mchid", "combine_mchid"] {
            match self.checked.get(name) {
                Some(Value::String(found)) if found != mchid => {
                    let issue = format!("not the merchant that signed the request, {mchid}");
                    let refusal =
                        Refusal::parameter("body", &format!("/{name}"), &found.as_str().into(), issue);
                    return Err(self.at(refusal, name));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn line<'a>(rows: impl Iterator<Item = &'a Field>, name: &str) -> Option<usize> {
    rows.into_iter()
        .find(|field| field.name == name)
        .map(|field| field.line)
}

/// A digest of a value, whatever the order of its fields.
fn digest_of(mut value: Value) -> String {
    value.sort_all_objects();
    crypto::sha256(value.to_string().as_bytes())
}

/// Says what a response rests on: `state`, the merchant's `number`, or the page's `shape` alone.
const RESTS_ON: &str = "Wechatpay-Sandbox";

/// Carries a request out.
pub(crate) fn carry_out(inner: &Arc<Inner>, writer: &Writer<'_>, checked: &Checked) -> Outcome {
    let context = Context {
        inner,
        writer,
        checked,
    };
    if let Some(outcome) = platform::carry_out(&context) {
        return outcome.map(|reply| reply.header(RESTS_ON, "state"));
    }
    if inner.settings.stateless {
        return Ok(writer.generic(checked));
    }
    let known = match context.operation().v3 {
        true => orders::carry_out(&context)
            .or_else(|| combined::carry_out(&context))
            .or_else(|| refunds::carry_out(&context))
            .or_else(|| ecommerce_refunds::carry_out(&context))
            .or_else(|| profitsharing::carry_out(&context))
            .or_else(|| transfers::carry_out(&context))
            .or_else(|| batches::carry_out(&context))
            .or_else(|| permissions::carry_out(&context))
            .or_else(|| service_orders::carry_out(&context))
            .or_else(|| complaints::carry_out(&context))
            .or_else(|| favor::carry_out(&context))
            .or_else(|| applyments::carry_out(&context))
            .or_else(|| fapiao::carry_out(&context))
            .or_else(|| bills::carry_out(&context)),
        false => v2::carry_out(&context),
    };
    let by = |name: &str, outcome: Outcome| outcome.map(|reply| reply.header(RESTS_ON, name));
    match known {
        Some(outcome) => by("state", outcome),
        None => match ledger::carry_out(&context) {
            Some(outcome) => by("number", outcome),
            None => by("shape", Ok(writer.generic(checked))),
        },
    }
}
