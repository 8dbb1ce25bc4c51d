//! Each answer of the Management API has its meaning.

use super::*;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::json;

fn answer(status: u16, body: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap();
    let body = Ok(body.as_bytes().to_vec());
    Answer { status, headers: HeaderMap::new(), body, ends_with_connection: false }
}

fn verdict(kind: ReadingKind, status: u16, body: &str) -> Verdict {
    of_answer(kind, &answer(status, body), &["hunter2"])
}

fn reason(verdict: &Verdict) -> Option<UnknownReason> {
    let Verdict::Over(outcome) = verdict else { return None };
    match outcome.as_ref() {
        Outcome::Unreadable { reason, .. } | Outcome::NotOffered { reason, .. } => Some(*reason),
        Outcome::Read(_) => None,
    }
}

fn is(verdict: &Verdict, wanted: impl Fn(&Outcome) -> bool) -> bool {
    matches!(verdict, Verdict::Over(outcome) if wanted(outcome))
}

#[test]
fn each_status_has_its_outcome() {
    let kind = ReadingKind::BruteForceProtection;
    for (status, expected) in [
        (301, UnknownReason::NotUnderstood),
        (302, UnknownReason::NotUnderstood),
        (402, UnknownReason::PlanUnavailable),
        (403, UnknownReason::Forbidden),
        (404, UnknownReason::NotSupported),
        (204, UnknownReason::NotUnderstood),
    ] {
        assert_eq!(reason(&verdict(kind, status, "")), Some(expected), "{status}");
    }
    assert!(matches!(verdict(kind, 401, ""), Verdict::Unauthorised(_)));
    let by_auth0 = r#"{"statusCode":400,"error":"Bad Request","message":"no"}"#;
    for status in [400, 405, 410, 422] {
        assert!(matches!(verdict(kind, status, by_auth0), Verdict::Refused(_)), "{status}");
        let on_the_way = verdict(kind, status, "<html>");
        assert_eq!(reason(&on_the_way), Some(UnknownReason::ApiError), "{status}");
    }
    assert!(matches!(verdict(kind, 408, ""), Verdict::Again(UnknownReason::TimedOut, _)));
    assert_eq!(verdict(kind, 429, ""), Verdict::Limited);
    for status in [500, 502, 503, 599] {
        assert!(matches!(
            verdict(kind, status, "<html>"),
            Verdict::Again(UnknownReason::ApiError, _)
        ));
    }
}

#[test]
fn a_body_is_read_or_not_understood() {
    let kind = ReadingKind::MfaPolicies;
    assert_eq!(verdict(kind, 200, "[]"), Verdict::Body(json!([])));
    assert!(matches!(decoded(kind, json!([])), Outcome::Read(_)));
    for body in ["<html>", "", "["] {
        assert_eq!(reason(&verdict(kind, 200, body)), Some(UnknownReason::NotUnderstood), "{body}");
    }
    for body in [json!({}), json!(3), json!(null)] {
        let is_misfit = matches!(
            decoded(kind, body),
            Outcome::Unreadable { reason: UnknownReason::NotUnderstood, .. }
        );
        assert!(is_misfit);
    }
    let cut = Answer { ends_with_connection: true, ..answer(200, "[\"all-appl") };
    assert!(matches!(of_answer(kind, &cut, &[]), Verdict::Again(UnknownReason::ApiError, _)));
}

#[test]
fn what_only_some_tenants_have_is_not_offered_to_the_others() {
    let refusal =
        json!({"message": "Please upgrade your subscription.", "errorCode": "insufficient_scope"})
            .to_string();
    for (kind, is_answer) in [
        (ReadingKind::SupplementalSignals, true),
        (ReadingKind::CaptchaPolicies, true),
        (ReadingKind::PhoneProviderProtection, true),
        (ReadingKind::BotDetection, false),
    ] {
        for (status, expected) in
            [(403, UnknownReason::PlanUnavailable), (404, UnknownReason::NotSupported)]
        {
            let verdict = verdict(kind, status, &refusal);
            assert_eq!(reason(&verdict), Some(expected));
            assert_eq!(
                is(&verdict, |outcome| matches!(outcome, Outcome::NotOffered { .. })),
                is_answer
            );
        }
    }
}

#[test]
fn a_tenant_without_an_email_provider_says_so_by_404() {
    let none =
        r#"{"statusCode":404,"message":"No provider","errorCode":"inexistent_email_provider"}"#;
    assert!(is(&verdict(ReadingKind::EmailProvider, 404, none), |outcome| {
        *outcome == Outcome::Read(Reading::no_email_provider())
    }));
    let proxy = verdict(ReadingKind::EmailProvider, 404, "<html>not here</html>");
    assert_eq!(reason(&proxy), Some(UnknownReason::NotSupported));
    let optional = verdict(ReadingKind::Hooks, 404, none);
    assert_eq!(reason(&optional), Some(UnknownReason::NotSupported));
    assert!(is(&optional, |outcome| matches!(outcome, Outcome::Unreadable { .. })));
}

#[test]
fn auth0_is_quoted_without_secrets() {
    let Verdict::Unauthorised(text) =
        verdict(ReadingKind::ActiveUsers, 401, r#"{"message":"bad hunter2"}"#)
    else {
        panic!("not 401")
    };
    assert_eq!(text, "Auth0 refused our token: “bad [removed]”");
}
