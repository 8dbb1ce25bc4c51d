//! BOT-05: bots are detected but not stopped.

use super::{KIND, MONITORING, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BotDetection;

pub const CHECK: Check = Check {
    id: "bot-detection-monitoring-mode",
    version: 1,
    title: "Bot detection is in monitoring mode: it logs but does not act",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs are recognised and let through: nobody is challenged as long as the mode is \
           on.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&[
        "Look at the tenant log for what would have been challenged.",
        "Switch monitoring mode off.",
        "Save.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let bots = tenant.read::<BotDetection>()?;
    applies_when(super::some_challenged(bots)?)?;
    if !*bots.monitoring_mode_enabled.known()? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, MONITORING, &Expected::Is(json!(false)))
        .fixed_by(Change::set(tenant, KIND, MONITORING, json!(false)))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/monitoring_mode_enabled";
    monitoring_mode_fails_and_acting_passes {
        true => fails {"fix": {"monitoring_mode_enabled": false}, "undo": {"monitoring_mode_enabled": true}};
        false => passes;
    }
    it_matters_only_where_a_flow_is_challenged {
        {"/challenge_password_policy": "never", "/challenge_passwordless_policy": "never",
            "/challenge_password_reset_policy": "never", "/monitoring_mode_enabled": true} => feature_off;
        {"/challenge_password_policy": "sometimes", "/challenge_passwordless_policy": "never",
            "/challenge_password_reset_policy": "never", "/monitoring_mode_enabled": true} => unknown;
    }
}
