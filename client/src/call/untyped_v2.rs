//! Calls of APIv2 operations that no page documents yet.
//!
//! In: a path and fields. Out: the verified fields of the response.

use std::future::IntoFuture;
use std::time::Duration;

use super::execute::execute;
use super::untyped::{HOSTS, check_path};
use crate::apiv2::ApiV2;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Extra, Options};
use crate::operation::Operation;
use crate::transport::BoxFuture;
use crate::wire::xml::from_xml;
use crate::wire::{Empty, Json};

/// What is filled in unless it is given.
const FILLED: &[&str] = &["mch_id", "sign_type"];

static PLAIN: Operation = Operation {
    path: "/…",
    hosts: HOSTS,
    filled_by_client: FILLED,
    ..Operation::V2
};

static MUTUAL_TLS: Operation = Operation {
    mutual_tls: true,
    path: "/…",
    hosts: HOSTS,
    filled_by_client: FILLED,
    ..Operation::V2
};

/// A call of an APIv2 operation that no page documents yet: [`ApiV2::request`].
#[must_use = "a call does nothing until it is awaited"]
pub struct UntypedV2Call<'a> {
    client: &'a Client,
    operation: &'static Operation,
    path: String,
    options: Options,
}

impl<'a> ApiV2<'a> {
    /// Calls an operation of APIv2 that has no typed function yet, and gives the fields of the response.
    ///
    /// `mch_id`, `nonce_str`, `sign_type` and `sign` are filled in; the first three may be given instead.
    /// The response must have a right signature.
    ///
    /// ```no_run
    /// # async fn example(client: wechatpay_client::Client) -> Result<(), wechatpay_client::Error> {
    /// let fields = client
    ///     .apiv2()?
    ///     .request("/pay/neworder")
    ///     .field("appid", "wx0000000000000001")
    ///     .field("total_fee", "100")
    ///     .await?;
    /// let prepay_id = fields.iter().find(|(name, _)| name == "prepay_id");
    /// # Ok(())
    /// # }
    /// ```
    pub fn request(&self, path: impl Into<String>) -> UntypedV2Call<'a> {
        UntypedV2Call {
            client: self.client(),
            operation: &PLAIN,
            path: path.into(),
            options: Options::default(),
        }
    }
}

impl<'a> UntypedV2Call<'a> {
    /// A field of the request. Empty ones are left out.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.extra.push(Extra {
            path: name.into(),
            value: Json::String(value.into()),
        });
        self
    }

    /// Shows the merchant's API certificate on the connection, as operations that move money out demand.
    pub fn mutual_tls(mut self) -> Self {
        self.operation = &MUTUAL_TLS;
        self
    }

    /// Sends the request again after a failure. Right for a query, and for a request that has a number
    /// of your own (`out_trade_no`) by which WeChat Pay recognises the repetition.
    pub fn idempotent(mut self) -> Self {
        self.options.repeatable = true;
        self
    }

    /// Goes to another host of WeChat Pay. Any other host is an error.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.options.host = Some(host.into());
        self
    }

    /// How long the call may take with all its attempts, instead of the client's own time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }
}

impl<'a> IntoFuture for UntypedV2Call<'a> {
    type Output = Result<Vec<(String, String)>, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self {
                client,
                operation,
                path,
                mut options,
            } = self;
            check_path(&path)?;
            if path.contains(['{', '}']) {
                return Err(Error::request(
                    "the path: APIv2 has no path parameters; nothing was sent",
                ));
            }
            let mut names: Vec<_> = options.extra.iter().map(|extra| &extra.path).collect();
            names.sort_unstable();
            if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(Error::request(format!(
                    "the field `{}` was given twice",
                    twice[0].escape_debug()
                )));
            }
            options.path = Some(path);
            let genuine = execute(client, operation, &Empty {}, options).await?;
            let read = from_xml(&genuine.body, &mut Empty {}).map(|filled| filled.fields);
            match read {
                Ok(fields) => {
                    genuine.decoded(client, operation, 0);
                    Ok(fields)
                }
                Err(mismatch) => {
                    let error = Error::decode(mismatch, genuine.body.clone());
                    Err(genuine.not_decoded(client, operation, error))
                }
            }
        })
    }
}
