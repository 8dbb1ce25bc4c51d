//! APP-01: ID tokens are signed with the secret of the application.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{Clients, SigningAlgorithm};

pub const CHECK: Check = Check {
    id: "application-id-token-hs256",
    version: 2,
    title: "An application has its ID tokens signed with HS256",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Whoever has the client secret, which every copy of the application holds, can make \
           ID tokens for any user.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the application verify ID tokens with the public keys of the tenant.",
        "Under Advanced Settings > OAuth, choose RS256.",
        "Save.",
    ]),
    controls: &[&sets::CRYPTOGRAPHY, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let configuration = app.item.jwt_configuration.known()?;
        if *configuration.alg.known()? != SigningAlgorithm::HS256 {
            return Ok(Verdict::Pass);
        }
        let expected = Expected::OneOf(&["RS256", "RS512", "PS256"]);
        app.wrong(CHECK.severity, "/jwt_configuration/alg", &expected)
            .fixed_by(app.change_members("/jwt_configuration", &[("alg", json!("RS256"))]))
            .into_failure()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, on_sample, on_sample_without, unknown};

    const ALG: &str = "/0/jwt_configuration/alg";

    #[test]
    fn a_shared_secret_fails_and_a_key_pair_passes() {
        let judged = on_sample(&CHECK, KIND, &[(ALG, json!("HS256"))]);
        assert_eq!(evidence(judged.clone()).0, "/jwt_configuration/alg");
        let whole = |alg| json!({"jwt_configuration": {"alg": alg, "lifetime_in_seconds": 36_000}});
        assert_eq!(change(judged), (whole("RS256"), whole("HS256")));
        assert_eq!(on_sample(&CHECK, KIND, &[(ALG, json!("PS256"))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, ALG), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/jwt_configuration"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[(ALG, json!("ES256"))]), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/global", json!("new"))]), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/global"), PASS, "it is no global one");
    }
}
