//! An origin that the operator allows beside Auth0's own hosts, for whom, and whether private addresses are meant.

use super::Origin;
use crate::OrganisationId;

/// Such as `https://login.acme.example;org=acme;private`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraOrigin {
    pub(super) origin: Origin,
    /// Empty: for all organisations.
    organisations: Vec<OrganisationId>,
    /// Whether its name may resolve to private addresses.
    is_private: bool,
}

impl ExtraOrigin {
    /// The error does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split(';').map(str::trim);
        let origin = Origin::parse(parts.next().unwrap_or_default())?;
        let mut extra = Self::from(origin);
        for part in parts {
            match part.split_once('=') {
                None if part == "private" => extra.is_private = true,
                Some(("org", id)) => {
                    let id = OrganisationId::parse(id);
                    extra.organisations.push(id.ok_or("names no organisation after org=")?);
                }
                _ => return Err("has another option than private and org=…".into()),
            }
        }
        Ok(extra)
    }

    pub(super) fn is_for(&self, organisation: &OrganisationId) -> bool {
        self.organisations.is_empty() || self.organisations.contains(organisation)
    }

    /// A literal address is meant as written; a name must be public unless it says otherwise.
    pub(super) fn may_be_private(&self) -> bool {
        self.is_private || self.origin.is_literal()
    }
}

/// For all organisations; a name must be public.
impl From<Origin> for ExtraOrigin {
    fn from(origin: Origin) -> Self {
        Self { origin, organisations: Vec::new(), is_private: false }
    }
}
