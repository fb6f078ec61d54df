//! Events as metrics of the crate `metrics`, which every exporter understands.

use metrics::{counter, histogram};

use super::{AttemptEvent, NotificationEvent, Observer, RefreshEvent, ResponseEvent};
use crate::error::ErrorKind;
use crate::operation::Operation;

/// An [`Observer`] that records metrics in the recorder that the program has installed.
///
/// | metric | kind | labels |
/// | --- | --- | --- |
/// | `http.client.request.duration` | histogram, seconds, one per attempt | `http.request.method`, `url.template`, `http.response.status_code`, `error.type` |
/// | `wechatpay.call.duration` | histogram, seconds | `http.request.method`, `url.template`, `error.type` |
/// | `wechatpay.call.outcome_unknown` | counter | `http.request.method`, `url.template` |
/// | `wechatpay.deviations` | counter | `url.template` |
/// | `wechatpay.notification.duration` | histogram, seconds | `event_type`, `error.type` |
/// | `wechatpay.certificates.refreshes` | counter | `error.type` |
///
/// A label without a value is empty. Paths are those of the documentation, so that the number of series
/// is bounded.
#[derive(Debug, Clone, Copy, Default)]
pub struct MetricsObserver;

fn error_type(error: Option<ErrorKind>) -> &'static str {
    error.map_or("", ErrorKind::name)
}

fn method(operation: &'static Operation) -> &'static str {
    operation.method.as_str()
}

impl Observer for MetricsObserver {
    fn attempt(&self, event: &AttemptEvent) {
        histogram!(
            "http.client.request.duration",
            "http.request.method" => method(event.operation),
            "url.template" => event.operation.path,
            "http.response.status_code" => event.status.map(|status| status.as_u16().to_string()).unwrap_or_default(),
            "error.type" => error_type(event.error),
        )
        .record(event.duration);
    }

    fn response(&self, event: &ResponseEvent) {
        let (method, path) = (method(event.operation), event.operation.path);
        let error = error_type(event.error);
        histogram!("wechatpay.call.duration", "http.request.method" => method, "url.template" => path, "error.type" => error)
            .record(event.duration);
        if event.outcome_unknown {
            counter!("wechatpay.call.outcome_unknown", "http.request.method" => method, "url.template" => path)
                .increment(1);
        }
        if event.deviations > 0 {
            counter!("wechatpay.deviations", "url.template" => path).increment(event.deviations as u64);
        }
    }

    fn notification(&self, event: &NotificationEvent<'_>) {
        let event_type = event.event_type.unwrap_or_default().to_owned();
        histogram!("wechatpay.notification.duration", "event_type" => event_type, "error.type" => error_type(event.error))
            .record(event.duration);
    }

    fn refresh(&self, event: &RefreshEvent) {
        counter!("wechatpay.certificates.refreshes", "error.type" => error_type(event.error)).increment(1);
    }
}
