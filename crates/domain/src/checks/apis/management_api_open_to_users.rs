//! API-03: every application may get access tokens of the Management API for its users.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{AccessRule, ResourceServers};

pub const CHECK: Check = Check {
    id: "management-api-open-to-users",
    version: 4,
    title: "Applications may get Management API tokens on behalf of users",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "A script in any application that a user logs in to can change that user by the \
           Management API.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find the applications that change users from the browser, and let a backend do it.",
        "On the Auth0 Management API, under Settings > Access Settings, deny user access.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications that call the Management API on behalf of users stop working.",
    )),
    controls: &[&sets::LEAST_PRIVILEGE, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    let mut judged = each::<ResourceServers>(tenant, super::is_the_management_api, |api| {
        let policies = api.item.subject_type_authorization.known()?;
        if *policies.user.known()?.policy.known()? != AccessRule::AllowAll {
            return Ok(Verdict::Pass);
        }
        // Auth0 makes the API so; users get no more scopes than those for their own accounts.
        let client = policies.client.ok().and_then(|client| client.policy.ok());
        let is_untouched = client == Some(&AccessRule::RequireClientGrant);
        let severity = if is_untouched { Severity::Info } else { CHECK.severity };
        let expected = Expected::OneOf(&["deny_all", "require_client_grant"]);
        let deny = [("user", json!({"policy": "deny_all"}))];
        api.wrong(severity, "/subject_type_authorization/user/policy", &expected)
            .fixed_by(api.change_members("/subject_type_authorization", &deny))
            .into_failure()
    })?;
    if judged.is_empty() {
        // Every tenant has it: it was hidden from this token, or is not recognised.
        let unseen = Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));
        judged.push((RESOURCE.to_owned(), unseen));
    }
    Ok(judged)
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/subject_type_authorization/user/policy";
    everybody_fails_and_the_sent_object_is_whole {
        "allow_all" => fails {"found": "allow_all", "severity": "info", "fix": {"subject_type_authorization": {
            "user": {"policy": "deny_all"}, "client": {"policy": "require_client_grant"}}}};
    }
    nobody_and_whoever_is_granted_it_pass {
        "deny_all", "require_client_grant" => passes;
    }
    the_management_api_is_recognised_by_its_identifier_where_auth0_does_not_mark_it {
        {"/0/is_system": "(absent)"} => passes;
        {"/0/identifier": "http://127.0.0.1:9001/api/v2/",
            "/0/subject_type_authorization": {"user": {"policy": "allow_all"}}}
            => fails {"found": "allow_all", "severity": "high"};
        {"/0/subject_type_authorization": "(absent)"} => fails {"found": null, "evidence/0/assumed": "allow_all",
            "confidence": "medium", "severity": "info"};
    }
    a_policy_for_machines_that_was_opened_too_is_worse {
        {"/0/subject_type_authorization": {"user": {"policy": "allow_all"}, "client": {"policy": "allow_all"}}}
            => fails {"severity": "high"};
    }
    without_the_management_api_in_the_list_the_check_is_unknown {
        {"": []} => unknown;
        {"": [{"id": "a", "is_system": true, "identifier": "https://acme.eu.auth0.com/me/",
            "subject_type_authorization": {"user": {"policy": "allow_all"}}}]} => unknown;
    }
}
