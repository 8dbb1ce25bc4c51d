//! Request and response schemas, each with its conversion from a domain type. Fields may be added but never
//! changed. Request bodies are parsed in `domain::form`, which reports all faults at once.

pub mod acceptance;
pub mod asset;
pub mod audit;
pub mod check;
pub mod connection_test;
pub mod coverage;
pub mod credential;
pub mod drift;
pub mod evidence;
pub mod finding;
pub mod form;
pub mod history;
pub mod integration;
pub mod params;
pub mod plan;
pub mod plan_preview;
pub mod policy;
pub mod policy_preview;
pub mod problem;
pub mod remediation;
pub mod request;
pub mod score;
pub mod sync;
mod timestamp;
pub mod transition;

pub use timestamp::Timestamp;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// Declares the schema of a domain enumeration. Values and names are those of the domain.
macro_rules! wire_enum {
    ($(#[doc = $doc:literal])* $name:ident of $domain:path) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name($domain);

        impl $name {
            /// As in JSON.
            pub const fn name(self) -> &'static str {
                self.0.name()
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self(value)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let lines: &[&str] = &[$($doc),*];
                $crate::wire::enum_schema(lines, <$domain>::ALL.iter().map(|value| value.name()))
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// Severity of a finding.
    Severity of domain::checks::Severity
}

wire_enum! {
    /// How certain a failure is, given what the granted scopes show.
    Confidence of domain::checks::Confidence
}

wire_enum! {
    /// Why a check or a reading has no conclusive result.
    UnknownReason of domain::inconclusive::UnknownReason
}

fn enum_schema(doc: &[&str], names: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    let description: Vec<&str> = doc.iter().map(|line| line.trim()).collect();
    let description = Some(description.join("\n")).filter(|text| !text.is_empty());
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    schema.description(description).into()
}

/// The schema of a parameter that is one of these names. `-name` is `name` in descending order; generators make both
/// the same identifier unless they are told another.
pub fn choice_schema<T>(choices: &[(&'static str, T)]) -> RefOr<Schema> {
    let names = || choices.iter().map(|(name, _)| *name);
    let mut schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names()));
    if names().any(|name| name.starts_with('-')) {
        let identifier = |name: &str| match name.strip_prefix('-') {
            Some(key) => format!("{key}_descending"),
            None => name.to_owned(),
        };
        let identifiers: Vec<String> = names().map(identifier).collect();
        schema = schema
            .extensions(Some(Extensions::builder().add("x-enum-varnames", identifiers).build()));
    }
    schema.into()
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// Items in the requested order.
    pub items: Vec<T>,
    /// `cursor` of the next page. Null: this is the last page.
    #[schema(example = "eyJ2IjoxLCJvZiI6IlBtS1ciLCJhdCI6IjAxOTkifQ")]
    pub next: Option<String>,
}
