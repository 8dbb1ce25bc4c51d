//! Key rotation: encrypts stored secrets again with the first key of the ring, in the current format, while the service
//! runs. A concurrent change of a row wins. Also counts values by key and format. Encryption itself is in `keyring`.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::audit::{CHECKPOINTS, SEALED};
use crate::integrations::{CURRENT, NEXT, TABLE};
use crate::{CrossOrganisation, Error, KeyRing, SealContext, Store};

/// Rows read by one statement.
const ROWS_AT_ONCE: i64 = 200;
/// Attempts for a row that changes meanwhile.
const TRIES: u32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Encrypted with another key or in an older format before, and now with the first key in the current one.
    pub resealed: u64,
    /// Already encrypted so.
    pub fine: u64,
    /// No key of the ring decrypts them; left unchanged.
    pub unreadable: u64,
}

/// Number of values encrypted with one key in one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// Key id and format. None: neither can be read.
    pub header: Option<(String, u8)>,
    pub values: u64,
}

/// A column with encrypted values, and its statements.
struct Column {
    table: &'static str,
    name: &'static str,
    batch: &'static str,
    one: &'static str,
    swap: &'static str,
    uses: &'static str,
}

macro_rules! sealed_column {
    ($table:ident . $name:ident: $from:literal . $column:literal, id $id:literal, origin $origin:literal) => {
        Column {
            table: $table,
            name: $name,
            batch: concat!(
                "/* store.reseal_in_all_organisations: batch */
                select organisation_id, ",
                $id,
                ", ",
                $origin,
                ", ",
                $column,
                " from ",
                $from,
                " where ",
                $column,
                " is not null and (organisation_id, ",
                $id,
                ") > ($1, $2) order by 1, 2 limit $3"
            ),
            one: concat!(
                "/* store.reseal_in_all_organisations: again */
                select ",
                $origin,
                ", ",
                $column,
                " from ",
                $from,
                " where ",
                $column,
                " is not null and organisation_id = $1 and ",
                $id,
                " = $2"
            ),
            swap: concat!(
                "/* store.reseal_in_all_organisations */
                update ",
                $from,
                " set ",
                $column,
                " = $4 where organisation_id = $1 and ",
                $id,
                " = $2 and ",
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
                " else substring(",
                $column,
                " for 2 + get_byte(",
                $column,
                ", 1)) end as head from ",
                $from,
                " where ",
                $column,
                " is not null) as heads group by head"
            ),
        }
    };
}

/// All columns with encrypted values. The test `every_sealed_column_is_resealed` finds a missing one.
const COLUMNS: [Column; 3] = [
    sealed_column!(TABLE.CURRENT: "integrations"."client_secret_sealed", id "id", origin "api_identifier"),
    sealed_column!(TABLE.NEXT: "integrations"."next_client_secret_sealed", id "id", origin "api_identifier"),
    sealed_column!(CHECKPOINTS.SEALED: "audit_checkpoints"."sealed",
        id "'00000000-0000-0000-0000-000000000000'::uuid", origin "''"),
];

struct Row {
    organisation: String,
    id: Uuid,
    origin: String,
    sealed: Vec<u8>,
}

impl Row {
    fn context(&self, column: &Column) -> SealContext<'_> {
        let Column { table, name: column, .. } = *column;
        let (row, organisation, origin) = (self.id, &*self.organisation, &*self.origin);
        SealContext { table, row, column, organisation, origin }
    }
}

impl Store {
    /// Encrypts every value of all organisations that is not encrypted with the first key in the current format. Can be
    /// interrupted and run again.
    pub async fn reseal_in_all_organisations(&self) -> Result<Resealed, Error> {
        let mut outcome = Resealed::default();
        self.reseal_canary().await?;
        for column in &COLUMNS {
            let mut after = (String::new(), Uuid::nil());
            loop {
                let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
                let rows: Vec<(String, Uuid, String, Vec<u8>)> = sqlx::query_as(column.batch)
                    .bind(&after.0)
                    .bind(after.1)
                    .bind(ROWS_AT_ONCE)
                    .fetch_all(&mut *tx)
                    .await?;
                drop(tx);
                let Some((organisation, id, ..)) = rows.last() else { break };
                after = (organisation.clone(), *id);
                for (organisation, id, origin, sealed) in rows {
                    let row = Row { organisation, id, origin, sealed };
                    self.reseal(column, row, &mut outcome).await?;
                }
            }
        }
        Ok(outcome)
    }

    /// Number of values by key and format, in all organisations. Decrypts nothing.
    pub async fn key_uses_in_all_organisations(&self) -> Result<Vec<KeyUse>, Error> {
        let mut uses: BTreeMap<Option<(String, u8)>, u64> = BTreeMap::new();
        for column in &COLUMNS {
            let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
            let heads: Vec<(Vec<u8>, i64)> =
                sqlx::query_as(column.uses).fetch_all(&mut *tx).await?;
            for (head, count) in heads {
                let header = KeyRing::header_of(&head);
                let header = header.map(|header| (header.key_id.to_owned(), header.format));
                *uses.entry(header).or_default() += count.unsigned_abs();
            }
        }
        Ok(uses.into_iter().map(|(header, values)| KeyUse { header, values }).collect())
    }

    async fn reseal(
        &self,
        column: &Column,
        mut row: Row,
        outcome: &mut Resealed,
    ) -> Result<(), Error> {
        let keys = self.keys();
        for _ in 0..TRIES {
            let plain = match keys.open(row.context(column), &row.sealed) {
                Ok(plain) => plain,
                Err(why) => {
                    tracing::error!(organisation = row.organisation, table = column.table, row = %row.id,
                        column = column.name, %why, "stored value cannot be decrypted");
                    outcome.unreadable += 1;
                    return Ok(());
                }
            };
            if keys.is_current(&row.sealed) {
                outcome.fine += 1;
                return Ok(());
            }
            let mut tx = self.begin_cross_organisation(CrossOrganisation::Resealing).await?;
            let swapped = sqlx::query(column.swap)
                .bind(&row.organisation)
                .bind(row.id)
                .bind(&row.sealed)
                .bind(keys.seal(row.context(column), &plain))
                .execute(&mut *tx)
                .await?;
            if swapped.rows_affected() > 0 {
                tx.commit().await?;
                outcome.resealed += 1;
                return Ok(());
            }
            // The row changed meanwhile: its new value is checked again.
            let now: Option<(String, Vec<u8>)> = sqlx::query_as(column.one)
                .bind(&row.organisation)
                .bind(row.id)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(changed) = now else { return Ok(()) };
            (row.origin, row.sealed) = changed;
        }
        Err(Error::other("a secret changes faster than it can be sealed anew; run it again"))
    }
}
