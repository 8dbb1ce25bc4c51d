//! Stores the evaluation of a sync in two statements. Prepared before the transaction, because it may be large.

use aws_lc_rs::digest::{SHA256, digest};
use domain::recorded_evaluation::RecordedEvaluation;
use domain::sync::SyncResult;
use domain::{IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;

use super::row::OBSERVED_AT;
use crate::convert::{bigint, json, to_sql_time};
use crate::{Error, assets};

/// Larger snapshots are not stored; in bytes of JSON.
const SNAPSHOT_MAX: usize = 16 * 1024 * 1024;
/// Larger results are stored without their resources; in bytes of JSON.
const RESULTS_MAX: usize = SNAPSHOT_MAX;

/// An evaluation, ready to be inserted.
#[derive(Debug, Clone)]
pub struct NewEvaluation {
    digest: Vec<u8>,
    observed_at: Timestamp,
    /// All three are JSON.
    snapshot: Option<String>,
    policy: String,
    results: String,
}

impl NewEvaluation {
    /// For a tenant read at this instant. Takes time in proportion to the snapshot: call it on the blocking pool.
    pub fn new(judgement: &RecordedEvaluation, observed_at: Timestamp) -> Result<Self, Error> {
        let mut snapshot = judgement.snapshot.as_ref().map(json).transpose()?;
        if let Some(Value::Object(members)) = &mut snapshot {
            members.remove(OBSERVED_AT);
        }
        let snapshot = snapshot.map(|snapshot| snapshot.to_string());
        let policy = json(&judgement.policy)?.to_string();
        let mut results = json(&judgement.results)?.to_string();
        // Over the whole evaluation, even where a part is too large to store. Object members are sorted, and JSON
        // contains no raw line feed, so the text is equal exactly if the content is.
        let whole = [snapshot.as_deref().unwrap_or_default(), &policy, &results].join("\n");
        let digest = digest(&SHA256, whole.as_bytes()).as_ref().to_vec();
        if results.len() > RESULTS_MAX {
            results = json(&judgement.results.clone().cut())?.to_string();
        }
        let snapshot = snapshot.filter(|snapshot| snapshot.len() <= SNAPSHOT_MAX);
        Ok(Self { digest, observed_at, snapshot, policy, results })
    }
}

/// Inserts the evaluation unless it exists, and the score row, after asset and findings.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    (integration_id, sync_id): (IntegrationId, SyncId),
    keep: &NewEvaluation,
    result: &SyncResult,
) -> Result<(), Error> {
    let standing =
        assets::open_findings_of(&mut *connection, organisation, integration_id, keep.observed_at);
    let Some(view) = standing.await? else { return Ok(()) };
    let findings = view.findings;
    let by_rank = [findings.info, findings.low, findings.medium, findings.high, findings.critical];
    // Updates an existing evaluation too, which locks it against deletion before it is referenced.
    let sql = "/* store.finish_sync: judgement and score */
        with judged as (
            insert into judgements
                (organisation_id, integration_id, digest, snapshot, policy, results, created_at)
            values ($1, $3, $11, $13::jsonb, $14::jsonb, $15::jsonb, $5)
            on conflict (organisation_id, integration_id, digest)
                do update set created_at = judgements.created_at
            returning digest
        )
        insert into sync_scores
            (organisation_id, sync_id, integration_id, asset_id, observed_at, score,
             coverage_percent, findings_by_rank, accepted, checks, digest,
             policy_version)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, digest, $12 from judged";
    sqlx::query(sql)
        .bind(organisation.as_str())
        .bind(sync_id.0)
        .bind(integration_id.0)
        .bind(view.asset.id.0)
        .bind(to_sql_time(keep.observed_at))
        .bind(view.score.map(i16::from))
        .bind(view.asset.coverage_percent.map(i16::from))
        .bind(by_rank.map(i64::from).to_vec())
        .bind(bigint(u64::from(view.accepted)))
        .bind(json(&result.checks)?)
        .bind(&keep.digest)
        .bind(result.policy_version)
        .bind(&keep.snapshot)
        .bind(&keep.policy)
        .bind(&keep.results)
        .execute(connection)
        .await?;
    Ok(())
}
