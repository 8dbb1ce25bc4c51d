//! Saves and deletes integrations. A connection is saved only if its test succeeds. Changes are in `update.rs`, tests
//! without saving in `test.rs`.

mod audited;
mod test;
mod update;

use auth0::Freshness;
use domain::IntegrationId;
use domain::connection_test::{TestOutcome, TestReport};
use domain::form::NewIntegration;
use domain::integration::{Integration, IntegrationState, Settings};
use serde_json::{Value, json};
use store::{Constraint, Secrets};

use crate::{Actor, Engine, Error, ExpectedVersion};
use audited::Connections;

/// Attempts to choose a default asset name, in case the chosen one is taken meanwhile.
const NAMES_MAX: u32 = 8;

impl Engine {
    /// Saves a form if its test succeeds.
    pub async fn create(&self, actor: &Actor, form: NewIntegration) -> Result<Integration, Error> {
        let begun = self.begin_entry();
        let (organisation, connection) = (&actor.organisation_id, form.connection());
        let max = self.limits().integrations_per_organisation;
        // Concurrent requests can exceed it by as many as may test a connection at once.
        if self.store().has_integrations(organisation, max).await? {
            return Err(Error::TooManyIntegrations(max));
        }
        let report =
            self.test(organisation, &connection, Freshness::Cached, &form.normalised).await;
        let connections = Connections { old: None, new: &form.settings, has_new_secret: true };
        let audited = connections.details(Some(&report));
        if report.outcome != TestOutcome::Connected {
            return self.refuse(actor, "create_integration", None, report, audited).await;
        }
        let now = self.clock().now();
        let next_sync_at = form.settings.next_sync_after(now);
        let mut integration = Integration {
            organisation_id: actor.organisation_id.clone(),
            id: IntegrationId(self.ids().next()),
            client_secret_updated_at: now,
            next_secret: None,
            version: 1,
            paused_at: None,
            failing_since: None,
            deleted_at: None,
            next_sync_at,
            last_sync: None,
            last_succeeded_at: None,
            created_at: now,
            updated_at: now,
            settings: form.settings,
        };
        let details = json!({
            "created": true,
            "changed_fields": domain::form::fields_of(&integration.settings),
            "connection_test": report,
        });
        let (id, message) = (integration.id, "The integration was created.");
        let entry = self.update_entry(actor, id, begun, message, details);
        let mut audit = self.audit(actor, "create_integration", Some(id.0));
        audit.details = audited;
        let default = form.has_default_asset_name.then(|| integration.settings.asset_name.clone());
        let mut tries = 1;
        loop {
            if let Some(default) = &default {
                let free = self.store().free_asset_name(&actor.organisation_id, default, None);
                integration.settings.asset_name = free.await?;
            }
            let saved =
                self.store().insert_integration(&integration, &form.client_secret, &entry, &audit);
            match saved.await {
                Err(store::Error::Conflict(Constraint::AssetNameTaken(_)))
                    if default.is_some() && tries < NAMES_MAX =>
                {
                    tries += 1;
                }
                saved => return Ok(saved.map(|()| integration)?),
            }
        }
    }

    /// Deletes an integration: destroys its secrets and cancels its syncs. `if_match`: only one of these versions;
    /// ignored if it is already deleted.
    pub async fn delete(
        &self,
        actor: &Actor,
        id: IntegrationId,
        if_match: Option<&ExpectedVersion>,
    ) -> Result<(), Error> {
        let organisation_id = &actor.organisation_id;
        let now = self.clock().now();
        let found = self.store().find_with_secrets(organisation_id, id, now).await?;
        let (saved, secrets) = found.ok_or(Error::NotFound)?;
        let is_deleted = saved.state() == IntegrationState::Deleted;
        if !is_deleted && if_match.is_some_and(|tags| !tags.matches(saved.version)) {
            return Err(Error::PreconditionFailed);
        }
        for secret in [Some(secrets.current), secrets.next].into_iter().flatten().flatten() {
            self.forget(&saved.settings.connection(secret));
        }
        let audit = self.audit(actor, "delete_integration", Some(id.0));
        let was_there = self.store().delete_integration(organisation_id, id, now, &audit).await?;
        self.shared.ended.notify_waiters();
        if was_there { Ok(()) } else { Err(Error::NotFound) }
    }

    /// The integration, unless it is missing or deleted.
    pub(crate) async fn get_active(
        &self,
        actor: &Actor,
        id: IntegrationId,
    ) -> Result<Integration, Error> {
        let now = self.clock().now();
        let found = self.store().find_integration(&actor.organisation_id, id, now).await?;
        not_deleted(found.ok_or(Error::NotFound)?)
    }

    /// The same with its secrets, read together: a secret that was stored for another origin meanwhile never meets
    /// the origin read before.
    async fn get_active_with_secrets(
        &self,
        actor: &Actor,
        id: IntegrationId,
    ) -> Result<(Integration, Secrets), Error> {
        let now = self.clock().now();
        let found = self.store().find_with_secrets(&actor.organisation_id, id, now).await?;
        let (integration, secrets) = found.ok_or(Error::NotFound)?;
        Ok((not_deleted(integration)?, secrets))
    }

    /// The default asset name. None: the edit does not reset the name.
    async fn default_asset_name(
        &self,
        saved: &Integration,
        resets_asset_name: bool,
    ) -> Result<Option<String>, Error> {
        if !resets_asset_name {
            return Ok(None);
        }
        let Settings { api_audience, .. } = &saved.settings;
        let (org, default) = (&saved.organisation_id, api_audience.domain());
        Ok(Some(self.store().free_asset_name(org, &default, Some(saved.id)).await?))
    }

    /// Records a refused attempt; nothing is saved.
    async fn refuse<T>(
        &self,
        actor: &Actor,
        action: &'static str,
        id: Option<IntegrationId>,
        report: TestReport,
        details: Value,
    ) -> Result<T, Error> {
        self.record_refusal(actor, action, id.map(|id| id.0), "refused", details).await?;
        Err(Error::ConnectionTestFailed(Box::new(report)))
    }
}

fn not_deleted(integration: Integration) -> Result<Integration, Error> {
    match integration.state() {
        IntegrationState::Deleted => Err(Error::Deleted(integration.id)),
        IntegrationState::Active | IntegrationState::Paused => Ok(integration),
    }
}
