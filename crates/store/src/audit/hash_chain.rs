//! The hash chain of audit events, version 1: SHA-256 over the compact JSON array `["safe-auth0-audit-1",
//! organisation, seq, at in µs, subject, e-mail, address, port, action, target, outcome, request id, details,
//! previous hash]`, in UTF-8, with sorted object members. An event with a request id of the service's own, beside that of
//! the client, has version 2: `safe-auth0-audit-2`, and that id after the request id.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::row::SealedEntry;

/// SHA-256.
pub type Hash = [u8; 32];

/// The previous hash of the first event.
pub const GENESIS: Hash = [0; 32];
const VERSION_1: &str = "safe-auth0-audit-1";
const VERSION_2: &str = "safe-auth0-audit-2";

/// Position of the request id in the array.
const REQUEST_ID_AT: usize = 11;

/// The position of an event in its chain.
pub(super) struct Link<'a> {
    pub organisation: &'a str,
    pub seq: i64,
    pub previous: Hash,
}

/// The hash of an event at this position.
pub(super) fn hash(link: &Link<'_>, kept: &SealedEntry) -> Hash {
    let mut fields = json!([
        if kept.own_request_id.is_some() { VERSION_2 } else { VERSION_1 },
        link.organisation,
        link.seq,
        kept.at.as_microsecond(),
        kept.actor_subject,
        kept.actor_email,
        kept.source_address.map(|ip| ip.to_string()),
        kept.source_port,
        kept.action,
        kept.target_id,
        kept.outcome,
        kept.request_id,
        kept.details,
        hex::encode(link.previous),
    ]);
    if let (Some(own), Some(fields)) = (&kept.own_request_id, fields.as_array_mut()) {
        fields.insert(REQUEST_ID_AT + 1, json!(own));
    }
    fields.sort_all_objects();
    let hash = digest(&SHA256, fields.to_string().as_bytes());
    let mut bytes = GENESIS;
    bytes.copy_from_slice(hash.as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> SealedEntry {
        SealedEntry {
            at: "2026-06-15T12:00:00.000001Z".parse().unwrap(),
            actor_subject: "user|1".into(),
            actor_email: "ada@acme.example".into(),
            source_address: Some("2001:db8::1".parse().unwrap()),
            source_port: Some(4711),
            action: "create_integration".into(),
            target_id: None,
            outcome: "done".into(),
            request_id: "r-1".into(),
            own_request_id: None,
            details: json!({"b": 1, "a": {"d": "ü\n", "c": null}}),
        }
    }

    fn first() -> Link<'static> {
        Link { organisation: "acme", seq: 1, previous: GENESIS }
    }

    /// Made with another program, Python: the SHA-256 of `json.dumps([…], sort_keys=True,
    /// ensure_ascii=False, separators=(",", ":"))` in UTF-8.
    #[test]
    fn the_encoding_is_the_documented_one() {
        let expected = "3df19ac4009ab8caebdc344a382e14205b1bac5741409ba0e155d0f8256949bc";
        assert_eq!(hex::encode(hash(&first(), &entry())), expected);
        let with_own = SealedEntry { own_request_id: Some("own-1".into()), ..entry() };
        let expected = "c204b64e4583f6f13db32129311552d33bc7d087e670d5ad0cc4b374a386553a";
        assert_eq!(hex::encode(hash(&first(), &with_own)), expected);
    }

    #[test]
    fn every_field_and_its_place_count() {
        let base = hash(&first(), &entry());
        let changes: [fn(&mut SealedEntry); 12] = [
            |row| row.at += jiff::SignedDuration::from_micros(1),
            |row| row.actor_subject.push('x'),
            |row| row.actor_email.push('x'),
            |row| row.source_address = None,
            |row| row.source_port = Some(0),
            |row| row.action.push('x'),
            |row| row.target_id = Some(uuid::Uuid::nil()),
            |row| row.outcome.push('x'),
            |row| row.request_id.push('x'),
            |row| row.own_request_id = Some(String::new()),
            |row| row.own_request_id = Some("r-1".into()),
            |row| row.details = json!({"b": 1, "a": {"d": "ü\n"}}),
        ];
        for change in changes {
            let mut row = entry();
            change(&mut row);
            assert_ne!(hash(&first(), &row), base);
        }
        for other in [
            Link { organisation: "acmf", ..first() },
            Link { seq: 2, ..first() },
            Link { previous: [1; 32], ..first() },
        ] {
            assert_ne!(hash(&other, &entry()), base);
        }
    }
}
