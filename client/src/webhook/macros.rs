//! The macro that the generated list of events is written with.

/// All event types of APIv3: one enumeration of their resources, open.
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
                    $($(#[$attribute])* $event_type => crate::wire::boxed_from_json(resource)?.map(Self::$variant),)*
                    _ => crate::wire::decode_json(resource)?.map(|resource| Self::Unknown {
                        event_type: event_type.to_owned(),
                        resource,
                    }),
                })
            }
        }
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
