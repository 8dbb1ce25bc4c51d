//! Row-level security (RLS): the role and the settings that the policies of the tables refer to. Migrations create both;
//! `transaction.rs` sets them at the beginning of each transaction.

use domain::named_enum;

/// Has only the privileges that serving needs.
pub(crate) const SERVING_ROLE: &str = "safe_auth0_serving";

named_enum! {
    /// A reason to work across organisations. The policies of a table list the reasons that may access it, by name.
    pub enum CrossOrganisation {
        /// The next sync is chosen among those of all organisations.
        Claiming = "claiming",
        /// A worker renews or releases leases without knowing their organisations.
        Leasing = "leasing",
        Scheduling = "scheduling",
        /// Syncs that their workers abandoned.
        GivingUp = "giving_up",
        ExpiringAcceptances = "expiring_acceptances",
        /// Also of organisations that send no more requests.
        Purging = "purging",
        /// The credential or token determines the organisation.
        Authenticating = "authenticating",
        Reminding = "reminding",
        /// Readiness reads and writes the canary, which belongs to no organisation.
        Probing = "probing",
        /// Encryption keys are shared by all organisations.
        Resealing = "resealing",
        /// A rate limit belongs to the Auth0 tenant and is shared by everyone who calls it. Grants access only to its
        /// table, beside the rows of one organisation.
        Pacing = "pacing",
    }
}
