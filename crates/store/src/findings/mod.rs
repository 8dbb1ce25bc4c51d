//! Findings. Lists are in `list.rs`, exports in `export.rs`, changes by syncs in `apply.rs`, acceptance in
//! `accept.rs`, its end in `end_acceptance.rs`.

mod accept;
mod acceptance;
mod apply;
mod change_column;
mod end_acceptance;
mod export;
mod filter;
mod list;
mod row;
mod search;
mod sort;
mod transitions;

pub use accept::{Accept, AcceptOutcome};
pub(crate) use apply::apply;
pub use filter::FindingFilter;
pub use list::FindingList;
pub use row::FindingView;
pub use sort::{FindingPosition, FindingSort, SortKey};

use std::collections::BTreeMap;

use domain::acceptance::Reason;
use domain::finding::{Finding, FindingKey};
use domain::reconcile::TimesOfAsset;
use domain::{FindingId, IntegrationId, OrganisationId};
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::convert::{readable_since, to_sql_time};
use crate::{Error, Store};
use row::{FindingRow, ViewRow, finding_columns, join_asset, join_view, view_columns};

impl Store {
    /// All findings of an integration, including resolved ones, for its next sync.
    pub async fn known_findings(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
    ) -> Result<Vec<Finding>, Error> {
        let mut tx = self.begin_for(organisation).await?;
        Ok(of_integration(&mut tx, organisation, integration_id).await?.0)
    }

    /// The reasons of the acceptances in force at `now` for an integration, including those of resolved findings.
    pub async fn accepted_findings(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
        now: Timestamp,
    ) -> Result<BTreeMap<FindingKey, Reason>, Error> {
        let sql = "/* store.accepted_findings */
            select check_id, resource, acceptance_reason from findings
            where organisation_id = $1 and integration_id = $2 and accepted_at is not null
                and coalesce(acceptance_expires_at > $3, true)";
        let mut tx = self.begin_for(organisation).await?;
        let rows: Vec<(String, String, String)> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(integration_id.0)
            .bind(to_sql_time(now))
            .fetch_all(&mut *tx)
            .await?;
        let read = |(check_id, resource, reason): (String, String, String)| {
            let reason = Reason::from_name(&reason);
            let reason = reason.ok_or_else(|| Error::corrupt("findings", "acceptance_reason"))?;
            Ok((FindingKey { check_id, resource }, reason))
        };
        rows.into_iter().map(read).collect()
    }

    pub async fn find_finding(
        &self,
        organisation: &OrganisationId,
        id: FindingId,
        now: Timestamp,
    ) -> Result<Option<FindingView>, Error> {
        let sql = concat!(
            "/* store.find_finding */ select ",
            view_columns!(),
            " from findings f",
            join_view!(),
            " where f.organisation_id = $1 and f.id = $2
                and (i.deleted_at is null or i.deleted_at > $3)"
        );
        let query = sqlx::query_as::<_, ViewRow>(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(readable_since(now));
        self.find(organisation, query).await
    }
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    #[sqlx(flatten)]
    finding: FindingRow,
    seen_in_latest: bool,
    evaluated_in_latest: bool,
}

/// Open and resolved ones.
pub(crate) async fn of_integration(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    integration_id: IntegrationId,
) -> Result<(Vec<Finding>, TimesOfAsset), Error> {
    let sql = concat!(
        "/* store.known_findings */ select f.seen_in_latest, f.evaluated_in_latest, ",
        finding_columns!(),
        " from findings f",
        join_asset!(),
        " where f.organisation_id = $1 and f.integration_id = $2"
    );
    let rows: Vec<KnownRow> = sqlx::query_as(sql)
        .bind(organisation.as_str())
        .bind(integration_id.0)
        .fetch_all(connection)
        .await?;
    let (mut findings, mut of_asset) = (Vec::with_capacity(rows.len()), TimesOfAsset::default());
    for row in rows {
        let finding = Finding::try_from(row.finding)?;
        if row.seen_in_latest {
            of_asset.seen.insert(finding.id);
        }
        if row.evaluated_in_latest {
            of_asset.evaluated.insert(finding.id);
        }
        findings.push(finding);
    }
    // Not by Postgres, which might read the findings of all integrations in this order.
    findings.sort_by_key(|finding| finding.id);
    Ok((findings, of_asset))
}
