//! Replaces an organisation's policy. The new policy applies from the next sync of each integration; past evaluations
//! stay.

use domain::policy::Policy;
use serde_json::json;
use store::{PutPolicyOutcome, StoredPolicy};

use crate::{Actor, Engine, Error, ExpectedVersion};

/// Attempts of a change without an expected version.
const PUTS_MAX: u32 = 3;

impl Engine {
    /// Replaces the policy if it has one of these versions. An equal policy changes nothing and is not audited.
    pub async fn put_policy(
        &self,
        actor: &Actor,
        if_match: &ExpectedVersion,
        policy: &Policy,
    ) -> Result<StoredPolicy, Error> {
        for _ in 1..PUTS_MAX {
            match self.try_put_policy(actor, if_match, policy).await {
                Err(Error::PreconditionFailed) if *if_match == ExpectedVersion::Any => {}
                outcome => return outcome,
            }
        }
        self.try_put_policy(actor, if_match, policy).await
    }

    async fn try_put_policy(
        &self,
        actor: &Actor,
        if_match: &ExpectedVersion,
        policy: &Policy,
    ) -> Result<StoredPolicy, Error> {
        let organisation_id = &actor.organisation_id;
        let present = self.store().get_policy(organisation_id).await?;
        if !if_match.matches(present.version) {
            return Err(Error::PreconditionFailed);
        }
        if present.policy == *policy {
            return Ok(present);
        }
        let mut audit = self.audit(actor, "put_policy", None);
        audit.details = json!({"before": present.policy, "after": policy});
        let put = self.store().put_policy(organisation_id, present.version, policy, &audit);
        match put.await? {
            PutPolicyOutcome::Done(kept) => Ok(kept),
            PutPolicyOutcome::VersionMoved => Err(Error::PreconditionFailed),
        }
    }
}
