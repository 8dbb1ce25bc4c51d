//! Readiness: the database responds, and the key ring decrypts its secrets. Checked continuously; the schema is
//! checked once (`preflight.rs`).

use uuid::Uuid;

use crate::integrations::{CURRENT, TABLE};
use crate::{CrossOrganisation, Error, SealContext, Store};

/// Number of newest secrets to try. A single damaged one does not mean a wrong key ring.
const TRIED: i64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    /// There are secrets, and the key ring decrypts none of the newest.
    WrongKeys,
}

impl Store {
    /// Queries the database. Fails if it does not respond.
    pub async fn check_readiness(&self) -> Result<Readiness, Error> {
        let sql = "/* store.check_readiness */
            select id, client_secret_sealed from integrations
            where client_secret_sealed is not null
            order by client_secret_updated_at desc limit $1";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
        let newest: Vec<(Uuid, Vec<u8>)> =
            sqlx::query_as(sql).bind(TRIED).fetch_all(&mut *tx).await?;
        let opens = |(row, sealed): &(Uuid, Vec<u8>)| {
            self.keys()
                .open(SealContext { table: TABLE, row: *row, column: CURRENT }, sealed)
                .is_ok()
        };
        let is_ready = newest.is_empty() || newest.iter().any(opens);
        Ok(if is_ready { Readiness::Ready } else { Readiness::WrongKeys })
    }
}
