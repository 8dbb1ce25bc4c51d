//! The checkpoint of a chain: position and hash of the last event that retention deleted. Sealed, because whoever can only
//! write to the database must not be able to cut a chain.

use domain::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::hash_chain::{GENESIS, Hash};
use crate::{Error, KeyRing, SealContext};

/// Bound into the seal: renaming the table or the column would make every checkpoint invalid.
pub(crate) const CHECKPOINTS: &str = "audit_checkpoints";
pub(crate) const SEALED: &str = "sealed";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// 0: nothing was deleted.
    pub seq: i64,
    pub hash: Hash,
    /// Whether this service sealed it.
    pub is_genuine: bool,
}

impl Checkpoint {
    /// Of an organisation whose chain is complete.
    pub const NONE: Self = Self { seq: 0, hash: GENESIS, is_genuine: true };

    pub fn seal(self, keys: &KeyRing, organisation: &OrganisationId) -> Vec<u8> {
        keys.seal(context(organisation), &self.plain())
    }

    fn plain(self) -> Vec<u8> {
        [&self.seq.to_be_bytes()[..], &self.hash].concat()
    }
}

fn context(organisation: &OrganisationId) -> SealContext<'_> {
    let (row, organisation) = (Uuid::nil(), organisation.as_str());
    SealContext { table: CHECKPOINTS, row, column: SEALED, organisation, origin: "" }
}

/// The checkpoint of an organisation, in its transaction.
pub(super) async fn find(
    connection: &mut PgConnection,
    keys: &KeyRing,
    organisation: &OrganisationId,
) -> Result<Checkpoint, Error> {
    let sql = "/* store.find_audit_checkpoint */
        select seq, hash, sealed from audit_checkpoints where organisation_id = $1";
    let row: Option<(i64, Vec<u8>, Vec<u8>)> =
        sqlx::query_as(sql).bind(organisation.as_str()).fetch_optional(connection).await?;
    let Some((seq, hash, sealed)) = row else { return Ok(Checkpoint::NONE) };
    let hash = hash.try_into().map_err(|_| Error::corrupt("audit_checkpoints", "hash"))?;
    let found = Checkpoint { seq, hash, is_genuine: true };
    let is_genuine =
        keys.open(context(organisation), &sealed).is_ok_and(|plain| *plain == found.plain());
    Ok(Checkpoint { is_genuine, ..found })
}
