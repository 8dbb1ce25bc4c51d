//! GRA-01: an application other than ours may change the tenant. Worst where it is any third-party one.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-management-write",
    version: 3,
    title: "An application is granted write scopes of the Management API",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Whoever gets hold of its credential can change users, applications or the \
           protections of the tenant.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask the owner of the application what it changes.",
        "On the API of the Management API, under Machine to Machine Applications, remove the \
         listed scopes that it does not need.",
        "Update.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        let is_default = super::is_for_all_third_parties(grant.item);
        let severity = if is_default { Severity::Critical } else { CHECK.severity };
        super::judge_scopes(grant, severity, |scope| !scope.starts_with("read:"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, judge_each, on_sample, on_sample_without, reading, unknown, violation,
    };

    fn with(scope: serde_json::Value) -> Judgement {
        on_sample(&CHECK, KIND, &[("/0/scope", scope)])
    }

    #[test]
    fn the_scopes_that_write_are_named() {
        let judged = with(json!(["update:users", "read:users", "delete:clients"]));
        let found = json!(["delete:clients", "update:users"]);
        assert_eq!(evidence(judged), ("/scope".to_owned(), found, json!([])));
    }

    #[test]
    fn reading_passes() {
        assert_eq!(with(json!(["read:users", "read:clients"])), PASS);
        assert_eq!(with(json!([])), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/scope"), unknown());
        assert_eq!(with(json!("read:users")), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/audience"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/client_id", json!(1))]), unknown());
    }

    #[test]
    fn all_scopes_are_write_scopes_whatever_is_listed() {
        let all = ("/0/allow_all_scopes", json!(true));
        for scope in [json!([]), json!(["read:users"])] {
            let judged = on_sample(&CHECK, KIND, &[("/0/scope", scope), all.clone()]);
            let found = ("/allow_all_scopes".to_owned(), json!(true), json!(false));
            assert_eq!(evidence(judged), found);
        }
        let new = ("/0/allow_all_scopes", json!("a new value"));
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/scope", json!([])), new.clone()]), unknown());
        evidence(on_sample(&CHECK, KIND, &[("/0/scope", json!(["update:users"])), new]));
    }

    #[test]
    fn a_grant_without_a_client_is_for_all_third_party_clients_and_critical() {
        let grant = |scope| {
            json!([{"id": "cgr_1", "audience": "https://acme.eu.auth0.com/api/v2/",
                "scope": scope, "default_for": "third_party_clients"}])
        };
        let judged = judge_each(&CHECK, reading(KIND, grant(["update:users"]))).unwrap();
        let (resource, judged) = judged.into_iter().next().unwrap();
        let judged = violation(judged);
        assert_eq!(
            (resource.as_str(), judged.severity),
            ("client-grants/cgr_1", Severity::Critical)
        );
        assert_eq!(judged.evidence[0].found, json!(["update:users"]));
        assert_eq!(judged.evidence[1].found, json!("third_party_clients"));
        let judged = judge_each(&CHECK, reading(KIND, grant(["read:users"]))).unwrap();
        assert_eq!(judged, [("client-grants/cgr_1".to_owned(), PASS)]);
    }
}
