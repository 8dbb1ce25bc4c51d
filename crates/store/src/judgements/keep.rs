//! Writing what a sync leaves: prepared before the transaction, because it may be large, and written
//! in three statements.

use aws_lc_rs::digest::{SHA256, digest};
use domain::judgement::Judgement;
use domain::sync::CheckCounts;
use domain::{IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json as object};
use sqlx::PgConnection;

use super::row::OBSERVED_AT;
use crate::value::{at, bigint, json};
use crate::{Error, assets};

/// A larger snapshot is not kept, in bytes of JSON.
const SNAPSHOT_MAX: usize = 16 * 1024 * 1024;
/// Larger results are kept without their resources, in bytes of JSON.
const RESULTS_MAX: usize = 16 * 1024 * 1024;

/// A judgement, ready to be written.
#[derive(Debug, Clone)]
pub struct Keep {
    digest: Vec<u8>,
    observed_at: Timestamp,
    snapshot: Option<Value>,
    policy: Value,
    results: Value,
}

impl Keep {
    /// Of a judgement of what was seen at this instant. Works for as long as the snapshot is large:
    /// not to be called where others wait.
    pub fn new(judgement: &Judgement, observed_at: Timestamp) -> Result<Self, Error> {
        let mut snapshot = json(&judgement.snapshot)?;
        if let Some(members) = snapshot.as_object_mut() {
            members.remove(OBSERVED_AT);
        }
        let mut keep = Self {
            digest: Vec::new(),
            observed_at,
            snapshot: Some(snapshot).filter(|snapshot| !snapshot.is_null()),
            policy: json(&judgement.policy)?,
            results: json(&judgement.results)?,
        };
        // Of the whole, also where a part is too large: another tenant is another row. The members of
        // an object are in order, so equal content has equal text.
        let whole = object!([&keep.snapshot, &keep.policy, &keep.results]);
        keep.digest = digest(&SHA256, &text(&whole)?).as_ref().to_vec();
        if is_larger(&keep.snapshot, SNAPSHOT_MAX)? {
            keep.snapshot = None;
        }
        if is_larger(&keep.results, RESULTS_MAX)? {
            keep.results = json(&judgement.results.clone().cut())?;
        }
        Ok(keep)
    }
}

fn text<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(Error::other)
}

fn is_larger<T: Serialize>(value: &T, bytes: usize) -> Result<bool, Error> {
    Ok(text(value)?.len() > bytes)
}

/// Writes the judgement, unless it is there, and the row of the trend, after asset and findings.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    (integration_id, sync_id): (IntegrationId, SyncId),
    keep: &Keep,
    checks: &CheckCounts,
) -> Result<(), Error> {
    // The row is touched also where it is there, so that nobody deletes it before it is referred to.
    let judgement = "/* store.finish_sync: judgement */
        insert into judgements
            (organisation_id, integration_id, digest, snapshot, policy, results, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (organisation_id, integration_id, digest)
            do update set created_at = judgements.created_at";
    sqlx::query(judgement)
        .bind(organisation.as_str())
        .bind(integration_id.0)
        .bind(&keep.digest)
        .bind(&keep.snapshot)
        .bind(&keep.policy)
        .bind(&keep.results)
        .bind(at(keep.observed_at))
        .execute(&mut *connection)
        .await?;
    let standing = assets::standing(connection, organisation, integration_id, keep.observed_at);
    let Some(view) = standing.await? else { return Ok(()) };
    let findings = view.findings;
    let by_rank = [findings.info, findings.low, findings.medium, findings.high, findings.critical];
    let score = "/* store.finish_sync: score */
        insert into sync_scores
            (organisation_id, sync_id, integration_id, asset_id, observed_at, score,
             coverage_percent, findings_by_rank, accepted, checks, digest)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    sqlx::query(score)
        .bind(organisation.as_str())
        .bind(sync_id.0)
        .bind(integration_id.0)
        .bind(view.asset.id.0)
        .bind(at(keep.observed_at))
        .bind(view.score.map(i16::from))
        .bind(view.asset.coverage_percent.map(i16::from))
        .bind(by_rank.map(i64::from).to_vec())
        .bind(bigint(u64::from(view.accepted)))
        .bind(json(checks)?)
        .bind(&keep.digest)
        .execute(connection)
        .await?;
    Ok(())
}
