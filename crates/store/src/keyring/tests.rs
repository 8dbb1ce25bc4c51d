//! The key ring refuses whatever was not sealed for exactly this place.

use super::*;

const ROW: Uuid = Uuid::from_u128(7);
const HERE: SealContext<'_> = SealContext {
    table: "integrations",
    row: ROW,
    column: "secret",
    organisation: "acme",
    origin: "https://acme.eu.auth0.com/api/v2/",
};

fn ring(ids: &[&str]) -> (KeyRing, Vec<String>) {
    let texts: Vec<String> = ids.iter().map(|id| KeyRing::generate(id).1.to_string()).collect();
    (KeyRing::parse(&texts.join(",")).unwrap(), texts)
}

#[test]
fn sealed_values_open_in_their_context_and_use_fresh_nonces() {
    let (ring, _) = ring(&["k1"]);
    let (first, second) = (ring.seal(HERE, b"s3cret"), ring.seal(HERE, b"s3cret"));
    assert_ne!(first, second);
    assert_eq!(**ring.open(HERE, &first).unwrap(), *b"s3cret");
    assert_eq!(**ring.open(HERE, &second).unwrap(), *b"s3cret");
    assert_eq!(**ring.open(HERE, &ring.seal(HERE, b"")).unwrap(), *b"");
    assert_eq!(first.len(), 2 + 2 + 12 + 6 + 16);
    assert!(!first.windows(6).any(|window| window == b"s3cret"));
}

#[test]
fn a_ciphertext_that_was_moved_is_refused() {
    let (ring, _) = ring(&["k1"]);
    let sealed = ring.seal(HERE, b"s3cret");
    for place in [
        SealContext { table: "integration", ..HERE },
        SealContext { row: Uuid::from_u128(8), ..HERE },
        SealContext { column: "next_secret", ..HERE },
        SealContext { table: "", ..HERE },
        SealContext { organisation: "globex", ..HERE },
        SealContext { origin: "https://globex.eu.auth0.com/api/v2/", ..HERE },
        SealContext { organisation: "", ..HERE },
        SealContext { origin: "", ..HERE },
    ] {
        assert_eq!(ring.open(place, &sealed), Err(DecryptError::Refused), "{place:?}");
    }
}

/// Made with another program, Python: AES-GCM with the key k1 of 32 zero bytes, a nonce of zeros, and the associated
/// data of table, row and column, each after its length.
#[test]
fn a_ciphertext_of_format_1_opens_wherever_its_row_says_the_secret_goes() {
    let ring = KeyRing::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    let sealed =
        hex::decode("01026b31000000000000000000000000bd94234f2814a9cd380cf8849d3ebf60942fd3251738")
            .unwrap();
    assert_eq!(KeyRing::header_of(&sealed), Some(Header { format: FORMAT_1, key_id: "k1" }));
    assert!(!ring.is_current(&sealed));
    for place in [HERE, SealContext { organisation: "globex", origin: "", ..HERE }] {
        assert_eq!(**ring.open(place, &sealed).unwrap(), *b"s3cret");
    }
    let moved = SealContext { row: Uuid::from_u128(8), ..HERE };
    assert_eq!(ring.open(moved, &sealed), Err(DecryptError::Refused));
    let mut renamed = sealed;
    renamed[0] = FORMAT_2;
    assert_eq!(ring.open(HERE, &renamed), Err(DecryptError::Refused));
}

#[test]
fn the_format_of_a_ciphertext_cannot_be_changed() {
    let (ring, _) = ring(&["k1"]);
    let mut sealed = ring.seal(HERE, b"s3cret");
    assert!(ring.is_current(&sealed));
    sealed[0] = FORMAT_1;
    assert_eq!(ring.open(HERE, &sealed), Err(DecryptError::Refused));
    sealed[0] = 3;
    assert_eq!(ring.open(HERE, &sealed), Err(DecryptError::Malformed));
}

#[test]
fn every_bit_and_every_length_counts() {
    let (ring, _) = ring(&["k1"]);
    let sealed = ring.seal(HERE, b"s3cret");
    for byte in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[byte] ^= 1 << bit;
            assert!(ring.open(HERE, &changed).is_err(), "bit {bit} of byte {byte}");
        }
    }
    for len in 0..sealed.len() {
        assert!(ring.open(HERE, &sealed[..len]).is_err(), "cut to {len}");
    }
    assert!(ring.open(HERE, &[&sealed[..], &[0]].concat()).is_err());
}

