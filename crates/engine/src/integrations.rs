//! Saving, testing, changing and deleting integrations. A connection is tested before it is saved;
//! what fails its test is not saved.

use auth0::Freshness;
use domain::IntegrationId;
use domain::connection_test::{TestOutcome, TestReport};
use domain::form::{Edited, IntegrationEdit, NewIntegration};
use domain::integration::{Integration, IntegrationState};
use secrecy::SecretString;
use serde_json::json;
use store::{Promotion, Secrets, Update, Updated};

use crate::connection_test::{Tested, code_of};
use crate::rotation::PromotionRows;
use crate::{Actor, Engine, Error, IfMatch, TestAnswer};

/// How often a change of whatever version is tried.
const UPDATES_MAX: u32 = 3;

impl Engine {
    /// Tests a form that is not saved. Always asks for a fresh token, so that the answer is true now.
    pub async fn test_new(
        &self,
        actor: &Actor,
        form: &NewIntegration,
    ) -> Result<TestAnswer, Error> {
        let report = self.test(&form.connection(), Freshness::Fresh, &form.normalised).await;
        let mut audit = self.audit(actor, "test_connection", None);
        let host = form.settings.api_identifier.host();
        audit.details = json!({"connection_test": code_of(&report).name(), "host": host});
        self.store().insert_audit(&audit).await?;
        Ok(TestAnswer {
            report,
            recorded: false,
            reason: Some("unsaved_configuration"),
            history_entry_id: None,
            normalised: form.normalised.clone(),
        })
    }

    /// Saves a form whose test succeeds.
    pub async fn create(&self, actor: &Actor, form: NewIntegration) -> Result<Integration, Error> {
        let report = self.test(&form.connection(), Freshness::Cached, &form.normalised).await;
        if report.outcome != TestOutcome::Connected {
            return self.refuse(actor, "create_integration", None, report).await;
        }
        let now = self.clock().now();
        let settings = form.settings;
        let next_sync_at = settings.next_sync_after(now);
        let integration = Integration {
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
            settings,
        };
        let details = json!({
            "created": true,
            "changed_fields": domain::form::fields_of(&integration.settings),
            "connection_test": report,
        });
        let entry = self.update_row(actor, integration.id, "The integration was created.", details);
        let audit = self.audit(actor, "create_integration", Some(integration.id.0));
        self.store().insert_integration(&integration, &form.client_secret, &entry, &audit).await?;
        Ok(integration)
    }

    /// Tests a saved integration, as saved or with edited fields.
    pub async fn test_saved(
        &self,
        actor: &Actor,
        id: IntegrationId,
        edit: &IntegrationEdit,
    ) -> Result<TestAnswer, Error> {
        let saved = self.undeleted(actor, id).await?;
        let edited = edit.apply(&saved.settings).map_err(Error::Invalid)?;
        let is_as_saved = edited.changed.is_empty();
        let secrets = self.store().open_secrets(&actor.organisation_id, id).await?;
        let secret = match &edit.client_secret {
            Some(secret) => secret.clone(),
            None => self.saved_secret(actor, id, &secrets).await?,
        };
        let connection = edited.settings.connection(secret);
        let next = secrets.next.as_ref().filter(|_| is_as_saved);
        let mut tested =
            self.test_rotating(&connection, next, Freshness::Fresh, &edit.normalised).await;
        if tested.by_next {
            let is_promoted = self.promote(&saved, &secrets, &actor.request_id).await?;
            tested.tell_of_the_next(is_promoted);
        }
        let mut answer = TestAnswer {
            report: tested.report,
            recorded: is_as_saved,
            reason: (!is_as_saved).then_some("changed_fields"),
            history_entry_id: None,
            normalised: edit.normalised.clone(),
        };
        let mut audit = self.audit(actor, "test_integration", Some(id.0));
        audit.details = json!({"connection_test": code_of(&answer.report).name()});
        if is_as_saved {
            let entry = self.test_row(actor, id, &answer.report);
            self.store().insert_history(&entry, Some(&audit)).await?;
            answer.history_entry_id = Some(entry.id);
        } else {
            self.store().insert_audit(&audit).await?;
        }
        Ok(answer)
    }

