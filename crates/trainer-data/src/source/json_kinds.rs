use serde_json::Value as Json;

use super::json_scan::special;
use crate::{Feature, Features, named::Named};

/// What all values of a column that were seen are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Kind {
    /// None is there.
    #[default]
    Nothing,
    Bool,
    /// Whole numbers; whether some are negative, and whether some are 2^63 or more.
    Int {
        below: bool,
        above: bool,
    },
    Float,
    Text,
    List(Box<Kind>),
    Struct(Named<Kind>),
    /// Of several kinds, which only a text of JSON can be: also objects of different fields, or without any.
    Mixed,
}

impl Kind {
    /// Takes in one value more.
    pub(crate) fn see(&mut self, value: &Json) {
        match (&mut *self, value) {
            (Self::Mixed, _) | (_, Json::Null) => {}
            (Self::List(element), Json::Array(values)) => {
                values.iter().for_each(|value| element.see(value));
            }
            (Self::Struct(fields), Json::Object(values)) => {
                let is_alike = fields.entries().len() == values.len()
                    && values.keys().all(|name| fields.get(name).is_some());
                if !is_alike {
                    *self = Self::Mixed;
                    return;
                }
                for (name, value) in values {
                    if let Some(field) = fields.get_mut(name) {
                        field.see(value);
                    }
                }
            }
            (have, value) => {
                let next = Self::of(value);
                *self = std::mem::take(have).and(next);
            }
        }
    }

    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Nothing,
            Json::Bool(_) => Self::Bool,
            Json::Number(number) if number.is_i64() || number.is_u64() => Self::Int {
                below: number.as_u64().is_none(),
                above: number.as_i64().is_none(),
            },
            Json::Number(_) => Self::Float,
            Json::String(text) if special(text).is_some() => Self::Float,
            Json::String(_) => Self::Text,
            Json::Array(values) => {
                let mut element = Self::Nothing;
                values.iter().for_each(|value| element.see(value));
                Self::List(Box::new(element))
            }
            // Arrow has no struct without fields.
            Json::Object(fields) if fields.is_empty() => Self::Mixed,
            Json::Object(fields) => {
                let mut kinds = Named::default();
                for (name, value) in fields {
                    kinds.insert(name.clone(), Self::of(value));
                }
                Self::Struct(kinds)
            }
        }
    }

    /// Of two kinds of which not both are lists or structs.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, kind) | (kind, Self::Nothing) => kind,
            (Self::Int { below, above }, Self::Int { below: b, above: a }) => Self::Int {
                below: below || b,
                above: above || a,
            },
            (Self::Int { .. }, Self::Float) | (Self::Float, Self::Int { .. }) => Self::Float,
            (one, other) if one == other => one,
            _ => Self::Mixed,
        }
    }

    /// The type of a column of such values.
    pub(crate) fn feature(&self) -> Feature {
        match self {
            Self::Nothing => Feature::Null,
            Self::Bool => Feature::Bool,
            Self::Int { above: false, .. } => Feature::Int64,
            Self::Int { below: false, .. } => Feature::UInt64,
            // No type of numbers holds both.
            Self::Int { .. } | Self::Mixed => Feature::Json,
            Self::Float => Feature::Float64,
            Self::Text => Feature::String,
            Self::List(element) => Feature::list(element.feature()),
            Self::Struct(fields) => {
                let fields = fields.entries().iter();
                let fields = fields.map(|(name, kind)| (name.as_str(), kind.feature()));
                Feature::Struct(fields.collect::<Features>())
            }
        }
    }
}
