//! The rows of scores and evaluations.

use domain::recorded_evaluation::{RecordedEvaluation, Results};
use domain::{AssetId, IntegrationId, SyncId};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::{JudgedSync, SyncScore};
use crate::Error;
use crate::assets::{by_severity, counted};
use crate::convert::{SqlTimestamp, from_sql_time};

/// Member of a snapshot that belongs to the sync and not to the evaluation.
pub(super) const OBSERVED_AT: &str = "observed_at";

/// The columns of [`ScoreRow`], from the score `s`.
macro_rules! score_columns {
    () => {
        "s.sync_id, s.integration_id, s.asset_id, s.observed_at, s.score, s.coverage_percent,
         s.findings_by_rank, s.accepted, s.checks, s.policy_version"
    };
}
pub(super) use score_columns;

/// The columns and tables of [`JudgedRow`]: everything between `select` and `where`.
macro_rules! judged_columns {
    () => {
        concat!(
            score_columns!(),
            ", j.snapshot::text, j.policy, j.results::text
             from sync_scores s left join judgements j on j.organisation_id = s.organisation_id
             and j.integration_id = s.integration_id and j.digest = s.digest"
        )
    };
}
pub(super) use judged_columns;

/// The same without the large parts: only the reading `$3` of the snapshot, and results without resources.
macro_rules! outlined_columns {
    () => {
        concat!(
            score_columns!(),
            ", (case when j.snapshot is not null then jsonb_set(j.snapshot, '{readings}',
                    case when j.snapshot->'readings' ? $3::text
                        then jsonb_build_object($3::text, j.snapshot->'readings'->$3::text) else '{}' end)
                end)::text as snapshot, j.policy,
             jsonb_set(j.results, '{checks}', (
                select coalesce(jsonb_agg(each || '{\"resources\": []}' order by place), '[]')
                from jsonb_array_elements(j.results->'checks') with ordinality as of (each, place)
             ))::text as results
             from sync_scores s left join judgements j on j.organisation_id = s.organisation_id
             and j.integration_id = s.integration_id and j.digest = s.digest"
        )
    };
}
pub(super) use outlined_columns;

#[derive(sqlx::FromRow)]
pub(super) struct ScoreRow {
    sync_id: Uuid,
    integration_id: Uuid,
    asset_id: Uuid,
    observed_at: SqlTimestamp,
    score: Option<i16>,
    coverage_percent: Option<i16>,
    findings_by_rank: Vec<i64>,
    accepted: i64,
    checks: Value,
    policy_version: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct JudgedRow {
    #[sqlx(flatten)]
    score: ScoreRow,
    snapshot: Option<String>,
    policy: Option<Value>,
    results: Option<String>,
}

impl TryFrom<ScoreRow> for SyncScore {
    type Error = Error;

    fn try_from(row: ScoreRow) -> Result<Self, Error> {
        let percent = |stored: Option<i16>, column| {
            let read = stored.map(u8::try_from).transpose();
            read.map_err(|_| Error::corrupt("sync_scores", column))
        };
        Ok(Self {
            sync_id: SyncId(row.sync_id),
            integration_id: IntegrationId(row.integration_id),
            asset_id: AssetId(row.asset_id),
            observed_at: from_sql_time(row.observed_at),
            score: percent(row.score, "score")?,
            coverage_percent: percent(row.coverage_percent, "coverage_percent")?,
            findings: by_severity(&row.findings_by_rank),
            accepted: counted(row.accepted),
            checks: read(row.checks, "sync_scores", "checks")?,
            policy_version: row.policy_version,
        })
    }
}

impl JudgedRow {
    /// Parses on the blocking pool, because it may be large.
    pub(super) async fn read(self) -> Result<JudgedSync, Error> {
        tokio::task::spawn_blocking(|| self.try_into()).await.map_err(Error::other)?
    }
}

impl TryFrom<JudgedRow> for JudgedSync {
    type Error = Error;

    fn try_from(row: JudgedRow) -> Result<Self, Error> {
        let score = SyncScore::try_from(row.score)?;
        let (Some(policy), Some(results)) = (row.policy, row.results) else {
            return Ok(Self { score, judgement: None });
        };
        let snapshot = match row.snapshot {
            Some(text) => {
                let mut stored: Value = parse(&text, "snapshot")?;
                stored[OBSERVED_AT] = Value::String(score.observed_at.to_string());
                Some(read(stored, "judgements", "snapshot")?)
            }
            None => None,
        };
        let policy = read(policy, "judgements", "policy")?;
        let results = parse(&results, "results")?;
        Ok(Self { score, judgement: Some(RecordedEvaluation { snapshot, policy, results }) })
    }
}

/// Parses on the blocking pool, because it may be large.
pub(super) async fn read_results(text: String) -> Result<Results, Error> {
    tokio::task::spawn_blocking(move || parse(&text, "results")).await.map_err(Error::other)?
}

fn parse<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| Error::corrupt("judgements", column))
}

pub(crate) fn read<T: DeserializeOwned>(
    stored: Value,
    table: &'static str,
    column: &'static str,
) -> Result<T, Error> {
    serde_json::from_value(stored).map_err(|_| Error::corrupt(table, column))
}
