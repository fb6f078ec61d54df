//! What readings change about one row.

use super::place::Place;
use crate::ir::{Effect, Property, Standing, Type};
use crate::readings::decisions::About;
use crate::readings::index::{View, field};
use crate::readings::{Field, Kind, Part};

/// What the readings change about one row.
pub fn apply(property: &mut Property, views: &[View<'_>], place: &Place<'_>) {
    let numbered = property.name.contains('$');
    for view in views {
        match field(view, &property.name) {
            None if property.required
                && !numbered
                && !is_envelope(property, place)
                && !place.settled(About::Required, view, &property.name) =>
            {
                property.learn(view.reading, Effect::Lacking);
            }
            Some(field) => {
                let is_optional = property.required && field.required == Some(false) && !numbered;
                if is_optional && !place.settled(About::Required, view, &property.name) {
                    property.learn(view.reading, Effect::Optional);
                }
                learn_kind(property, view, field, place);
            }
            None => {}
        }
    }
    let learned = &property.provenance.learned;
    if learned
        .iter()
        .any(|learned| matches!(learned.effect, Effect::Optional | Effect::Lacking))
    {
        property.required = false;
    }
}

/// What every XML response has, and models of a single operation leave out.
fn is_envelope(property: &Property, place: &Place<'_>) -> bool {
    place.xml
        && place.part == Part::Response
        && place.path.is_empty()
        && ["return_code", "result_code"].contains(&property.name.as_str())
}

pub fn learn_kind(property: &mut Property, view: &View<'_>, field: &Field, place: &Place<'_>) {
    let name = property.name.clone();
    let schema = &mut property.schema;
    let is_open = schema.properties.is_empty() && schema.array == field.array;
    match (schema.ty, field.kind) {
        _ if !is_open => {}
        (Type::Number, Some(Kind::Integer))
            if !schema.decimal
                && schema.constant.is_none()
                && view.reading.standing != Standing::Observed =>
        {
            schema.ty = Type::Integer;
            property.learn(view.reading, Effect::Integer);
        }
        (Type::String, Some(Kind::Time)) if schema.values.is_empty() && schema.constant.is_none() => {
            schema.time = true;
            property.learn(view.reading, Effect::Time);
        }
        (Type::String, Some(Kind::String)) if view.reading.standing == Standing::Official => {
            let new =
                |value: &&String| !schema.values.contains(value) && schema.constant.as_ref() != Some(value);
            let new: Vec<String> = field.values.iter().filter(new).cloned().collect();
            if !new.is_empty() && !place.settled(About::Values, view, &name) {
                // A value that is not the only one is not a constant.
                schema.values.extend(schema.constant.take());
                schema.values.extend(new.iter().cloned());
                property.learn(view.reading, Effect::Values(new));
            }
        }
        _ => {}
    }
}
