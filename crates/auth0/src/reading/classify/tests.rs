//! Each answer of the Management API has its meaning.

use super::*;
use crate::byte_budget::ByteBudget;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::json;

fn answer(status: u16, body: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap();
    let body = Ok(body.as_bytes().to_vec());
    let held = ByteBudget::new(0).hold();
    Answer { status, headers: HeaderMap::new(), body, held, ends_with_connection: false }
}

fn class(kind: ReadingKind, status: u16, body: &str) -> ResponseClass {
    of_answer(kind, &answer(status, body), &["hunter2"])
}

fn reason(class: &ResponseClass) -> Option<UnknownReason> {
    let ResponseClass::Over(outcome, _) = class else { return None };
    match outcome.as_ref() {
        Outcome::Unreadable { reason, .. } | Outcome::NotOffered { reason, .. } => Some(*reason),
        Outcome::Read(_) => None,
    }
}

fn is(class: &ResponseClass, wanted: impl Fn(&Outcome) -> bool) -> bool {
    matches!(class, ResponseClass::Over(outcome, _) if wanted(outcome))
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
        assert_eq!(reason(&class(kind, status, "")), Some(expected), "{status}");
    }
    assert!(matches!(class(kind, 401, ""), ResponseClass::Unauthorised(_, Cause::TokenRefused)));
    let by_auth0 = r#"{"statusCode":400,"error":"Bad Request","message":"no"}"#;
    for status in [400, 405, 410, 422] {
        assert!(matches!(class(kind, status, by_auth0), ResponseClass::Refused(_)), "{status}");
        let on_the_way = class(kind, status, "<html>");
        assert_eq!(reason(&on_the_way), Some(UnknownReason::ApiError), "{status}");
    }
    assert!(matches!(class(kind, 408, ""), ResponseClass::Again(UnknownReason::TimedOut, _)));
    assert_eq!(class(kind, 429, ""), ResponseClass::Limited);
    for status in [500, 502, 503, 599] {
        assert!(matches!(
            class(kind, status, "<html>"),
            ResponseClass::Again(UnknownReason::ApiError, _)
        ));
    }
}

#[test]
fn a_body_is_read_or_not_understood() {
    let kind = ReadingKind::MfaPolicies;
    assert_eq!(class(kind, 200, "[]"), ResponseClass::Body(json!([])));
    assert!(matches!(decoded(kind, json!([])), Outcome::Read(_)));
    for body in ["<html>", "", "["] {
        assert_eq!(reason(&class(kind, 200, body)), Some(UnknownReason::NotUnderstood), "{body}");
    }
    for body in [json!({}), json!(3), json!(null)] {
        let is_misfit = matches!(
            decoded(kind, body),
            Outcome::Unreadable { reason: UnknownReason::NotUnderstood, .. }
        );
        assert!(is_misfit);
    }
    let cut = Answer { ends_with_connection: true, ..answer(200, "[\"all-appl") };
    assert!(matches!(of_answer(kind, &cut, &[]), ResponseClass::Again(UnknownReason::ApiError, _)));
}

#[test]
fn a_resource_of_some_tenants_is_not_offered_to_others() {
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
            let class = class(kind, status, &refusal);
            assert_eq!(reason(&class), Some(expected));
            assert_eq!(
                is(&class, |outcome| matches!(outcome, Outcome::NotOffered { .. })),
                is_answer
            );
        }
    }
}

#[test]
fn only_the_specific_error_code_means_no_email_provider() {
    let none =
        r#"{"statusCode":404,"message":"No provider","errorCode":"inexistent_email_provider"}"#;
    assert!(is(&class(ReadingKind::EmailProvider, 404, none), |outcome| {
        *outcome == Outcome::Read(Reading::no_email_provider())
    }));
    let not_found = r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#;
    for body in [not_found, "<html>not here</html>", "{}", ""] {
        let other = class(ReadingKind::EmailProvider, 404, body);
        assert_eq!(reason(&other), Some(UnknownReason::NotSupported), "{body}");
    }
    let optional = class(ReadingKind::Hooks, 404, none);
    assert_eq!(reason(&optional), Some(UnknownReason::NotSupported));
}

