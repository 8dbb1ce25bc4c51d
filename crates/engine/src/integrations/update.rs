//! Updates integrations. Changed connection fields are tested first.

use auth0::Freshness;
use domain::IntegrationId;
use domain::connection_test::TestOutcome;
use domain::form::{EditedSettings, IntegrationEdit};
use domain::integration::{Integration, IntegrationState};
use serde_json::json;
use store::{Constraint, Promotion, Secrets, Update, UpdateOutcome};

use super::audited::Connections;
use crate::connection_test::ConnectionTestResult;
use crate::history_entries::StartedAction;
use crate::secret_rotation::PromotionRows;
use crate::{Actor, Engine, Error, ExpectedVersion};

/// Attempts of a change without an expected version.
const UPDATES_MAX: u32 = 3;

impl Engine {
    /// Updates an integration. A change without an expected version is retried if another one was faster.
    pub async fn update(
        &self,
        actor: &Actor,
        id: IntegrationId,
        if_match: &ExpectedVersion,
        edit: &IntegrationEdit,
    ) -> Result<Integration, Error> {
        let begun = self.begin_entry();
        for _ in 0..UPDATES_MAX {
            match self.try_update(actor, id, begun, if_match, edit).await {
                Ok(Some(integration)) => return Ok(integration),
                Ok(None) => {}
                Err(Error::PreconditionFailed) if *if_match == ExpectedVersion::Any => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::PreconditionFailed)
    }

    /// None: the secrets or the default asset name changed meanwhile, so the update is to be retried.
    async fn try_update(
        &self,
        actor: &Actor,
        id: IntegrationId,
        begun: StartedAction,
        if_match: &ExpectedVersion,
        edit: &IntegrationEdit,
    ) -> Result<Option<Integration>, Error> {
        let (saved, secrets) = self.get_active_with_secrets(actor, id).await?;
        if !if_match.matches(saved.version) {
            return Err(Error::PreconditionFailed);
        }
        let default = self.default_asset_name(&saved, edit.resets_asset_name()).await?;
        let mut edited = edit.apply(&saved.settings, default.as_deref()).map_err(Error::Invalid)?;
        if edited.changed.is_empty() && saved.state() == IntegrationState::Active {
            return Ok(Some(saved));
        }
        let connections = Connections {
            old: Some(&saved.settings),
            new: &edited.settings,
            has_new_secret: edit.client_secret.is_some(),
        };
        let mut details = json!({"changed_fields": edited.changed});
        let mut audit = self.audit(actor, "update_integration", Some(id.0));
        audit.details = connections.details(None);
        let mut promoted = None;
        if edited.changes_connection() {
            let mut tested = self.test_edited(&saved, &secrets, edit, &edited).await?;
            let audited = connections.details(Some(&tested.report));
            if tested.report.outcome != TestOutcome::Connected {
                let action = "update_integration";
                return self.refuse(actor, action, Some(id), tested.report, audited).await;
            }
            // This note is stored only together with the promotion.
            tested.note_secret_promotion(true);
            details["connection_test"] = json!(tested.report);
            audit.details = audited;
            if tested.by_next {
                if !edit.sets_expiry() {
                    edited.settings.client_secret_expires_at = secrets.next_expires_at;
                }
                let rows = self.promotion_rows(&saved, &secrets, &actor.request_id);
                promoted = Some((secrets, rows));
            }
        }
        audit.details["changed_fields"] = json!(edited.changed);
        let message = match edited.changed.as_slice() {
            [] => "Scheduled syncs were resumed.".to_owned(),
            changed => format!("Changed: {}.", changed.join(", ")),
        };
        let entry = self.update_entry(actor, id, begun, &message, details);
        let now = self.clock().now();
        audit.at = now;
        let promotion = promoted.as_ref().map(|(secrets, PromotionRows { entry, audit })| {
            Promotion { org: &actor.organisation_id, id, secrets, now, entry, audit }
        });
        let update = Update {
            org: &actor.organisation_id,
            id,
            expected_version: saved.version,
            settings: &edited.settings,
            new_secret: edit.client_secret.as_ref(),
            promotion: promotion.as_ref(),
            next_sync_at: edited.settings.next_sync_after(now),
            is_rescheduled: edited.changes_schedule(),
            now,
        };
        let updated = self.store().update_integration(update, &entry, &audit).await;
        stored(updated, edit.resets_asset_name())
    }

    async fn test_edited(
        &self,
        saved: &Integration,
        secrets: &Secrets,
        edit: &IntegrationEdit,
        edited: &EditedSettings,
    ) -> Result<ConnectionTestResult, Error> {
        if let Ok(old) = secrets.current() {
            self.forget(&saved.settings.connection(old));
        }
        let secret = match &edit.client_secret {
            Some(secret) => secret.clone(),
            None => secrets.current()?,
        };
        let connection = edited.settings.connection(secret);
        // A new secret, which another origin or client needs, drops the next one, which was to follow the old one.
        let next = secrets.next.as_ref().filter(|_| edit.client_secret.is_none());
        let (organisation, normalised) = (&saved.organisation_id, &edit.normalised);
        let tested =
            self.test_rotating(organisation, &connection, next, Freshness::Cached, normalised);
        Ok(tested.await)
    }
}

/// None: retry.
fn stored(
    updated: Result<UpdateOutcome, store::Error>,
    resets_asset_name: bool,
) -> Result<Option<Integration>, Error> {
    match updated {
        Ok(UpdateOutcome::Done(integration)) => Ok(Some(integration)),
        Ok(UpdateOutcome::SecretsMoved) => Ok(None),
        Ok(UpdateOutcome::VersionMoved) => Err(Error::PreconditionFailed),
        Ok(UpdateOutcome::Missing) => Err(Error::NotFound),
        Err(store::Error::Conflict(Constraint::AssetNameTaken(_))) if resets_asset_name => Ok(None),
        Err(error) => Err(error.into()),
    }
}
