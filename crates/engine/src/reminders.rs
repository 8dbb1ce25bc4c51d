//! Telling that client secrets are about to expire: in the history, in the log and as a metric.

use crate::Engine;

/// Integrations that are told of in one transaction.
const AT_ONCE: u32 = 100;

impl Engine {
    /// Tells what is due, and counts what was told.
    pub(crate) async fn remind_of_expiring_secrets(&self) -> Result<(), store::Error> {
        let store = self.store();
        loop {
            let now = self.clock().now();
            let told = store.remind_in_all_organisations(now, AT_ONCE, self.ids()).await?;
            for each in &told {
                tracing::warn!(
                    organisation_id = each.organisation_id.as_str(),
                    integration_id = %each.integration_id,
                    days = each.days,
                    expires_at = %each.expires_at,
                    "a client secret is about to expire, or has"
                );
            }
            if told.len() < AT_ONCE as usize {
                break;
            }
        }
        for (days, integrations) in store.count_reminded_in_all_organisations().await? {
            let count = f64::from(u32::try_from(integrations).unwrap_or(u32::MAX));
            metrics::gauge!("safe_auth0_secrets_expiring", "days" => days.to_string()).set(count);
        }
        Ok(())
    }
}