/// No 404 is an empty list or a setting at its default.
#[test]
fn a_plain_404_is_not_supported_for_every_kind() {
    let not_found = r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#;
    for kind in ReadingKind::ALL {
        for body in [not_found, "<html>", ""] {
            let class = class(*kind, 404, body);
            assert_eq!(reason(&class), Some(UnknownReason::NotSupported), "{}", kind.name());
            let is_answer = is(&class, |outcome| matches!(outcome, Outcome::NotOffered { .. }));
            assert_eq!(is_answer, kind.need() == Need::OnlySomeTenants, "{}", kind.name());
        }
    }
}

#[test]
fn a_retired_feature_is_not_offered_and_an_account_that_may_not_is_not_in_the_plan() {
    let refusal = |message: &str| json!({"statusCode": 403, "message": message}).to_string();
    let retired = refusal("Insufficient privileges to use this deprecated feature.");
    let card = refusal("There must be a verified credit card on file to perform this operation");
    for kind in [ReadingKind::Rules, ReadingKind::Hooks] {
        let ResponseClass::Over(outcome, cause) = class(kind, 403, &retired) else {
            panic!("again")
        };
        let Outcome::NotOffered { message, .. } = *outcome else { panic!("{outcome:?}") };
        assert_eq!(cause, Some(Cause::FeatureRetired));
        assert!(message.contains("deprecated feature"), "{message}");
    }
    let essential = class(ReadingKind::MfaPolicies, 403, &retired);
    assert!(is(&essential, |outcome| matches!(outcome, Outcome::Unreadable { .. })));
    let ResponseClass::Over(outcome, cause) = class(ReadingKind::CustomDomains, 403, &card) else {
        panic!("again")
    };
    let Outcome::Unreadable { reason, message } = *outcome else { panic!("{outcome:?}") };
    assert_eq!((reason, cause), (UnknownReason::PlanUnavailable, Some(Cause::AccountNotAllowed)));
    assert!(message.contains("verified credit card"), "{message}");
}

#[test]
fn a_token_for_another_audience_is_reported_as_such() {
    for (status, body) in [
        (400, r#"{"message":"Bad HTTP authentication header format","errorCode":"Bearer"}"#),
        (401, r#"{"message":"Bad audience: https://other/"}"#),
    ] {
        let refused = class(ReadingKind::Clients, status, body);
        let ResponseClass::Unauthorised(message, Cause::NoManagementToken) = refused else {
            panic!("{refused:?}")
        };
        assert!(message.starts_with("The token is not a Management API token"), "{message}");
    }
}

#[test]
fn another_scope_named_by_auth0_is_kept_for_the_hint() {
    let refusal = |scope: &str| {
        json!({"message": format!("Insufficient scope, expected any of: {scope}")}).to_string()
    };
    for (scope, expected) in [
        ("read:mfa_policies", None),
        ("read:guardian", Some(Cause::OtherScopes(vec!["read:guardian".to_owned()]))),
    ] {
        let refused = class(ReadingKind::MfaPolicies, 403, &refusal(scope));
        let ResponseClass::ScopeRefused(message, cause) = refused else { panic!("{refused:?}") };
        assert_eq!(cause, expected);
        assert!(message.contains(scope), "{message}");
    }
}

#[test]
fn auth0_is_quoted_without_secrets() {
    let ResponseClass::Unauthorised(text, _) =
        class(ReadingKind::ActiveUsers, 401, r#"{"message":"bad hunter2"}"#)
    else {
        panic!("not 401")
    };
    assert_eq!(text, "Auth0 refused our token: “bad [removed]”");
}
