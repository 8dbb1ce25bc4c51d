//! Export formats of findings, each parsed back.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use support::{Answer, App, ORGANISATION, Synced};

use super::rows::{clone_findings, execute};

const EXPORT: &str = "/v1/findings/export";

async fn export(app: &App, query: &str) -> Answer {
    app.get(&format!("{EXPORT}?{query}")).await.expect(200)
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The list's findings, in the order of an export.
async fn listed(app: &App, query: &str) -> Vec<Value> {
    let mut findings = app.findings(query).await;
    findings.sort_by_key(|finding| finding["id"].as_str().unwrap().to_owned());
    findings
}

/// RFC 4180: records end with CRLF; a quoted cell may hold anything, with its quotes doubled.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut rest = text;
    let mut record = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix('"').expect("every cell is quoted");
        let mut cell = String::new();
        loop {
            let end = rest.find('"').expect("a quoted cell ends");
            cell.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            let Some(more) = rest.strip_prefix('"') else { break };
            cell.push('"');
            rest = more;
        }
        record.push(cell);
        if let Some(next) = rest.strip_prefix("\r\n") {
            records.push(std::mem::take(&mut record));
            rest = next;
        } else {
            rest = rest.strip_prefix(',').expect("a cell ends with a comma or its record");
        }
    }
    assert!(record.is_empty(), "the last record ends with CRLF");
    records
}

/// Each record by the names of the header.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut all = records(text).into_iter();
    let header = all.next().unwrap();
    all.map(|record| {
        assert_eq!(record.len(), header.len());
        header.iter().cloned().zip(record).collect()
    })
    .collect()
}

#[support::test]
async fn jsonl_is_the_default_format_and_has_all_findings_of_the_list(Synced { app, id }: Synced) {
    let answer = export(&app, "").await;
    assert_eq!(lines(&answer), listed(&app, "").await);
    assert!(answer.text.ends_with("}\n") && lines(&answer).len() > 5);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"findings-2026-06-15.jsonl\""
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(export(&app, "format=jsonl").await.text, answer.text);
    for query in [
        format!("integration_id={id}&severity=high,critical"),
        "check_id=mfa-never-required".to_owned(),
        "state=open&q=BRUTE".to_owned(),
        "state=resolved".to_owned(),
    ] {
        assert_eq!(lines(&export(&app, &query).await), listed(&app, &query).await, "{query}");
    }
    assert_eq!(lines(&export(&app, "check_id=mfa-never-required").await).len(), 1);
}

#[support::test]
async fn csv_has_a_row_for_each_finding_and_no_formulas(Synced { app, .. }: Synced) {
    let hostile = "=HYPERLINK(\"http://x\",\"a\")\r\n;@b";
    let sql = "update findings set resource = $$=HYPERLINK(\"http://x\",\"a\")$$
        || chr(13) || chr(10) || ';@b' where check_id = 'mfa-never-required'";
    execute(&app, sql).await;
    let answer = export(&app, "format=csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(answer.header("content-disposition").ends_with("findings-2026-06-15.csv\""));
    let (rows, findings) = (table(&answer.text), listed(&app, "").await);
    assert_eq!(rows.len(), findings.len());
    for (row, finding) in rows.iter().zip(&findings) {
        for name in ["id", "asset_id", "check_id", "severity", "state", "result", "first_seen_at"] {
            assert_eq!(row[name], finding[name].as_str().unwrap(), "{name}");
        }
        let evidence: Value = serde_json::from_str(&row["evidence"]).unwrap();
        assert_eq!(evidence, finding["evidence"]);
        let call = &finding["remediation"]["api_call"];
        assert_eq!(row["api_call_path"], call["path"].as_str().unwrap_or_default());
        assert_eq!(row["stale"], "false");
        assert!(!row["tenant_domain"].is_empty() && !row["asset_name"].is_empty());
        for cell in row.values() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
        }
    }
    let mfa = rows.iter().find(|row| row["check_id"] == "mfa-never-required").unwrap();
    assert_eq!(mfa["resource"], format!("'{hostile}"));
    assert_eq!(
        (mfa["api_call_method"].as_str(), mfa["api_call_body"].as_str()),
        ("PUT", r#"["all-applications"]"#)
    );
    assert!(mfa["controls"].contains("nist_800_53 IA-2(1); "), "{}", mfa["controls"]);
}

