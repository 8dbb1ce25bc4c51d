//! Ends acceptances: revoked by a user, or recorded as expired. An acceptance is no longer in force from the instant
//! of its expiry; recording adds the transition.

use std::collections::BTreeMap;

use domain::acceptance::AcceptanceTerms;
use domain::finding::{Transition, TransitionKind};
use domain::{FindingId, IdSource, IntegrationId, OrganisationId, SyncId, TransitionId};
use jiff::Timestamp;
use uuid::Uuid;

use super::acceptance::{AcceptanceRow, lock};
use super::transitions;
use crate::convert::{organisation, to_sql_time};
use crate::{AuditEntry, CrossOrganisation, Error, Store, audit};

const SYSTEM: &str = "system";
/// Expired acceptances per transaction.
const AT_ONCE: i64 = 500;

impl Store {
    /// Revokes the acceptance if one is in force. False: there is no such finding.
    pub async fn unaccept_finding(
        &self,
        organisation: &OrganisationId,
        id: FindingId,
        now: Timestamp,
        ids: &dyn IdSource,
        entry: &AuditEntry,
    ) -> Result<bool, Error> {
        let mut tx = self.begin_for(organisation).await?;
        let locked = lock(&mut tx, organisation, &[id], now).await?.remove(&id);
        let Some(locked) = locked else { return Ok(false) };
        let Some(acceptance) = locked.acceptance.filter(|each| each.is_in_force(now)) else {
            return Ok(true);
        };
        let sql = "/* store.unaccept_finding */
            update findings set
                acceptance_reason = null, acceptance_rationale = null, accepted_by = null,
                accepted_at = null, acceptance_expires_at = null
            where organisation_id = $1 and id = $2";
        sqlx::query(sql).bind(organisation.as_str()).bind(id.0).execute(&mut *tx).await?;
        let transition = Transition {
            kind: TransitionKind::Unaccepted,
            at: now,
            cause: None,
            by: Some(entry.actor_email.clone()),
            ..expired(id, acceptance.terms, None, now, ids)
        };
        transitions::insert(&mut tx, organisation, &[transition]).await?;
        audit::insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Records expired acceptances of one integration, during one of its syncs, or of all integrations. Returns their
    /// number.
    pub async fn expire_acceptances(
        &self,
        seen_by: Option<(&OrganisationId, IntegrationId, SyncId)>,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Result<u64, Error> {
        let mut noted = 0;
        loop {
            let step = self.expire_some(seen_by, now, ids).await?;
            noted += step;
            if step < AT_ONCE.unsigned_abs() {
                return Ok(noted);
            }
        }
    }

    async fn expire_some(
        &self,
        seen_by: Option<(&OrganisationId, IntegrationId, SyncId)>,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Result<u64, Error> {
        let sql = "/* store.expire_acceptances */
            with gone as (
                select organisation_id, id, acceptance_reason, acceptance_rationale, accepted_by,
                    accepted_at, acceptance_expires_at
                from findings
                where acceptance_expires_at <= $1
                    and ($2::text is null or (organisation_id = $2 and integration_id = $3))
                order by acceptance_expires_at limit $4 for no key update skip locked
            )
            update findings f set
                acceptance_reason = null, acceptance_rationale = null, accepted_by = null,
                accepted_at = null, acceptance_expires_at = null
            from gone
            where f.organisation_id = gone.organisation_id and f.id = gone.id
            returning gone.*";
        let mut tx = match seen_by {
            Some((organisation, ..)) => self.begin_for(organisation).await?,
            None => self.begin_cross_organisation(CrossOrganisation::ExpiringAcceptances).await?,
        };
        let rows: Vec<ExpiredRow> = sqlx::query_as(sql)
            .bind(to_sql_time(now))
            .bind(seen_by.map(|(organisation, ..)| organisation.as_str()))
            .bind(seen_by.map(|(_, integration_id, _)| integration_id.0))
            .bind(AT_ONCE)
            .fetch_all(&mut *tx)
            .await?;
        let count = rows.len() as u64;
        let sync_id = seen_by.map(|(.., sync_id)| sync_id);
        let mut by_organisation: BTreeMap<String, Vec<Transition>> = BTreeMap::new();
        for row in rows {
            let Some(acceptance) = row.acceptance.read()? else { continue };
            let transition = expired(FindingId(row.id), acceptance.terms, sync_id, now, ids);
            by_organisation.entry(row.organisation_id).or_default().push(transition);
        }
        for (of, transitions) in by_organisation {
            let of = organisation(&of, "findings")?;
            transitions::insert(&mut tx, &of, &transitions).await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}

#[derive(sqlx::FromRow)]
struct ExpiredRow {
    organisation_id: String,
    id: Uuid,
    #[sqlx(flatten)]
    acceptance: AcceptanceRow,
}

/// Its time is that of the expiry and not of the recording.
pub(super) fn expired(
    finding_id: FindingId,
    terms: AcceptanceTerms,
    sync_id: Option<SyncId>,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Transition {
    Transition {
        id: TransitionId(ids.next()),
        finding_id,
        kind: TransitionKind::AcceptanceExpired,
        at: terms.expires_at.unwrap_or(now),
        sync_id,
        before: Vec::new(),
        after: Vec::new(),
        cause: None,
        by: Some(SYSTEM.to_owned()),
        terms: Some(terms),
    }
}
