//! Conflicts between integrations of an organisation. Unique indexes detect them; the conflicting integration is then
//! looked up, by tenant and client before asset name.

use std::collections::BTreeSet;

use domain::integration::{Integration, Settings, asset_name_key};
use domain::{IntegrationId, OrganisationId};
use uuid::Uuid;

use crate::error::violates;
use crate::{Constraint, Error, Store, Update};

const KEYS: [&str; 2] = ["integrations_asset_name_key", "integrations_tenant_client_key"];

/// The integration and the values to be unique.
#[derive(Clone, Copy)]
pub(super) struct RequestedNames<'a> {
    org: &'a OrganisationId,
    id: IntegrationId,
    settings: &'a Settings,
}

impl<'a> From<&'a Integration> for RequestedNames<'a> {
    fn from(of: &'a Integration) -> Self {
        Self { org: &of.organisation_id, id: of.id, settings: &of.settings }
    }
}

impl<'a> From<Update<'a>> for RequestedNames<'a> {
    fn from(update: Update<'a>) -> Self {
        Self { org: update.org, id: update.id, settings: update.settings }
    }
}

impl Store {
    /// The first of `base`, `base (2)`, `base (3)` … that no other undeleted integration has as asset name.
    pub async fn free_asset_name(
        &self,
        organisation: &OrganisationId,
        base: &str,
        of: Option<IntegrationId>,
    ) -> Result<String, Error> {
        let sql = "/* store.free_asset_name */
            select asset_name_key from integrations
            where organisation_id = $1 and deleted_at is null and asset_name_key is not null
                and starts_with(asset_name_key, $2) and id is distinct from $3";
        let mut tx = self.begin_for(organisation).await?;
        let taken: Vec<String> = sqlx::query_scalar(sql)
            .bind(organisation.as_str())
            .bind(asset_name_key(base))
            .bind(of.map(|id| id.0))
            .fetch_all(&mut *tx)
            .await?;
        let taken: BTreeSet<String> = taken.into_iter().collect();
        let mut name = base.to_owned();
        let mut number = 2;
        while taken.contains(&asset_name_key(&name)) {
            name = format!("{base} ({number})");
            number += 1;
        }
        Ok(name)
    }

    /// Adds the conflicting integration to the error of a violated index.
    pub(super) async fn naming_the_taker<T>(
        &self,
        outcome: Result<T, Error>,
        wanted: RequestedNames<'_>,
    ) -> Result<T, Error> {
        match outcome {
            Err(error) if violates(&error, &KEYS) => Err(self.conflict(wanted, error).await?),
            outcome => outcome,
        }
    }

    async fn conflict(&self, wanted: RequestedNames<'_>, error: Error) -> Result<Error, Error> {
        let sql = "/* store.find_taker */
            select id, tenant_domain = $3 and client_id = $4 as is_same_client from integrations
            where organisation_id = $1 and id <> $2 and deleted_at is null
                and (tenant_domain = $3 and client_id = $4 or asset_name_key = $5)
            order by is_same_client desc limit 1";
        let RequestedNames { org, id, settings } = wanted;
        let mut tx = self.begin_for(org).await?;
        let taker: Option<(Uuid, bool)> = sqlx::query_as(sql)
            .bind(org.as_str())
            .bind(id.0)
            .bind(settings.api_audience.domain())
            .bind(&settings.client_id)
            .bind(settings.asset_name_key())
            .fetch_optional(&mut *tx)
            .await?;
        Ok(match taker {
            Some((by, true)) => Error::Conflict(Constraint::TenantClientTaken(IntegrationId(by))),
            Some((by, false)) => Error::Conflict(Constraint::AssetNameTaken(IntegrationId(by))),
            // Deleted meanwhile: a retry succeeds.
            None => Error::Unavailable(Box::new(error)),
        })
    }
}
