//! ACT-02: the deployed version of an Action differs from the saved one, or failed to build. Actions being built
//! pass.

use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{ActionStatus, Actions};

const KIND: ReadingKind = ReadingKind::Actions;

pub const CHECK: Check = Check {
    id: "action-not-deployed",
    version: 1,
    title: "An Action is not deployed, or failed to build",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A rule that everybody believes in, such as one that denies logins, is not the one \
           that runs.",
    resource: "actions/actions",
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Actions > Library",
        &[
            "Open the Action and look at its errors and its undeployed changes.",
            "Deploy it, or delete it if nobody needs it.",
        ],
    )
    .with_side_effects(SideEffects::on_users(
        "The current code of the Action runs for every user from then on.",
    )),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Actions>(tenant, all_of_them, |action| {
        let failed = action.item.status.known().map(|status| *status == ActionStatus::Failed);
        let differs = action.item.all_changes_deployed.known().map(|deployed| !deployed);
        if !unknown::any([failed, differs])? {
            return Ok(Verdict::Pass);
        }
        let mut shown = Vec::new();
        if failed == Ok(true) {
            shown.push(action.shows("/status", &Expected::Is(json!("built"))));
        }
        if differs == Ok(true) {
            shown.push(action.shows("/all_changes_deployed", &Expected::Is(json!(true))));
        }
        Violation::from_evidence(CHECK.severity, shown).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/status";
    a_failed_build_and_undeployed_changes_fail {
        "failed" => fails {"at": "/status"};
        {"/0/all_changes_deployed": false} => fails {"at": "/all_changes_deployed"};
        {"/0/status": "failed", "/0/all_changes_deployed": false} => fails {"count": 2};
    }
    one_that_is_being_built_passes {
        "built", "building", "pending", "packaged", "retrying" => passes;
    }
    what_is_missing_or_new_is_unknown_unless_the_other_decides {
        "(absent)" => unknown;
        {"/0/status": "new", "/0/all_changes_deployed": false} => fails {"count": 1};
    }
}
