//! Results as a report for people, with the plan.

use domain::clock::{Clock, SystemClock};
use domain::plan::{Plan, Situation};
use domain::policy::Policy;
use domain::report::Report;
use report::{Cover, Document};

use super::baseline::Comparison;
use super::results::Results;

pub fn document(results: &Results<'_>, policy: &Policy, address: Option<String>) -> Document {
    let situation = Situation::of_tenant(results.tenant.clone(), policy.clone());
    let plan = Plan::build(&situation, |_| true, || true);
    // A snapshot does not contain the address.
    let name = address.unwrap_or_else(|| results.tenant.client_id.clone());
    let marks = results
        .failed
        .iter()
        .filter_map(|failed| failed.standing.map(|standing| (failed.key.clone(), standing.name())));
    Document {
        cover: Cover {
            marks: marks.collect(),
            comparison: results.comparison.as_ref().map(Comparison::lines).unwrap_or_default(),
            ..Cover::new(name.clone(), name, SystemClock.now())
        },
        report: Report::build(&situation, plan),
    }
}