#[test]
fn a_rotated_ring_opens_the_old_and_seals_with_the_new() {
    let (old, old_text) = ring(&["k1"]);
    let (new, new_text) = ring(&["k2"]);
    let both = KeyRing::parse(&format!("{},{}", new_text[0], old_text[0])).unwrap();
    let sealed = old.seal(HERE, b"s3cret");
    assert_eq!(**both.open(HERE, &sealed).unwrap(), *b"s3cret");
    assert_eq!(new.open(HERE, &sealed), Err(DecryptError::UnknownKey));
    assert_eq!(**new.open(HERE, &both.seal(HERE, b"s3cret")).unwrap(), *b"s3cret");
}

#[test]
fn another_key_under_the_same_id_opens_nothing() {
    let (one, _) = ring(&["k1"]);
    let (other, _) = ring(&["k1"]);
    assert_eq!(other.open(HERE, &one.seal(HERE, b"s3cret")), Err(DecryptError::Refused));
}

#[test]
fn parsing_reports_every_fault_and_no_value() {
    let good = KeyRing::generate("a").1.to_string();
    let short = "c2hvcnQ=";
    let text = format!("{good},{good},nocolonsecret,b:n0tb@se64,c:{short},:{short}, d e:{short}");
    let error = KeyRing::parse(&text).unwrap_err();
    let nth: Vec<&str> = error.faults.iter().map(|fault| &fault[..5]).collect();
    let expected = ["key 2", "key 3", "key 4", "key 5", "key 6", "key 6", "key 7", "key 7"];
    assert_eq!(nth, expected, "{error}");
    let shown = format!("{error} {error:?}");
    for value in [&good[2..], "nocolonsecret", "n0tb@se64", short, "d e"] {
        assert!(!shown.contains(value), "{shown} shows {value}");
    }
    for nothing in ["", "  "] {
        assert_eq!(KeyRing::parse(nothing).unwrap_err().faults, ["there is no key"]);
    }
    assert!(KeyRing::parse(&format!("{good},")).is_err());
}

#[test]
fn debug_shows_ids_only() {
    let (ring, texts) = ring(&["k1", "k2"]);
    assert_eq!(format!("{ring:?}"), r#"KeyRing { ids: ["k1", "k2"], .. }"#);
    assert!(!format!("{ring:?}").contains(&texts[0][3..]));
}

#[test]
fn a_mac_depends_on_purpose_parts_and_their_borders() {
    let (ring, _) = ring(&["k1"]);
    let mac = ring.mac("idempotency", &[b"ab", b"c"]);
    assert_eq!(mac, ring.mac("idempotency", &[b"ab", b"c"]));
    assert_ne!(mac, ring.mac("idempotency", &[b"a", b"bc"]));
    assert_ne!(mac, ring.mac("other", &[b"ab", b"c"]));
    assert_ne!(mac, ring.mac("idempotency", &[b"ab", b"c", b""]));
}

#[test]
fn a_mac_survives_rotation_while_the_old_key_is_in_the_ring() {
    let (old, old_text) = ring(&["2026-11"]);
    let (new, new_text) = ring(&["2026-12"]);
    let mac = old.mac("idempotency", &[b"body"]);
    for text in
        [format!("{},{}", old_text[0], new_text[0]), format!("{},{}", new_text[0], old_text[0])]
    {
        let both = KeyRing::parse(&text).unwrap();
        assert_eq!(both.mac("idempotency", &[b"body"]), mac);
        assert!(both.verify_mac(&mac, "idempotency", &[b"body"]));
        assert!(both.verify_mac(&new.mac("idempotency", &[b"body"]), "idempotency", &[b"body"]));
        assert!(!both.verify_mac(&mac, "idempotency", &[b"other"]));
    }
}

#[test]
fn format_and_key_id_are_read_without_decrypting() {
    let (ring, _) = ring(&["k-1", "k2"]);
    let sealed = ring.seal(HERE, b"s3cret");
    let expected = Some(Header { format: FORMAT_2, key_id: "k-1" });
    assert_eq!((ring.first_id(), KeyRing::header_of(&sealed)), ("k-1", expected));
    assert_eq!(KeyRing::header_of(&sealed[..5]), expected, "the head is enough");
    assert!(ring.has("k2") && !ring.has("k3"));
    for len in 0..5 {
        assert_eq!(KeyRing::header_of(&sealed[..len]), None, "cut to {len}");
    }
    for strange in [&b"x"[..], b"\x03\x03k-1", b"\x01\x00", b"\x01\x02\xff\xfe", b"\x01\x02a b"] {
        assert_eq!(KeyRing::header_of(strange), None, "{strange:?}");
    }
}
