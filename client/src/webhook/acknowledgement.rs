//! Responses to notifications.
//!
//! In: success, or what went wrong. Out: status and body. WeChat Pay sends a notification again
//! until it gets a 2xx, for about a day.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::{Error, ErrorKind};

/// The response to a notification of APIv3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    status: StatusCode,
    body: Bytes,
}

impl Acknowledgement {
    /// The notification was handled, or need not be: it is not resent. 204 without a body.
    pub fn success() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: Bytes::new(),
        }
    }

    /// The notification could not be handled: it is resent. The message is for WeChat Pay's logs; put
    /// nothing confidential into it.
    pub fn failure(message: &str) -> Self {
        Self::with_status(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    fn with_status(status: StatusCode, message: &str) -> Self {
        let json = serde_json::json!({ "code": "FAIL", "message": message });
        Self {
            status,
            body: json.to_string().into(),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The body: nothing, or `{"code":"FAIL","message":"…"}`.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The whole response.
    pub fn into_response(self) -> Response<Bytes> {
        let json = !self.body.is_empty();
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        if json {
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}

/// The response to a notification that was not accepted. It tells a forger nothing about the reason. A
/// notification that was handled before is acknowledged; one that another worker is handling, or that a
/// failed guard could not claim, is refused, so that WeChat Pay resends it.
impl From<&Error> for Acknowledgement {
    fn from(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Replay => Self::success(),
            ErrorKind::Verification | ErrorKind::Probe => {
                Self::with_status(StatusCode::UNAUTHORIZED, "the signature was not accepted")
            }
            ErrorKind::Decode | ErrorKind::Encryption | ErrorKind::Unexpected => {
                Self::with_status(StatusCode::BAD_REQUEST, "the notification was not accepted")
            }
            _ => Self::failure("the notification could not be worked on"),
        }
    }
}
