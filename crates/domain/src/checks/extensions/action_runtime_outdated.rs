//! ACT-01: an Action runs on a version of Node.js without security fixes. No computed fix: a new runtime takes effect
//! only when the Action is deployed again.

use crate::checks::prelude::*;
use crate::checks::{objects::all_of_them, runtime};
use crate::readings::Actions;

const KIND: ReadingKind = ReadingKind::Actions;

const OLDEST: Threshold = runtime::oldest("action-runtime-outdated");

pub const CHECK: Check = Check {
    id: "action-runtime-outdated",
    version: 2,
    title: "An Action runs on an outdated version of Node.js",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Code that sees every login runs on a runtime whose known holes are not mended any \
           more.",
    resource: "actions/actions",
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Actions > Library",
        &["Open the Action and choose the newest runtime.", "Test it.", "Deploy it."],
    ),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[&OLDEST],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    let oldest = terms.value_of(&OLDEST);
    each::<Actions>(tenant, all_of_them, |action| {
        if runtime::major(action.item.runtime.known()?.as_str())? >= oldest {
            return Ok(Verdict::Pass);
        }
        action.wrong(CHECK.severity, "/runtime", &Expected::AtLeast(oldest)).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/runtime";
    an_older_version_fails_and_the_oldest_supported_passes {
        "node12" => fails {"found": "node12", "expected": {"at_least": 18}};
        "node16" => fails {"found": "node16", "expected": {"at_least": 18}, "fix": null};
        "node18", "node18-actions" => passes;
    }
}
