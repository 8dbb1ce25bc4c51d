//! Tests connections without saving them.

use auth0::Freshness;
use domain::IntegrationId;
use domain::form::{IntegrationEdit, NewIntegration};

use super::audited::Connections;
use crate::{Actor, Engine, Error, TestAnswer};

impl Engine {
    /// Tests a form. Always requests a fresh token, so that the result is current.
    pub async fn test_new(
        &self,
        actor: &Actor,
        form: &NewIntegration,
    ) -> Result<TestAnswer, Error> {
        let (organisation, connection) = (&actor.organisation_id, form.connection());
        let report = self.test(organisation, &connection, Freshness::Fresh, &form.normalised).await;
        let connections = Connections { old: None, new: &form.settings, has_new_secret: true };
        let mut audit = self.audit(actor, "test_connection", None);
        audit.details = connections.details(Some(&report));
        self.store().insert_audit(&audit).await?;
        Ok(TestAnswer {
            report,
            recorded: false,
            reason: Some("unsaved_configuration"),
            history_entry_id: None,
            normalised: form.normalised.clone(),
        })
    }

    /// Tests a saved integration, as saved or with changed fields.
    pub async fn test_saved(
        &self,
        actor: &Actor,
        id: IntegrationId,
        edit: &IntegrationEdit,
    ) -> Result<TestAnswer, Error> {
        let begun = self.begin_entry();
        let (saved, secrets) = self.get_active_with_secrets(actor, id).await?;
        let default = self.default_asset_name(&saved, edit.resets_asset_name()).await?;
        let edited = edit.apply(&saved.settings, default.as_deref()).map_err(Error::Invalid)?;
        let is_as_saved = edited.changed.is_empty();
        let secret = match &edit.client_secret {
            Some(secret) => secret.clone(),
            None => secrets.current()?,
        };
        let connection = edited.settings.connection(secret);
        let next = secrets.next.as_ref().filter(|_| is_as_saved);
        let organisation = &actor.organisation_id;
        let tested =
            self.test_rotating(organisation, &connection, next, Freshness::Fresh, &edit.normalised);
        let mut tested = tested.await;
        if tested.by_next {
            let is_promoted = self.promote(&saved, &secrets, &actor.request_id).await?;
            tested.note_secret_promotion(is_promoted);
        }
        let mut answer = TestAnswer {
            report: tested.report,
            recorded: is_as_saved,
            reason: (!is_as_saved).then_some("changed_fields"),
            history_entry_id: None,
            normalised: edit.normalised.clone(),
        };
        let connections = Connections {
            old: Some(&saved.settings),
            new: &edited.settings,
            has_new_secret: edit.client_secret.is_some(),
        };
        let mut audit = self.audit(actor, "test_integration", Some(id.0));
        audit.details = connections.details(Some(&answer.report));
        if is_as_saved {
            let entry = self.test_entry(actor, id, begun, &answer.report);
            self.store().insert_history(&entry, Some(&audit)).await?;
            answer.history_entry_id = Some(entry.id);
        } else {
            self.store().insert_audit(&audit).await?;
        }
        Ok(answer)
    }
}
