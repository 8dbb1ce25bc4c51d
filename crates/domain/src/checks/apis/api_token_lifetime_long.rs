//! API-02: the tokens of an API live for longer than a day. Those of the Management API have a
//! check of their own (LPR-03).

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ResourceServers;

/// Seconds (specification, API-02): longer is low, longer than a week is medium.
const A_DAY_S: u64 = 86_400;
const A_WEEK_S: u64 = 604_800;

pub const CHECK: Check = Check {
    id: "api-token-lifetime-long",
    version: 1,
    title: "The tokens of an API live for longer than a day",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A token that leaks works until it expires: nobody can revoke it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > Token Settings, set the maximum lifetime to 86,400 seconds or less.",
        "Save.",
    ]),
    controls: &[&sets::TOK],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        let seconds = api.item.token_lifetime.known()?.0;
        if seconds <= A_DAY_S {
            return Ok(Verdict::Pass);
        }
        let severity = if seconds > A_WEEK_S { Severity::Medium } else { CHECK.severity };
        api.wrong(severity, "/token_lifetime", &Expected::AtMost(A_DAY_S))
            .mended_by(api.set("/token_lifetime", json!(A_DAY_S)))
            .fails()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, judged_of_sample, on_sample, on_sample_without, severity, unknown,
    };

    fn with(seconds: u64) -> Judgement {
        on_sample(&CHECK, KIND, &[("/1/token_lifetime", json!(seconds))])
    }

    #[test]
    fn more_than_a_day_is_low_and_more_than_a_week_medium() {
        assert_eq!(severity(with(86_401)), Severity::Low);
        assert_eq!(severity(with(604_800)), Severity::Low);
        assert_eq!(severity(with(604_801)), Severity::Medium);
        assert_eq!(change(with(100_000)).0, json!({"token_lifetime": 86_400}));
        assert_eq!(with(86_400), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/1/token_lifetime"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/1/token_lifetime", json!("1d"))]), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/1/is_system"), unknown());
    }

    #[test]
    fn the_apis_that_it_is_about_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["resource-servers/orders"]);
    }
}
