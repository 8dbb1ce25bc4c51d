//! LOG-01: there is no log stream, and Auth0 keeps logs only for days.

use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{LogStreamStatus, LogStreams};

const KIND: ReadingKind = ReadingKind::LogStreams;

pub const CHECK: Check = Check {
    id: "log-stream-missing",
    version: 1,
    title: "No log stream is active",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Auth0 keeps logs for 1 to 30 days, by plan: an attack that is found later cannot be \
           looked into, and nothing watches them meanwhile.",
    resource: "log-streams",
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Monitoring > Streams",
        &[
            "Under Monitoring > Streams, create a stream to your log system, or resume the one that \
             is there.",
            "Make sure that events arrive.",
        ],
    )
    .with_side_effects(SideEffects::after_changes(
        "Needs a system that receives the logs; users notice nothing.",
    )),
    controls: &[&sets::LOGGING],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let streams = &tenant.read::<LogStreams>()?.0;
    let is_active = |status: &LogStreamStatus| *status == LogStreamStatus::Active;
    if unknown::any(streams.iter().map(|stream| stream.status.known().map(is_active)))? {
        return Ok(Verdict::Pass);
    }
    let statuses = streams.iter().filter_map(|stream| stream.status.ok());
    super::summary(CHECK.severity, KIND, statuses, &Expected::Contains(&["active"])).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/status";
    none_and_none_that_flows_fail_and_one_that_flows_passes {
        "suspended" => fails {"found": ["suspended"]};
        {"": []} => fails {"found": []};
        {"": [{"id": "a", "status": "paused"}, {"id": "b", "status": "active"}]} => passes;
        "(absent)", "a new status" => unknown;
    }
}
