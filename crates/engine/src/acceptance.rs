//! Risk acceptance: accepts findings and records expired acceptances. An acceptance is no longer in force from its
//! expiry on; recording adds the transition.

use std::collections::BTreeMap;

use domain::FindingId;
use domain::acceptance::{Acceptance, AcceptanceTerms, BulkAcceptance};
use domain::clock::rfc3339;
use jiff::Timestamp;
use serde_json::json;
use store::{Accept, AcceptOutcome, Claim};

use crate::{Actor, Engine, Error};

impl Engine {
    /// Accepts a finding, or replaces the terms of its acceptance.
    pub async fn accept(
        &self,
        actor: &Actor,
        id: FindingId,
        terms: AcceptanceTerms,
    ) -> Result<(), Error> {
        match self.accept_all(actor, &[id], terms).await?.get(&id) {
            Some(AcceptOutcome::Done) => Ok(()),
            Some(AcceptOutcome::NotOpen) => Err(Error::FindingNotOpen),
            Some(AcceptOutcome::Missing) | None => Err(Error::NotFound),
        }
    }

    /// Accepts several findings on the same terms. Returns the outcome for each.
    pub async fn accept_many(
        &self,
        actor: &Actor,
        bulk: BulkAcceptance,
    ) -> Result<BTreeMap<FindingId, AcceptOutcome>, Error> {
        let outcomes = self.accept_all(actor, &bulk.finding_ids, bulk.terms).await?;
        let with = |outcome: AcceptOutcome| -> Vec<_> {
            outcomes.iter().filter(|(_, each)| **each == outcome).map(|(id, _)| id.0).collect()
        };
        let (missing, not_open) = (with(AcceptOutcome::Missing), with(AcceptOutcome::NotOpen));
        if !missing.is_empty() || !not_open.is_empty() {
            let details = json!({"missing": missing, "not_open": not_open});
            let action = "bulk_accept_findings";
            self.record_refusal(actor, action, None, "refused", details).await?;
        }
        Ok(outcomes)
    }

    async fn accept_all(
        &self,
        actor: &Actor,
        finding_ids: &[FindingId],
        terms: AcceptanceTerms,
    ) -> Result<BTreeMap<FindingId, AcceptOutcome>, Error> {
        let mut audit = self.audit(actor, "accept_finding", None);
        audit.details =
            json!({"reason": terms.reason.name(), "expires_at": terms.expires_at.map(rfc3339)});
        let acceptance =
            Acceptance { terms, accepted_by: actor.email.clone(), accepted_at: audit.at };
        let accept = Accept {
            org: &actor.organisation_id,
            finding_ids,
            acceptance: &acceptance,
            ids: self.ids(),
            audit: &audit,
        };
        Ok(self.store().accept_findings(accept).await?)
    }

    /// Revokes the acceptance of a finding; does nothing without one.
    pub async fn unaccept(&self, actor: &Actor, id: FindingId) -> Result<(), Error> {
        let audit = self.audit(actor, "unaccept_finding", Some(id.0));
        let (organisation_id, now) = (&actor.organisation_id, audit.at);
        let store = self.store();
        let was_there =
            store.unaccept_finding(organisation_id, id, now, self.ids(), &audit).await?;
        if was_there { Ok(()) } else { Err(Error::NotFound) }
    }

    /// For the integration of a sync.
    pub(crate) async fn record_expired_acceptances(
        &self,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let sync = &claim.sync;
        let seen_by = Some((&sync.organisation_id, sync.integration_id, sync.id));
        self.store().expire_acceptances(seen_by, now, self.ids()).await?;
        Ok(())
    }

    /// For all integrations, including those that are rarely read.
    pub(crate) async fn record_all_expired_acceptances(&self) -> Result<(), store::Error> {
        self.store().expire_acceptances(None, self.clock().now(), self.ids()).await?;
        Ok(())
    }
}
