//! Error responses.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::wire::Json;

/// An error response of WeChat Pay, or of a gateway on the way.
#[derive(Clone)]
#[non_exhaustive]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// The `code`; an unknown empty one where the body has none (HTML from a gateway, no body).
    pub code: ErrorCode,
    /// The `message`, in the language asked for; empty where the body has none.
    pub message: String,
    /// The `detail`, whose shape differs between operations.
    pub detail: Option<Json>,
    /// The `Request-ID` header.
    pub request_id: Option<Box<str>>,
    /// The response has a valid signature. Never conclude from an unauthenticated error that a
    /// payment failed: query it.
    pub authenticated: bool,
    /// How long the server asks to wait before the next try.
    pub retry_after: Option<Duration>,
    /// The raw body.
    pub body: Bytes,
}

/// Declares the codes, and the list of them that [`ErrorCode::read`] searches.
macro_rules! codes {
    ($($variant:ident = $text:literal),* $(,)?) => {
        values! {
            /// The `code` of an [`ApiError`]. Open: a code that this version does not know is `Unknown`.
            pub enum ErrorCode {
                $($variant = $text),*
            }
        }
        const KNOWN: &[&str] = &[$($text),*];
    };
}

codes! {
    AccountError = "ACCOUNT_ERROR",
    AccountNotVerified = "ACCOUNT_NOT_VERIFIED",
    AlreadyExists = "ALREADY_EXISTS",
    AppidMchidNotMatch = "APPID_MCHID_NOT_MATCH",
    BankError = "BANK_ERROR",
    BizErrNeedRetry = "BIZ_ERR_NEED_RETRY",
    ConfigError = "CONFIG_ERROR",
    ContractError = "CONTRACT_ERROR",
    FrequencyLimited = "FREQUENCY_LIMITED",
    FrequencyLimitExceed = "FREQUENCY_LIMIT_EXCEED",
    InvalidParameter = "INVALID_PARAMETER",
    InvalidRequest = "INVALID_REQUEST",
    InvalidTransactionid = "INVALID_TRANSACTIONID",
    MchNotExists = "MCH_NOT_EXISTS",
    NoAuth = "NO_AUTH",
    NoStatementExist = "NO_STATEMENT_EXIST",
    NotEnough = "NOT_ENOUGH",
    NotFound = "NOT_FOUND",
    OpenidMismatch = "OPENID_MISMATCH",
    OrderClosed = "ORDER_CLOSED",
    OrderNotExist = "ORDER_NOT_EXIST",
    OrderPaid = "ORDERPAID",
    OutTradeNoUsed = "OUT_TRADE_NO_USED",
    Processing = "PROCESSING",
    ParamError = "PARAM_ERROR",
    QuotaExceed = "QUOTA_EXCEED",
    RateLimited = "RATE_LIMITED",
    RatelimitExceed = "RATELIMIT_EXCEED",
    RequestBlocked = "REQUEST_BLOCKED",
    ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS",
    ResourceNotExists = "RESOURCE_NOT_EXISTS",
    RuleLimit = "RULE_LIMIT",
    SignError = "SIGN_ERROR",
    StatementCreating = "STATEMENT_CREATING",
    SystemError = "SYSTEM_ERROR",
    TradeError = "TRADE_ERROR",
    UserAccountAbnormal = "USER_ACCOUNT_ABNORMAL",
    UserPaying = "USERPAYING",
}

impl ErrorCode {
    /// Reads a code. The two protocols spell the same codes with and without underscores (`ORDERPAID`,
    /// `ORDER_PAID`), and some in two ways.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.trim();
        let squeezed = |text: &str| text.replace('_', "").to_ascii_uppercase();
        let wanted = match squeezed(text) {
            code if code == "TRADESTATEERROR" => "TRADEERROR".to_owned(),
            code if code == "FREQLIMIT" => "FREQUENCYLIMITED".to_owned(),
            code => code,
        };
        let known = KNOWN.iter().find(|known| squeezed(known) == wanted);
        known.copied().unwrap_or(text).into()
    }

    /// Whether the code says that the outcome is not known yet.
    fn is_undecided(&self) -> bool {
        use ErrorCode::{BankError, BizErrNeedRetry, Processing, SystemError, UserPaying};
        matches!(
            self,
            SystemError | BankError | UserPaying | BizErrNeedRetry | Processing
        )
    }
}

/// How much of a body `Debug` and `Display` may show.
const SHOWN: usize = 300;

impl ApiError {
    /// Reads an error body of any content.
    pub(crate) fn read(status: StatusCode, body: Bytes) -> Self {
        let json: Json = serde_json::from_slice(&body).unwrap_or_default();
        let text = |name: &str| match json.get(name) {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        Self {
            status,
            code: ErrorCode::read(&text("code")),
            message: text("message"),
            detail: json.get("detail").filter(|detail| !detail.is_null()).cloned(),
            request_id: None,
            authenticated: false,
            retry_after: None,
            body,
        }
    }

    /// Whether the error says for certain that the request was not carried out.
    pub(crate) fn is_certain(&self) -> bool {
        let says_so = !self.code.as_str().is_empty() && !self.code.is_undecided();
        self.authenticated && says_so && !self.status.is_server_error()
    }

    /// The error in a body that was sent with a success status, if it has the form of an error.
    pub(crate) fn under_success(status: StatusCode, body: &Bytes) -> Option<Self> {
        if !body.windows(6).any(|window| window == b"\"code\"") {
            return None;
        }
        let json: Json = serde_json::from_slice(body).ok()?;
        let code = json.get("code")?.as_str()?;
        // Some operations report success in the same form.
        let fails = !matches!(code, "" | "SUCCESS" | "OK");
        (fails && json.get("message")?.is_string()).then(|| Self::read(status, body.clone()))
    }

    /// The server asks for fewer requests per second.
    pub fn is_rate_limited(&self) -> bool {
        use ErrorCode::{FrequencyLimitExceed, FrequencyLimited, RateLimited, RatelimitExceed};
        let limited = matches!(
            self.code,
            FrequencyLimited | FrequencyLimitExceed | RateLimited | RatelimitExceed
        );
        limited || self.status == StatusCode::TOO_MANY_REQUESTS
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_str();
        match code {
            "" => write!(f, "HTTP {} without a code", self.status.as_u16())?,
            code => write!(f, "{} (HTTP {})", code.escape_debug(), self.status.as_u16())?,
        }
        if !self.message.is_empty() {
            let shown: String = self.message.chars().take(SHOWN).collect();
            write!(f, ": {}", shown.escape_debug())?;
        }
        if !self.authenticated {
            f.write_str(" (not authenticated by a signature)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .field("authenticated", &self.authenticated)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}
