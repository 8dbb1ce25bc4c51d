//! Reminders that client secrets are about to expire: in the history, in the log and as a metric.

use domain::clock::rfc3339;
use domain::history::{BY_MACHINE, MachineChange};
use domain::reminder::Reminder;
use jiff::Timestamp;
use serde_json::json;
use store::{ExpiringSecret, ReminderEntry};

use crate::Engine;

/// Integrations in one transaction.
const BATCH: u32 = 100;

impl Engine {
    /// Records the reminders that are due, and counts those recorded.
    pub(crate) async fn remind_of_expiring_secrets(&self) -> Result<(), store::Error> {
        let store = self.store();
        loop {
            let now = self.clock().now();
            let reminded =
                store.remind_in_all_organisations(now, BATCH, self.ids(), history_entry).await?;
            for each in &reminded {
                tracing::warn!(
                    organisation_id = each.organisation_id.as_str(),
                    integration_id = %each.integration_id,
                    days = each.reminder.days,
                    expires_at = %each.expires_at,
                    "client secret expires soon or has expired"
                );
            }
            if reminded.len() < BATCH as usize {
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

fn history_entry(secret: &ExpiringSecret) -> ReminderEntry {
    let (days, expires_at) = (secret.reminder.days, rfc3339(secret.expires_at));
    ReminderEntry {
        message: expiry_message(secret.reminder, secret.expires_at, secret.has_next),
        details: json!({
            BY_MACHINE: MachineChange::SecretExpires.name(), "days": days, "expires_at": expires_at
        }),
    }
}

/// The message of a reminder, with what to do. `has_next`: a next secret is saved.
pub fn expiry_message(reminder: Reminder, expires_at: Timestamp, has_next: bool) -> String {
    let what = match reminder.days {
        0 => format!("The client secret expired at {expires_at}."),
        1 => format!("The client secret expires at {expires_at}: within a day."),
        days => format!("The client secret expires at {expires_at}: within {days} days."),
    };
    let what_now = if has_next {
        "The next secret takes its place when Auth0 refuses it."
    } else {
        "Put a next secret, which takes its place when Auth0 refuses it."
    };
    format!("{what} {what_now}")
}
