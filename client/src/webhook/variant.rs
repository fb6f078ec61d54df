//! The contents of one event, told apart: a direct merchant's, a partner's, a combined payment's.
//!
//! Several products share an event type, so most fields of its `Resource` are optional. Each type here is
//! one of the contents, with the fields that identify it; the rest is in `resource`.
//!
//! ```no_run
//! # #[cfg(feature = "webhook-transaction")] {
//! use wechatpay_client::webhook::{v3::transaction_success::Resource, variant::MerchantPayment};
//!
//! fn paid(resource: &Resource) -> Result<(), Box<dyn std::error::Error>> {
//!     let payment = MerchantPayment::try_from(resource)?;
//!     println!("order {} is paid: {}", payment.out_trade_no, payment.transaction_id);
//!     Ok(())
//! }
//! # }
//! ```

use std::fmt;

use super::v3;

/// The resource is not the content that it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongVariant {
    /// The type that it was to be read as: `MerchantPayment`.
    pub variant: &'static str,
    /// The field that is missing, or that only another content has.
    pub field: &'static str,
    /// Whether the field is missing.
    pub is_missing: bool,
}

impl fmt::Display for WrongVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variant, field, .. } = self;
        let what = if self.is_missing {
            "is missing"
        } else {
            "belongs to another content"
        };
        write!(f, "the resource is not a {variant}: `{field}` {what}")
    }
}

impl std::error::Error for WrongVariant {}

/// The text of a field, wherever it is optional; nothing if it is empty.
trait Text {
    fn text(&self) -> Option<&str>;
}

impl Text for String {
    fn text(&self) -> Option<&str> {
        Some(self.as_str()).filter(|text| !text.is_empty())
    }
}

impl Text for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(Text::text)
    }
}

macro_rules! variants {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),+ $(; not $other:ident)? }
       of $($feature:literal: $event:ident),+;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[non_exhaustive]
        pub struct $name<'a, R> {
            $($(#[$field_doc])* pub $field: &'a str,)+
            /// Everything else.
            pub resource: &'a R,
        }

        variants!(@each [$($feature: $event),+] $name { $($field),+ $(; not $other)? });
    )*};
    (@each [$($feature:literal: $event:ident),+] $name:ident $fields:tt) => {
        $(variants!(@one $feature $event $name $fields);)+
    };
    (@one $feature:literal $event:ident $name:ident { $($field:ident),+ $(; not $other:ident)? }) => {
        #[cfg(feature = $feature)]
        impl<'a> TryFrom<&'a v3::$event::Resource> for $name<'a, v3::$event::Resource> {
            type Error = WrongVariant;

            fn try_from(resource: &'a v3::$event::Resource) -> Result<Self, WrongVariant> {
                let wrong = |field, is_missing| WrongVariant { variant: stringify!($name), field, is_missing };
                $(if resource.$other.text().is_some() {
                    return Err(wrong(stringify!($other), false));
                })?
                Ok(Self {
                    $($field: resource.$field.text().ok_or_else(|| wrong(stringify!($field), true))?,)+
                    resource,
                })
            }
        }
    };
}

variants! {
    /// A payment to a direct merchant.
    MerchantPayment {
        /// The merchant's number.
        mchid,
        /// The merchant's order number.
        out_trade_no,
        /// WeChat Pay's number of the payment.
        transaction_id
    } of "webhook-transaction": transaction_success;

    /// A payment to a partner's sub-merchant.
    PartnerPayment {
        /// The partner's merchant number.
        sp_mchid,
        /// The sub-merchant's number.
        sub_mchid,
        /// The merchant's order number.
        out_trade_no,
        /// WeChat Pay's number of the payment.
        transaction_id
    } of "webhook-transaction": transaction_success;

    /// A payment of several orders at once; each order is in `resource.sub_orders`.
    CombinedPayment {
        /// The number of the merchant that combined the orders.
        combine_mchid,
        /// That merchant's number of the combined order.
        combine_out_trade_no
    } of "webhook-transaction": transaction_success;

    /// A refund by a direct merchant.
    MerchantRefund {
        /// The merchant's number.
        mchid,
        /// The merchant's order number.
        out_trade_no,
        /// The merchant's refund number.
        out_refund_no,
        /// WeChat Pay's number of the refund.
        refund_id
    } of "webhook-refund": refund_success, "webhook-refund": refund_abnormal, "webhook-refund": refund_closed;

    /// A refund by a partner's sub-merchant.
    PartnerRefund {
        /// The partner's merchant number.
        sp_mchid,
        /// The sub-merchant's number.
        sub_mchid,
        /// The merchant's order number.
        out_trade_no,
        /// The merchant's refund number.
        out_refund_no,
        /// WeChat Pay's number of the refund.
        refund_id
    } of "webhook-refund": refund_success, "webhook-refund": refund_abnormal, "webhook-refund": refund_closed;

    /// A payscore order of a direct merchant.
    MerchantServiceOrder {
        /// The merchant's number.
        mchid,
        /// The payscore service's number.
        service_id,
        /// The merchant's number of the service order.
        out_order_no;
        not sub_mchid
    } of "webhook-payscore": payscore_user_confirm, "webhook-payscore": payscore_user_paid;

    /// A payscore order of a partner's sub-merchant.
    PartnerServiceOrder {
        /// The partner's merchant number.
        mchid,
        /// The sub-merchant's number.
        sub_mchid,
        /// The payscore service's number.
        service_id,
        /// The merchant's number of the service order.
        out_order_no
    } of "webhook-payscore": payscore_user_confirm, "webhook-payscore": payscore_user_paid;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_text_is_no_identity() {
        assert_eq!(String::new().text(), None);
        assert_eq!(Some(String::new()).text(), None);
        assert_eq!(Some("1".to_owned()).text(), Some("1"));
    }

    #[cfg(all(feature = "webhook-transaction", feature = "webhook-payscore"))]
    #[test]
    fn a_resource_is_taken_as_what_it_is() {
        use crate::webhook::FromEvent;
        let payment = br#"{"sp_mchid": "1", "sub_mchid": "2", "out_trade_no": "A", "transaction_id": "T"}"#;
        let resource = v3::transaction_success::Resource::from_event("TRANSACTION.SUCCESS", payment);
        let resource = resource.expect("JSON").value;
        let partner = PartnerPayment::try_from(&resource).expect("a partner's");
        assert_eq!((partner.sp_mchid, partner.out_trade_no), ("1", "A"));
        let wrong = MerchantPayment::try_from(&resource)
            .err()
            .expect("not a merchant's");
        assert_eq!(
            wrong.to_string(),
            "the resource is not a MerchantPayment: `mchid` is missing"
        );
        assert!(CombinedPayment::try_from(&resource).is_err());

        let order = br#"{"mchid": "1", "sub_mchid": "2", "service_id": "S", "out_order_no": "A"}"#;
        let resource = v3::payscore_user_paid::Resource::from_event("PAYSCORE.USER_PAID", order);
        let resource = resource.expect("JSON").value;
        assert!(PartnerServiceOrder::try_from(&resource).is_ok());
        let wrong = MerchantServiceOrder::try_from(&resource)
            .err()
            .expect("a partner's");
        assert_eq!((wrong.field, wrong.is_missing), ("sub_mchid", false));
    }
}
