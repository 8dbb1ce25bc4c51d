//! Readiness: the database responds, and the key ring opens what is stored. Checked continuously; the schema is checked
//! once (`preflight.rs`). The canary is a sealed value of the service's own, so that a probe opens no secret of an
//! organisation.

use uuid::Uuid;

use crate::integrations::{CURRENT, TABLE};
use crate::{CrossOrganisation, Error, SealContext, Store};

/// Number of newest secrets to try where there is no canary that opens. A single damaged one does not mean a wrong key
/// ring.
const TRIED: i64 = 5;

const CANARY: SealContext<'_> = SealContext {
    table: "key_canary",
    row: Uuid::nil(),
    column: "sealed",
    organisation: "",
    origin: "",
};
const CANARY_TEXT: &[u8] = b"canary";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    /// There are secrets, and the key ring opens neither the canary nor any of the newest.
    WrongKeys,
}

impl Store {
    /// Queries the database. Fails if it does not respond.
    pub async fn check_readiness(&self) -> Result<Readiness, Error> {
        let sql = "/* store.check_readiness */ select sealed from key_canary";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Probing).await?;
        let canary: Option<Vec<u8>> = sqlx::query_scalar(sql).fetch_optional(&mut *tx).await?;
        drop(tx);
        if canary.is_some_and(|sealed| self.keys().open(CANARY, &sealed).is_ok()) {
            return Ok(Readiness::Ready);
        }
        // None yet, damaged, or sealed with another key: the stored secrets decide.
        if !self.opens_newest_secrets().await? {
            return Ok(Readiness::WrongKeys);
        }
        self.put_canary().await?;
        Ok(Readiness::Ready)
    }

    /// Whether the key ring opens one of the newest secrets, or there are none.
    async fn opens_newest_secrets(&self) -> Result<bool, Error> {
        let sql = "/* store.check_readiness: secrets */
            select organisation_id, id, api_identifier, client_secret_sealed from integrations
            where client_secret_sealed is not null
            order by client_secret_updated_at desc limit $1";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
        let newest: Vec<(String, Uuid, String, Vec<u8>)> =
            sqlx::query_as(sql).bind(TRIED).fetch_all(&mut *tx).await?;
        let opens = |(organisation, row, origin, sealed): &(String, Uuid, String, Vec<u8>)| {
            let (table, row, column) = (TABLE, *row, CURRENT);
            let context = SealContext { table, row, column, organisation, origin };
            self.keys().open(context, sealed).is_ok()
        };
        Ok(newest.is_empty() || newest.iter().any(opens))
    }

    async fn put_canary(&self) -> Result<(), Error> {
        let sql = "/* store.put_canary */ insert into key_canary (sealed) values ($1)
            on conflict (is_only) do update set sealed = excluded.sealed";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Probing).await?;
        let sealed = self.keys().seal(CANARY, CANARY_TEXT);
        sqlx::query(sql).bind(sealed).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Seals the canary again, if another key of the ring or an older version sealed it.
    pub(crate) async fn reseal_canary(&self) -> Result<(), Error> {
        let sql = "/* store.reseal_canary */ select sealed from key_canary";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
        let canary: Option<Vec<u8>> = sqlx::query_scalar(sql).fetch_optional(&mut *tx).await?;
        drop(tx);
        let is_other = canary.is_some_and(|sealed| {
            self.keys().open(CANARY, &sealed).is_ok() && !self.keys().is_current(&sealed)
        });
        if is_other { self.put_canary().await } else { Ok(()) }
    }
}
