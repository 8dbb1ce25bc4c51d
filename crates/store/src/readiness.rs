//! Whether this process can serve from this database now: it answers, and the key ring is the one that
//! seals here. Asked again and again; whether the schema fits is asked once (`preflight.rs`).

use uuid::Uuid;

use crate::integrations::{CURRENT, TABLE};
use crate::{CrossOrganisation, Error, SealContext, Store};

/// How many of the secrets that were set last are tried: one that was damaged is no fault of the ring.
const TRIED: i64 = 5;

/// Whether requests can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// They can.
    Ready,
    /// There are secrets, and the key ring opens none of those that were set last.
    WrongKeys,
}

impl Store {
    /// Looks into the database. An error when it does not answer.
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