#[support::test]
async fn ocsf_has_the_findings_of_the_list(Synced { app, .. }: Synced) {
    let findings = listed(&app, "").await;
    let id = findings[0]["id"].as_str().unwrap();
    let terms = json!({"reason": "false_positive", "rationale": "Seen to."});
    let path = format!("/v1/findings/{id}/acceptance");
    app.call(Method::PUT, &path, &[], Some(&terms)).await.expect(200);

    let answer = export(&app, "format=ocsf").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(answer.header("content-disposition").contains("findings-2026-06-15.ocsf.jsonl"));
    let events = lines(&answer);
    assert_eq!(events.len(), findings.len());
    for (event, finding) in events.iter().zip(&findings) {
        assert_eq!(
            (&event["class_uid"], &event["metadata"]["version"]),
            (&json!(2003), &json!("1.8.0"))
        );
        assert_eq!(event["finding_info"]["uid"], finding["id"]);
        assert_eq!(event["unmapped"]["stale"], finding["stale"]);
        let call = event["unmapped"]["remediation"].get("api_call").unwrap_or(&Value::Null);
        assert_eq!(call, &finding["remediation"]["api_call"]);
    }
    assert_eq!((&events[0]["status"], &events[1]["status"]), (&json!("Suppressed"), &json!("New")));
}

#[support::test]
async fn an_export_has_no_findings_of_others_and_can_be_empty(Synced { app, .. }: Synced) {
    let other = app.token("other", "viewer");
    for format in ["csv", "jsonl", "ocsf", "signal"] {
        let path = format!("{EXPORT}?format={format}");
        let answer = app.call_as(&other, Method::GET, &path, &[], None).await.expect(200);
        assert_eq!(records_or_lines(format, &answer), 0, "{}", answer.text);
        let own = app.token(ORGANISATION, "viewer");
        let answer = app.call_as(&own, Method::GET, &path, &[], None).await.expect(200);
        assert!(records_or_lines(format, &answer) > 5, "a viewer may export");
        let secret = app.form()["client_secret"].as_str().unwrap().to_owned();
        assert!(!answer.text.contains(&secret));
    }
    app.send(http::Request::get(EXPORT).body(axum::body::Body::empty()).unwrap())
        .await
        .expect_problem(401, "unauthenticated");
}

fn records_or_lines(format: &str, answer: &Answer) -> usize {
    if format == "csv" { table(&answer.text).len() } else { lines(answer).len() }
}

#[support::test]
async fn an_export_takes_the_filters_of_the_list_but_no_paging(app: App) {
    let query = "format=xml&limit=1&cursor=x&sort=severity&severity=bad&colour=red";
    let answer = app.get(&format!("{EXPORT}?{query}")).await;
    let answer = answer.expect_problem(422, "validation_failed");
    assert_eq!(answer.faults(), ["colour", "cursor", "format", "limit", "severity", "sort"]);
}

#[support::test]
async fn head_of_an_export_reads_nothing(Synced { app, .. }: Synced) {
    clone_findings(&app, 3).await;
    execute(&app, "update findings set evidence = '{}'").await;
    app.get(EXPORT).await.expect_problem(500, "internal");
    let head = app.call(Method::HEAD, &format!("{EXPORT}?format=csv"), &[], None).await.expect(200);
    assert_eq!((head.text.as_str(), head.header("content-length")), ("", ""));
    assert_eq!(head.header("content-type"), "text/csv; charset=utf-8; header=present");
    app.call(Method::HEAD, &format!("{EXPORT}?format=x"), &[], None).await.expect(422);
}
