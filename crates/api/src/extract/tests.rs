//! The grammars of headers, query, JSON and ids.

use engine::ExpectedVersion;
use http::HeaderMap;
use proptest::prelude::*;
use std::time::Duration;

use super::etag::{Tags, parse as parse_tags};
use super::headers::{idempotency_key, prefer_wait};
use super::json;
use super::query::Parameters;
use super::*;
use crate::problem::ApiError;

fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, value.parse().unwrap());
    }
    headers
}

fn if_match(values: &[&str]) -> Option<Result<ExpectedVersion, ()>> {
    let read = parse_tags(&headers("if-match", values), "if-match")?;
    Some(read.map(Tags::into_expected))
}

#[test]
fn if_match_takes_a_list_and_a_star() {
    let versions = |list: &[i64]| Some(Ok(ExpectedVersion::OneOf(list.to_vec())));
    assert_eq!(if_match(&[]), None);
    assert_eq!(if_match(&["*"]), Some(Ok(ExpectedVersion::Any)));
    assert_eq!(if_match(&[r#""3""#]), versions(&[3]));
    assert_eq!(if_match(&[r#""3", "5" ,"x,y""#]), versions(&[3, 5]));
    assert_eq!(if_match(&[r#""3""#, r#""4""#]), versions(&[3, 4]));
    // Weak tags and what we never wrote match nothing.
    assert_eq!(if_match(&[r#"W/"3""#]), versions(&[]));
    assert_eq!(if_match(&[r#""+3", "03", """#]), versions(&[]));
    for bad in ["", ",", "3", r#""3"#, r#"w/"3""#, r#""3" "4""#, r#"*, "3""#] {
        assert_eq!(if_match(&[bad]), Some(Err(())), "{bad}");
    }
}

#[test]
fn if_none_match_compares_weakly() {
    let tags = |text: &str| parse_tags(&headers("if-none-match", &[text]), "if-none-match");
    let matches = |text: &str| matches_none(tags(text).unwrap().ok().as_ref(), "3");
    assert!(matches(r#""3""#) && matches(r#"W/"3""#) && matches("*"));
    assert!(!matches(r#""4""#) && !matches_none(None, "3"));
}

#[test]
fn idempotency_keys_are_visible_ascii() {
    let key = |values: &[&str]| idempotency_key(&headers("idempotency-key", values));
    assert_eq!(key(&[]), Ok(None));
    assert_eq!(key(&["a-1"]), Ok(Some("a-1".into())));
    assert!(key(&[&"k".repeat(255)]).is_ok() && key(&[&"k".repeat(256)]).is_err());
    for bad in [&[""][..], &["two words"], &["a", "b"], &["é"]] {
        assert!(key(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_wait_is_read_and_capped() {
    let wait = |values: &[&str]| prefer_wait(&headers("prefer", values));
    let seconds = |n| Ok(Some(Duration::from_secs(n)));
    assert_eq!(wait(&[]), Ok(None));
    assert_eq!(wait(&["respond-async"]), Ok(None));
    assert_eq!(wait(&["wait=7"]), seconds(7));
    assert_eq!(wait(&["respond-async, Wait = \"10\"; x=y"]), seconds(10));
    assert_eq!(wait(&["return=minimal", "wait=3"]), seconds(3));
    assert_eq!(wait(&["wait=61"]), seconds(60));
    assert_eq!(wait(&["wait=99999999999999999999999"]), seconds(60));
    for bad in ["wait", "wait=", "wait=soon", "wait=-1", "wait=1.5"] {
        assert!(wait(&[bad]).is_err(), "{bad}");
    }
}

#[test]
fn equal_json_has_one_canonical_text() {
    let one = json::parse(br#"{"b": [1, {"y": null, "x": "\u00e9"}], "a": true}"#).unwrap();
    let two = json::parse(r#"{"a":true,"b":[1,{"x":"é","y":null}]}"#.as_bytes()).unwrap();
    assert_eq!(json::canonical(&one), json::canonical(&two));
    assert_eq!(*json::canonical(&one), r#"{"a":true,"b":[1,{"x":"é","y":null}]}"#);
}

#[test]
fn broken_json_is_not_quoted() {
    for (text, word) in [
        (&b"{\"client_secret\": \"hunter2\""[..], "is not JSON"),
        (b"{\"hunter2\": 1, \"hunter2\": 2}", "twice"),
        (b"{\"a\": [{\"hunter2\": 1, \"hunter2\": 2}]}", "twice"),
        (b"\xff", "UTF-8"),
        (b"1e999", "is not JSON"),
        (b"{} {}", "is not JSON"),
    ] {
        let detail = json::parse(text).unwrap_err();
        assert!(detail.contains(word) && !detail.contains("hunter2"), "{detail}");
    }
}

proptest! {
    #[test]
    fn parsers_never_panic(text in "[ -~]{0,60}", bytes: Vec<u8>) {
        let _ = if_match(&[&text]);
        let _ = prefer_wait(&headers("prefer", &[&text]));
        let _ = idempotency_key(&headers("idempotency-key", &[&text]));
        let _ = json::parse(&bytes);
        let _ = Parameters::parse(&text);
    }

    #[test]
    fn parsed_json_round_trips(text in "\\PC{0,20}", number: i64) {
        let value = serde_json::json!({"k": [text, number, {"x": null}]});
        prop_assert_eq!(json::parse(value.to_string().as_bytes()), Ok(value.clone()));
        let canonical = json::canonical(&value);
        prop_assert_eq!(json::parse(canonical.as_bytes()), Ok(value));
    }
}

#[test]
fn a_query_has_at_most_a_hundred_parameters_each_known_and_each_once() {
    let query = |text: &str| {
        let mut parameters = Parameters::parse(text);
        parameters.get("known");
        let unreadable = parameters.unreadable().map(|(name, _)| name.to_owned());
        let faults = parameters.faults().into_iter().map(|(name, _)| name);
        (unreadable.collect::<Vec<_>>(), faults.collect::<Vec<_>>())
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(query("known=a%20b"), (none.clone(), none.clone()));
    assert_eq!(
        query("known=1&known=2&x=1&y&x=2"),
        (none.clone(), ["known", "x", "y"].map(String::from).into())
    );
    assert_eq!(query("known=%zz&a%=1&b=%ff").0, ["known", "a%", "b"]);
    let many = (0..16_000).map(|n| format!("x{n}")).collect::<Vec<_>>().join("&");
    let (_, faults) = query(&many);
    assert_eq!((faults.len(), faults.last().unwrap().as_str()), (101, "x100"));
}

#[tokio::test]
async fn a_body_that_ends_early_is_named_once() {
    let pieces = [Ok(bytes::Bytes::from_static(b"{")), Err(std::io::Error::other("reset"))];
    let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
    let error = body::read(&HeaderMap::new(), body).await.unwrap_err();
    let ApiError::Malformed(faults) = error else { panic!("{error:?}") };
    assert_eq!(faults.to_string(), "the body ended before it was complete");
}

#[test]
fn an_id_has_one_spelling() {
    let id = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
    assert!(domain::SyncId::read(id).is_some());
    let spellings =
        [id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}"), "x".into()];
    for other in spellings {
        assert!(domain::SyncId::read(&other).is_none(), "{other}");
    }
}
