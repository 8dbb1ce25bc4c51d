//! Lists are read to their end or not at all.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const CHECKPOINT: List = List { style: PagingScheme::Checkpoint, key: "clients" };
const OFFSET: List = List { style: PagingScheme::Offset, key: "rules" };

fn kind(list: List) -> ReadingKind {
    if list.key == CHECKPOINT.key { ReadingKind::Clients } else { ReadingKind::Rules }
}

fn pages(list: List) -> Pages {
    Pages::new(kind(list), list, ReadMode::Whole)
}

fn objects(id: &str, ids: std::ops::Range<usize>) -> Vec<Value> {
    ids.map(|n| json!({ id: n.to_string() })).collect()
}

fn rules(ids: std::ops::Range<usize>, total: usize) -> Value {
    json!({"start": 0, "limit": 100, "total": total, "rules": objects("id", ids)})
}

fn add(pages: &mut Pages, body: Value) -> Result<bool, PageFault> {
    pages.add(body, 100, &Limits::default())
}

fn reason(unread: Result<bool, PageFault>) -> UnknownReason {
    let PageFault::Unread((reason, _)) = unread.unwrap_err() else { panic!("changed") };
    reason
}

fn asked(pages: &Pages) -> String {
    let query = pages.query().into_iter().map(|(name, value)| format!("{name}={value}"));
    query.collect::<Vec<_>>().join("&")
}

#[test]
fn checkpoints_are_followed_to_the_page_without_one() {
    let mut list = pages(CHECKPOINT);
    assert_eq!(asked(&list), "take=100");
    let first = json!({"clients": objects("client_id", 0..50), "next": "after=50&x"});
    assert_eq!(add(&mut list, first), Ok(true));
    assert_eq!(asked(&list), "take=100&from=after=50&x");
    for mut page in [json!({}), json!({"next": null}), json!({"next": ""})] {
        page["clients"] = json!([{"client_id": "1"}]);
        assert_eq!(add(&mut pages(CHECKPOINT), page), Ok(false));
    }
}

#[test]
fn pages_left_are_known_by_the_total_and_the_length_of_a_page() {
    // Total, objects of the first page, and the pages left.
    for (total, read, left) in
        [(60, 50, 1..2), (450, 100, 1..5), (450, 50, 1..9), (7, 7, 1..1), (5000, 2, 1..10)]
    {
        let mut list = pages(OFFSET);
        let _ = list.add(
            rules(0..read, total),
            100,
            &Limits { list_objects: 9000, ..Limits::default() },
        );
        let queries: Vec<_> =
            list.queries_left(20).into_iter().map(|query| query[0].1.clone()).collect();
        assert_eq!(
            queries,
            left.map(|page: u32| page.to_string()).collect::<Vec<_>>(),
            "{total} {read}"
        );
    }
    assert!(pages(OFFSET).queries_left(20).is_empty(), "before the first page");
    let mut list = pages(CHECKPOINT);
    let first = json!({"clients": objects("client_id", 0..50), "next": "x", "total": 500});
    assert_eq!(add(&mut list, first), Ok(true));
    assert!(list.queries_left(20).is_empty(), "each page names the next");
}

#[test]
fn offsets_go_on_until_everything_that_was_announced_is_there() {
    let mut list = pages(OFFSET);
    assert_eq!(asked(&list), "page=0&per_page=100&include_totals=true");
    assert_eq!(add(&mut list, rules(0..50, 60)), Ok(true));
    assert_eq!(asked(&list), "page=1&per_page=100&include_totals=true");
    assert_eq!(add(&mut list, rules(50..60, 60)), Ok(false));
    assert_eq!(list.into_body().as_array().unwrap().len(), 60);
    // A tenant that gives less than was asked for in one page.
    let mut list = pages(OFFSET);
    assert_eq!(add(&mut list, rules(0..25, 30)), Ok(true));
    assert_eq!(add(&mut list, rules(25..30, 30)), Ok(false));
    let always = List { style: PagingScheme::OffsetAlwaysTotals, ..OFFSET };
    assert_eq!(asked(&pages(always)), "page=0&per_page=100");
    assert_eq!(add(&mut pages(OFFSET), rules(0..0, 0)), Ok(false));
}

#[test]
fn a_bare_array_has_ended_when_nothing_new_comes() {
    let mut list = pages(OFFSET);
    assert_eq!(add(&mut list, json!(objects("id", 0..50))), Ok(true));
    assert_eq!(add(&mut list, json!(objects("id", 0..50))), Ok(false));
    assert_eq!(list.into_body().as_array().unwrap().len(), 50);
    assert_eq!(add(&mut pages(CHECKPOINT), json!(objects("client_id", 0..3))), Ok(false));
    // It does not say how it goes on.
    let full = add(&mut pages(CHECKPOINT), json!(objects("client_id", 0..50)));
    assert_eq!(reason(full), UnknownReason::NotUnderstood);
}

