//! Verifies the audit of an organisation. Hashing tens of thousands of events takes a second of CPU, so an organisation
//! has one verification at a time.

use domain::OrganisationId;
use store::Verified;

use crate::{Engine, Error};

impl Engine {
    /// Verifies up to `events_max` events from `from_seq` on.
    pub async fn verify_audit(
        &self,
        organisation: &OrganisationId,
        from_seq: i64,
        events_max: i64,
    ) -> Result<Verified, Error> {
        let wait = self.limits().comparison_wait;
        let turn = self.shared.verifications.acquire(organisation, wait).await;
        let _turn = turn.ok_or(Error::TooManyVerifications)?;
        Ok(self.store().verify_audit(organisation, from_seq, events_max).await?)
    }
}
