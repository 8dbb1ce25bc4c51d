//! Every form of a secret goes, and what is around it stays.

use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;
use url::form_urlencoded::byte_serialize;

use super::*;

/// With characters that every form writes otherwise.
const SECRET: &str = "s3c/r\"t \u{e9}?>~\\x";

fn scrubbed(text: &str) -> String {
    without(text, SECRET, "[gone]")
}

fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let percent = |byte: &u8| format!("%{byte:02X}");
    let json = serde_json::to_string(secret).unwrap();
    let unit = |unit: u16| format!("\\u{unit:04x}");
    vec![
        secret.to_owned(),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        STANDARD.encode(bytes).replace('/', "%2F").replace('+', "%2b"),
        STANDARD.encode(format!("our-client:{secret}")),
        URL_SAFE_NO_PAD.encode(format!("client_id=x&client_secret={secret}&audience=y")),
        byte_serialize(bytes).collect(),
        bytes.iter().map(percent).collect(),
        bytes.iter().map(percent).collect::<String>().to_lowercase(),
        secret.replace('/', "%2F"),
        hex::encode(bytes),
        hex::encode_upper(bytes),
        json[1..json.len() - 1].to_owned(),
        secret.encode_utf16().map(unit).collect(),
        secret.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/"),
    ]
}

#[test]
fn every_encoding_is_redacted_anywhere() {
    for form in forms(SECRET) {
        for (before, after) in [("", ""), ("it is '", "', no?"), ("<", ">"), ("a (", ") twice")] {
            let shown = scrubbed(&format!("{before}{form}{after}"));
            let bare: String = shown.replace("[gone]", "");
            let rest = bare.trim_matches(|c| before.contains(c) || after.contains(c));
            assert!(shown.contains("[gone]"), "{form}: {shown}");
            assert!(rest.trim_matches(['=', '%', '3', 'D', 'd']).len() < 8, "{form}: {shown}");
        }
        assert_eq!(scrubbed(&format!("{form} {form}")).matches("[gone]").count(), 2, "{form}");
    }
}

#[test]
fn text_around_a_secret_is_kept() {
    let hex = hex::encode(SECRET);
    assert_eq!(
        scrubbed(&format!("unknown client (secret {hex})")),
        "unknown client (secret [gone])"
    );
    let basic = STANDARD.encode(format!("our-client:{SECRET}"));
    assert_eq!(scrubbed(&format!("Basic {basic} is wrong")), "Basic [gone] is wrong");
    for text in
        ["", "Service not found: https://acme.eu.auth0.com/api/v2/", "\u{e9}\u{1F600} %zz \\u12"]
    {
        assert_eq!(scrubbed(text), text);
    }
}

#[test]
fn a_short_secret_does_not_redact_ordinary_words() {
    assert_eq!(without("client of a tenant 616263", "abc", "-"), "client of a tenant -");
    assert_eq!(without("a YWI tenant", "ab", "-"), "a YWI tenant");
}

proptest! {
    #[test]
    fn no_form_of_any_secret_shows(before in "\\PC{0,40}", secret in "\\PC{8,60}", after in "\\PC{0,40}") {
        for form in forms(&secret) {
            let shown = without(&format!("{before} {form} {after}"), &secret, "\u{0}");
            prop_assert!(!shown.contains(&form), "{form:?} in {shown:?}");
        }
    }
}
