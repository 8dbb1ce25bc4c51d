//! APP-11: the address that the attack protections count is the one that the application claims.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-trusts-forwarded-ip",
    version: 2,
    title: "An application may say which address its users come from",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Whoever has its secret sends another address with each attempt, so brute-force \
           protection and IP throttling never see the same one twice.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that the application needs it: only a backend that logs users in itself \
         does.",
        "Under Advanced Settings > OAuth, switch Trust Token Endpoint IP Header off.",
        "Save.",
    ]),
    controls: &[&sets::BFP, &sets::SIP],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        app.switch(
            CHECK.severity,
            "/is_token_endpoint_ip_header_trusted",
            app.item.is_token_endpoint_ip_header_trusted.known(),
            true,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judged_of_sample, on_sample, on_sample_without, unknown,
    };

    #[test]
    fn on_fails_and_off_passes() {
        let judged =
            on_sample(&CHECK, KIND, &[("/0/is_token_endpoint_ip_header_trusted", json!(true))]);
        assert_eq!(
            evidence(judged.clone()),
            ("/is_token_endpoint_ip_header_trusted".to_owned(), json!(true), json!(false))
        );
        assert_eq!(
            change(judged),
            (
                json!({"is_token_endpoint_ip_header_trusted": false}),
                json!({"is_token_endpoint_ip_header_trusted": true})
            )
        );
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/is_token_endpoint_ip_header_trusted", json!(false))]),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(
            on_sample_without(&CHECK, KIND, "/0/is_token_endpoint_ip_header_trusted"),
            unknown()
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/0/is_token_endpoint_ip_header_trusted", json!("a new value"))]
            ),
            unknown()
        );
    }

    #[test]
    fn only_the_applications_of_the_tenant_are_judged() {
        let judged = judged_of_sample(&CHECK, KIND);
        assert_eq!(judged, ["clients/app1", "clients/our-client"]);
    }
}
