//! The macro in which the generated list of events is written.

/// All event types of APIv3: an open enumeration of their resources, each of which is readable from its
/// own event type only.
macro_rules! events {
    ($($(#[$attribute:meta])* $event_type:literal => $variant:ident($module:ident)),* $(,)?) => {
        /// A notification's clear resource, by its event type.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$attribute])* #[doc = concat!("`", $event_type, "`")] $variant(Box<$module::Resource>),)*
            /// An event type that no page documents, or whose feature is off.
            Unknown {
                /// The `event_type` of the notification.
                event_type: String,
                /// The clear resource.
                resource: crate::Json,
            },
        }
        impl crate::webhook::FromEvent for Event {
            fn from_event(event_type: &str, resource: &[u8]) -> Result<crate::Decoded<Self>, crate::Mismatch> {
                Ok(match event_type {
                    $($(#[$attribute])* $event_type => {
                        let decoded = crate::wire::boxed_from_json::<$module::Resource>(resource)?;
                        crate::webhook::event::check_state($event_type, &*decoded.value)?;
                        decoded.map(Self::$variant)
                    })*
                    _ => crate::wire::decode_json(resource)?.map(|resource| Self::Unknown {
                        event_type: event_type.to_owned(),
                        resource,
                    }),
                })
            }
        }
        $($(#[$attribute])* impl crate::webhook::FromEvent for $module::Resource {
            #[inline]
            fn from_event(event_type: &str, resource: &[u8]) -> Result<crate::Decoded<Self>, crate::Mismatch> {
                crate::webhook::event::expect($event_type, event_type)?;
                let decoded = crate::wire::decode_json::<Self>(resource)?;
                crate::webhook::event::check_state($event_type, &decoded.value)?;
                Ok(decoded)
            }
        })*
        impl Event {
            /// The `event_type` of the notification.
            pub fn event_type(&self) -> &str {
                match self {
                    $($(#[$attribute])* Self::$variant(_) => $event_type,)*
                    Self::Unknown { event_type, .. } => event_type,
                }
            }
        }
    };
}
