//! Each cause has its own advice, and no advice contradicts its message.

use domain::sync::ReadingOutcome;
use jiff::Timestamp;

use super::*;

const KIND: ReadingKind = ReadingKind::ActiveUsers;

fn step(reason: UnknownReason, cause: Option<Cause>) -> Step {
    let outcome = Outcome::Unreadable { reason, message: "What Auth0 said.".to_owned() };
    let report = ReadingReport {
        reading: KIND,
        outcome: ReadingOutcome::Unreadable,
        reason: Some(reason),
        message: None,
        duration_ms: None,
        attempts: 1,
        cause,
    };
    probe(&outcome, &report)
}

fn hint_for(reason: UnknownReason, cause: Option<Cause>) -> String {
    step(reason, cause).hint.expect("a hint")
}

#[test]
fn a_refused_token_points_to_the_audience_and_a_refused_application_to_the_tenants_lists() {
    let token = step(UnknownReason::Forbidden, Some(Cause::TokenRefused));
    assert_eq!(token.code, StepCode::ClientNotAuthorized);
    let hint = token.hint.expect("a hint");
    assert!(hint.contains("API Audience") && hint.contains("custom domain"), "{hint}");
    assert!(!hint.contains("Access Control List"), "{hint}");
    let forbidden = step(UnknownReason::Forbidden, None);
    assert_eq!(forbidden.code, StepCode::ClientNotAuthorized);
    assert!(forbidden.hint.expect("a hint").contains("Access Control List"));
    let cause = Cause::NoOtherToken { hint: "Copy the secret again.".to_owned() };
    assert_eq!(hint_for(UnknownReason::Forbidden, Some(cause)), "Copy the secret again.");
}

#[test]
fn a_limit_that_has_an_end_names_it() {
    let then = Timestamp::from_second(1_793_700_000).expect("an instant");
    let hint = hint_for(UnknownReason::RateLimited, Some(Cause::LimitedUntil(then)));
    assert!(hint.contains(&format!("after {then}.")) && !hint.contains("minute"), "{hint}");
    assert!(hint_for(UnknownReason::RateLimited, None).contains("minute"));
}

#[test]
fn a_refused_request_is_reported_and_an_outage_waited_for() {
    let refused = step(UnknownReason::ApiError, Some(Cause::RequestRefused));
    assert_eq!(refused.code, StepCode::NotUnderstood);
    let hint = refused.hint.expect("a hint");
    assert!(hint.contains("report it") && hint.contains("nothing can be saved"), "{hint}");
    let outage = step(UnknownReason::ApiError, None);
    assert_eq!(outage.code, StepCode::Auth0Unavailable);
    assert!(outage.hint.expect("a hint").contains("Try again"));
}

#[test]
fn each_refusal_has_advice_that_fits_and_no_other() {
    let plan = hint_for(UnknownReason::PlanUnavailable, None);
    let card = hint_for(UnknownReason::PlanUnavailable, Some(Cause::AccountNotAllowed));
    assert!(card.contains("credit card") && !card.contains("plan"), "{card}");
    let other = Cause::OtherScopes(vec!["read:a".to_owned(), "read:b".to_owned()]);
    let scope = hint_for(UnknownReason::MissingScope, Some(other));
    assert!(scope.contains("select read:a or read:b"), "{scope}");
    assert!(hint_for(UnknownReason::MissingScope, None).contains("select read:stats"));
    for hint in [plan, card] {
        assert!(!hint.contains("Access Control List") && !hint.contains("select"), "{hint}");
    }
}

#[test]
fn the_hint_of_a_404_does_not_mention_the_plan() {
    for kind in ReadingKind::ALL.iter().filter(|kind| kind.need() != Need::OnlySomeTenants) {
        let hint = hint(*kind, UnknownReason::NotSupported, None);
        assert!(!hint.contains("plan") && hint.contains("API Identifier"), "{hint}");
        let code = code_of(*kind, UnknownReason::NotSupported, None);
        assert_ne!(code, StepCode::PlanUnavailable, "{}", kind.name());
    }
}

#[test]
fn a_retired_feature_has_no_hint_to_act() {
    let report = ReadingReport {
        reading: ReadingKind::Rules,
        outcome: ReadingOutcome::NotOffered,
        reason: Some(UnknownReason::NotSupported),
        message: None,
        duration_ms: None,
        attempts: 1,
        cause: Some(Cause::FeatureRetired),
    };
    let (reason, message) = (UnknownReason::NotSupported, String::new());
    let hint = probe(&Outcome::NotOffered { reason, message }, &report).hint.expect("a hint");
    assert!(hint.contains("retired") && hint.contains("Nothing is to be done"), "{hint}");
}
