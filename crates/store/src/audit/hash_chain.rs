//! The hash chain of audit events, version 1: SHA-256 over the compact JSON array `["safe-auth0-audit-1",
//! organisation, seq, at in µs, subject, e-mail, address, port, action, target, outcome, request id, details,
//! previous hash]`, in UTF-8, with sorted object members.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::row::SealedEntry;

/// SHA-256.
pub type Hash = [u8; 32];

/// The previous hash of the first event.
pub const GENESIS: Hash = [0; 32];
const VERSION: &str = "safe-auth0-audit-1";

/// The position of an event in its chain.
pub(super) struct Link<'a> {
    pub organisation: &'a str,
    pub seq: i64,
    pub previous: Hash,
}

/// The hash of an event at this position.
pub(super) fn hash(link: &Link<'_>, kept: &SealedEntry) -> Hash {
    let mut fields = json!([
        VERSION,
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
    }

    #[test]
    fn every_field_and_its_place_count() {
        let base = hash(&first(), &entry());
        let changes: [fn(&mut SealedEntry); 10] = [
            |row| row.at += jiff::SignedDuration::from_micros(1),
            |row| row.actor_subject.push('x'),
            |row| row.actor_email.push('x'),
            |row| row.source_address = None,
            |row| row.source_port = Some(0),
            |row| row.action.push('x'),
            |row| row.target_id = Some(uuid::Uuid::nil()),
            |row| row.outcome.push('x'),
            |row| row.request_id.push('x'),
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