    /// Changes an integration; changed connection fields are tested first. Who asked for no version
    /// in particular is not refused because somebody else was faster.
    pub async fn update(
        &self,
        actor: &Actor,
        id: IntegrationId,
        if_match: &IfMatch,
        edit: &IntegrationEdit,
    ) -> Result<Integration, Error> {
        for _ in 0..UPDATES_MAX {
            match self.try_update(actor, id, if_match, edit).await {
                Ok(Some(integration)) => return Ok(integration),
                Ok(None) => {}
                Err(Error::PreconditionFailed) if *if_match == IfMatch::Any => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::PreconditionFailed)
    }

    /// None: the secrets were changed meanwhile, so it is to be looked at again.
    async fn try_update(
        &self,
        actor: &Actor,
        id: IntegrationId,
        if_match: &IfMatch,
        edit: &IntegrationEdit,
    ) -> Result<Option<Integration>, Error> {
        let saved = self.undeleted(actor, id).await?;
        if !if_match.matches(saved.version) {
            return Err(Error::PreconditionFailed);
        }
        let mut edited = edit.apply(&saved.settings).map_err(Error::Invalid)?;
        if edited.changed.is_empty() && saved.state() == IntegrationState::Active {
            return Ok(Some(saved));
        }
        let mut details = json!({"changed_fields": edited.changed});
        let mut promoted = None;
        if edited.changes_connection() {
            let (mut tested, secrets) = self.test_edited(actor, &saved, edit, &edited).await?;
            if tested.report.outcome != TestOutcome::Connected {
                return self.refuse(actor, "update_integration", Some(id), tested.report).await;
            }
            // What is stored says so only together with the promotion.
            tested.tell_of_the_next(true);
            details["connection_test"] = json!(tested.report);
            if tested.by_next {
                if !edit.gives_expiry() {
                    edited.settings.client_secret_expires_at = secrets.next_expires_at;
                }
                let rows = self.promotion_rows(&saved, &secrets, &actor.request_id);
                promoted = Some((secrets, rows));
            }
        }
        let message = match edited.changed.as_slice() {
            [] => "Scheduled syncs were resumed.".to_owned(),
            changed => format!("Changed: {}.", changed.join(", ")),
        };
        let entry = self.update_row(actor, id, &message, details);
        let audit = self.audit(actor, "update_integration", Some(id.0));
        let now = self.clock().now();
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
        match self.store().update_integration(update, &entry, &audit).await? {
            Updated::Done(integration) => Ok(Some(integration)),
            Updated::SecretsMoved => Ok(None),
            Updated::VersionMoved => Err(Error::PreconditionFailed),
            Updated::Missing => Err(Error::NotFound),
        }
    }

    async fn test_edited(
        &self,
        actor: &Actor,
        saved: &Integration,
        edit: &IntegrationEdit,
        edited: &Edited,
    ) -> Result<(Tested, Secrets), Error> {
        let secrets = self.store().open_secrets(&actor.organisation_id, saved.id).await?;
        if let Ok(old) = secrets.current() {
            self.auth0().forget(&saved.settings.connection(old));
        }
        let secret = match &edit.client_secret {
            Some(secret) => secret.clone(),
            None => self.saved_secret(actor, saved.id, &secrets).await?,
        };
        let connection = edited.settings.connection(secret);
        // A new secret, or another client's, goes without the one that was to follow the old one.
        let is_same =
            edit.client_secret.is_none() && edited.settings.client_id == saved.settings.client_id;
        let next = secrets.next.as_ref().filter(|_| is_same);
        let tested =
            self.test_rotating(&connection, next, Freshness::Cached, &edit.normalised).await;
        Ok((tested, secrets))
    }

    /// The present secret. What was deleted meanwhile has none, which is not a fault of the keys.
    async fn saved_secret(
        &self,
        actor: &Actor,
        id: IntegrationId,
        secrets: &Secrets,
    ) -> Result<SecretString, Error> {
        match secrets.current() {
            Ok(secret) => Ok(secret),
            Err(error) => {
                self.undeleted(actor, id).await?;
                Err(error.into())
            }
        }
    }

    /// Deletes: the credentials are destroyed at once, a running sync is stopped. With `if_match`
    /// only one of these versions; one that is deleted already stays so.
    pub async fn delete(
        &self,
        actor: &Actor,
        id: IntegrationId,
        if_match: Option<&IfMatch>,
    ) -> Result<(), Error> {
        let organisation_id = &actor.organisation_id;
        let now = self.clock().now();
        let saved = self.store().find_integration(organisation_id, id, now).await?;
        let saved = saved.ok_or(Error::NotFound)?;
        let is_deleted = saved.state() == IntegrationState::Deleted;
        if !is_deleted && if_match.is_some_and(|tags| !tags.matches(saved.version)) {
            return Err(Error::PreconditionFailed);
        }
        if let Ok(secrets) = self.store().open_secrets(organisation_id, id).await {
            for secret in [Some(secrets.current), secrets.next].into_iter().flatten().flatten() {
                self.auth0().forget(&saved.settings.connection(secret));
            }
        }
        let audit = self.audit(actor, "delete_integration", Some(id.0));
        let was_there = self.store().delete_integration(organisation_id, id, now, &audit).await?;
        self.shared.ended.notify_waiters();
        if was_there { Ok(()) } else { Err(Error::NotFound) }
    }

    /// The integration, when it may still be worked with.
    pub(crate) async fn undeleted(
        &self,
        actor: &Actor,
        id: IntegrationId,
    ) -> Result<Integration, Error> {
        let now = self.clock().now();
        let found = self.store().find_integration(&actor.organisation_id, id, now).await?;
        let integration = found.ok_or(Error::NotFound)?;
        match integration.state() {
            IntegrationState::Deleted => Err(Error::Deleted),
            IntegrationState::Active | IntegrationState::Paused => Ok(integration),
        }
    }

    /// Nothing is saved; only the audit has the attempt.
    async fn refuse<T>(
        &self,
        actor: &Actor,
        action: &'static str,
        id: Option<IntegrationId>,
        report: TestReport,
    ) -> Result<T, Error> {
        let mut audit = self.audit(actor, action, id.map(|id| id.0));
        audit.outcome = "refused";
        audit.details = json!({"connection_test": code_of(&report).name()});
        self.store().insert_audit(&audit).await?;
        Err(Error::ConnectionTestFailed(Box::new(report)))
    }
}