#[test]
fn duplicate_objects_are_kept_once() {
    let mut list = pages(CHECKPOINT);
    let first = json!({"clients": objects("client_id", 0..50), "next": "x"});
    assert_eq!(add(&mut list, first), Ok(true));
    let second = json!({"clients": objects("client_id", 49..70)});
    assert_eq!(add(&mut list, second), Ok(false));
    assert_eq!(list.into_body(), json!(objects("client_id", 0..70)));
    let mut list = pages(OFFSET);
    let without_ids = json!({"rules": [{"name": "a"}, {"name": "a"}], "total": 2});
    assert_eq!(add(&mut list, without_ids), Ok(false));
    assert_eq!(list.into_body().as_array().unwrap().len(), 2);
}

#[test]
fn a_list_of_objects_without_ids_ends_when_nothing_new_comes() {
    let named = |names: std::ops::Range<usize>| -> Value {
        names.map(|n| json!({"name": n.to_string()})).collect()
    };
    let mut list = pages(OFFSET);
    assert_eq!(add(&mut list, named(0..50)), Ok(true));
    assert_eq!(add(&mut list, named(50..60)), Ok(true));
    assert_eq!(add(&mut list, named(50..60)), Ok(false));
    assert_eq!(list.into_body(), named(0..60));
    // A tenant that gives the same page endlessly, whatever it is asked for.
    for total in [60, 9] {
        let mut list = pages(OFFSET);
        let page = || json!({"rules": named(0..5), "total": total});
        assert_eq!(add(&mut list, page()), Ok(true));
        assert_eq!(reason(add(&mut list, page())), UnknownReason::Truncated, "{total}");
    }
    let mut list = pages(CHECKPOINT);
    let page = |next: &str| json!({"clients": named(0..5), "next": next});
    assert_eq!(add(&mut list, page("a")), Ok(true));
    assert_eq!(reason(add(&mut list, page("b"))), UnknownReason::Truncated);
}

#[test]
fn a_list_whose_total_changes_may_have_hidden_an_object() {
    for (second, total) in [(51..70, 69), (49..70, 71), (0..0, 70)] {
        let mut list = pages(OFFSET);
        add(&mut list, rules(0..50, 70)).unwrap();
        assert_eq!(add(&mut list, rules(second, total)), Err(PageFault::Changed), "{total}");
    }
}

#[test]
fn each_limit_is_named_and_makes_the_list_unreadable() {
    let capped = |limits: Limits, bytes| {
        let mut list = pages(CHECKPOINT);
        let page = json!({"clients": objects("client_id", 0..2), "next": "x"});
        match list.add(page, bytes, &limits) {
            Ok(_) => String::new(),
            Err(PageFault::Changed) => "changed".to_owned(),
            Err(PageFault::Unread((reason, message))) => {
                assert_eq!(reason, UnknownReason::Truncated);
                message
            }
        }
    };
    let limits = Limits::default;
    assert!(capped(Limits { list_objects: 2, ..limits() }, 9).contains("list_objects"));
    assert!(capped(Limits { list_pages: 1, ..limits() }, 9).contains("list_pages"));
    assert!(capped(Limits { list_bytes: 8, ..limits() }, 9).contains("list_bytes"));
    assert_eq!(capped(Limits { list_objects: 3, list_pages: 2, list_bytes: 9, ..limits() }, 9), "");
    // A list that says at once that it is too long costs one call.
    assert_eq!(reason(add(&mut pages(OFFSET), rules(0..50, 5_001))), UnknownReason::Truncated);
    assert_eq!(add(&mut pages(OFFSET), rules(0..50, 5_000)), Ok(true));
    // Exactly as long as is read.
    let mut list = pages(OFFSET);
    let exact = Limits { list_objects: 2, list_pages: 1, ..limits() };
    assert_eq!(list.add(rules(0..2, 2), 9, &exact), Ok(false));
    assert!(page_too_long(&limits()).1.contains("page_body_bytes"));
}

#[test]
fn a_probe_reads_only_the_first_page() {
    let mut list = Pages::new(ReadingKind::Rules, OFFSET, ReadMode::FirstPage);
    assert_eq!(add(&mut list, rules(0..50, 9_000)), Ok(false));
}

#[test]
fn another_shape_is_not_understood() {
    for body in [json!({}), json!({"rules": {}}), json!(null), json!("x"), json!({"hooks": []})] {
        assert_eq!(reason(add(&mut pages(OFFSET), body)), UnknownReason::NotUnderstood);
    }
}

proptest! {
    #[test]
    fn every_object_of_a_faithful_tenant_is_read_once(count in 0..400usize, give in 1..=50usize) {
        for list in [CHECKPOINT, OFFSET] {
            let id = kind(list).identified_by().unwrap();
            let mut pages = pages(list);
            let mut start = 0;
            loop {
                let end = (start + give).min(count);
                let mut page = json!({ list.key: objects(id, start..end) });
                match list.style {
                    PagingScheme::Checkpoint if end < count => page["next"] = json!(end.to_string()),
                    PagingScheme::Checkpoint => {}
                    _ => page["total"] = json!(count),
                }
                start = end;
                if !pages.add(page, 1, &Limits { list_pages: 1000, ..Limits::default() }).unwrap() {
                    break;
                }
            }
            prop_assert_eq!(pages.into_body(), json!(objects(id, 0..count)));
        }
    }
}
