//! Key rotation: encrypts stored secrets again with the first key of the ring while the service runs. A concurrent
//! change of a row wins. Also counts values by key. Encryption itself is in `keyring`.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::integrations::{CURRENT, NEXT, TABLE};
use crate::{CrossOrganisation, Error, KeyRing, SealContext, Store};

/// Rows read by one statement.
const ROWS_AT_ONCE: i64 = 200;
/// Attempts for a row that changes meanwhile.
const TRIES: u32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Encrypted with another key before, and now with the first one.
    pub resealed: u64,
    /// Already encrypted with the first key.
    pub fine: u64,
    /// No key of the ring decrypts them; left unchanged.
    pub unreadable: u64,
}

/// Number of values encrypted with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// None: the value has another format.
    pub key_id: Option<String>,
    pub values: u64,
}

/// A column with encrypted values, and its statements.
struct Column {
    name: &'static str,
    batch: &'static str,
    one: &'static str,
    swap: &'static str,
    uses: &'static str,
}

macro_rules! sealed_column {
    ($name:ident, $column:literal) => {
        Column {
            name: $name,
            batch: concat!(
                "/* store.reseal_in_all_organisations: batch */
                select organisation_id, id, ",
                $column,
                " from integrations
                where ",
                $column,
                " is not null and (organisation_id, id) > ($1, $2)
                order by organisation_id, id limit $3"
            ),
            one: concat!(
                "/* store.reseal_in_all_organisations: again */
                select ",
                $column,
                " from integrations where organisation_id = $1 and id = $2"
            ),
            swap: concat!(
                "/* store.reseal_in_all_organisations */
                update integrations set ",
                $column,
                " = $4
                where organisation_id = $1 and id = $2 and ",
                $column,
                " = $3"
            ),
            // Reads only the header: format, length of the key id, key id.
            uses: concat!(
                "/* store.key_uses_in_all_organisations */
                select head, count(*) from (
                    select case when octet_length(",
                $column,
                ") < 2 then ",
                $column,
                "
                        else substring(",
                $column,
                " for 2 + get_byte(",
                $column,
                ", 1)) end as head
                    from integrations where ",
                $column,
                " is not null
                ) as heads group by head"
            ),
        }
    };
}

/// All columns with encrypted values. The test `every_sealed_column_is_resealed` finds a missing one.
const COLUMNS: [Column; 2] = [
    sealed_column!(CURRENT, "client_secret_sealed"),
    sealed_column!(NEXT, "next_client_secret_sealed"),
];

struct Row {
    organisation: String,
    id: Uuid,
    sealed: Vec<u8>,
}

impl Store {
    /// Encrypts every value of all organisations that is not encrypted with the first key. Can be interrupted and run
    /// again.
    pub async fn reseal_in_all_organisations(&self) -> Result<Resealed, Error> {
        let mut outcome = Resealed::default();
        self.reseal_canary().await?;
        for column in &COLUMNS {
            let mut after = (String::new(), Uuid::nil());
            loop {
                let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
                let rows: Vec<(String, Uuid, Vec<u8>)> = sqlx::query_as(column.batch)
                    .bind(&after.0)
                    .bind(after.1)
                    .bind(ROWS_AT_ONCE)
                    .fetch_all(&mut *tx)
                    .await?;
                drop(tx);
                let Some((organisation, id, _)) = rows.last() else { break };
                after = (organisation.clone(), *id);
                for (organisation, id, sealed) in rows {
                    let row = Row { organisation, id, sealed };
                    self.reseal(column, row, &mut outcome).await?;
                }
            }
        }
        Ok(outcome)
    }

    /// Number of values by key, in all organisations. Decrypts nothing.
    pub async fn key_uses_in_all_organisations(&self) -> Result<Vec<KeyUse>, Error> {
        let mut uses: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for column in &COLUMNS {
            let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
            let heads: Vec<(Vec<u8>, i64)> =
                sqlx::query_as(column.uses).fetch_all(&mut *tx).await?;
            for (head, count) in heads {
                let key_id = KeyRing::key_id_of(&head).map(str::to_owned);
                *uses.entry(key_id).or_default() += count.unsigned_abs();
            }
        }
        Ok(uses.into_iter().map(|(key_id, values)| KeyUse { key_id, values }).collect())
    }

    async fn reseal(
        &self,
        column: &Column,
        mut row: Row,
        outcome: &mut Resealed,
    ) -> Result<(), Error> {
        let keys = self.keys();
        let place = SealContext { table: TABLE, row: row.id, column: column.name };
        for _ in 0..TRIES {
            let plain = match keys.open(place, &row.sealed) {
                Ok(plain) => plain,
                Err(why) => {
                    tracing::error!(integration_id = %row.id, column = column.name, %why,
                        "stored secret cannot be decrypted");
                    outcome.unreadable += 1;
                    return Ok(());
                }
            };
            if KeyRing::key_id_of(&row.sealed) == Some(keys.first_id()) {
                outcome.fine += 1;
                return Ok(());
            }
            let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
            let swapped = sqlx::query(column.swap)
                .bind(&row.organisation)
                .bind(row.id)
                .bind(&row.sealed)
                .bind(keys.seal(place, &plain))
                .execute(&mut *tx)
                .await?;
            if swapped.rows_affected() > 0 {
                tx.commit().await?;
                outcome.resealed += 1;
                return Ok(());
            }
            // The row changed meanwhile: its new value is checked again.
            let now: Option<Option<Vec<u8>>> = sqlx::query_scalar(column.one)
                .bind(&row.organisation)
                .bind(row.id)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(sealed) = now.flatten() else { return Ok(()) };
            row.sealed = sealed;
        }
        Err(Error::other("a secret changes faster than it can be sealed anew; run it again"))
    }
}
