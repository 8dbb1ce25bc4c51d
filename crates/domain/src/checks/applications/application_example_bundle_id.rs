//! A native application is set up with the name of an example app.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, Text};

pub const CHECK: Check = Check {
    id: "application-example-bundle-id",
    version: 1,
    title: "A native application has the bundle ID of an example",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Links to the tenant open whatever app has that name: anybody can build the sample.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find the bundle ID or the package name of your app.",
        "Under Advanced Settings > Device Settings, enter it instead of the listed one.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::OAUTH, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

/// How names of samples and templates begin.
const EXAMPLES: [&str; 7] = [
    "com.example",
    "org.example",
    "com.auth0.sample",
    "com.auth0.example",
    "com.company",
    "com.yourcompany",
    "com.mycompany",
];

fn evaluate(tenant: &Tenant) -> Judgements {
    const ANDROID: &str = "/mobile/android/app_package_name";
    const IOS: &str = "/mobile/ios/app_bundle_identifier";
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let mobile = app.item.mobile.known();
        let android = mobile.and_then(|of| of.android.known()?.app_package_name.known());
        let ios = mobile.and_then(|of| of.ios.known()?.app_bundle_identifier.known());
        let named = [(ANDROID, android), (IOS, ios)].map(|(at, name)| (at, name.map(is_example)));
        if !unknown::any(named.map(|(_, is_example)| is_example))? {
            return Ok(Verdict::Pass);
        }
        let examples = named.into_iter().filter(|(_, is_example)| *is_example == Ok(true));
        let shown = examples.map(|(at, _)| app.shows(at, &Expected::SET));
        Violation::from_evidence(CHECK.severity, shown.collect()).into_failure()
    })
}

fn is_example(name: &Text) -> bool {
    let name = name.as_str().to_ascii_lowercase();
    EXAMPLES.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/mobile";
    the_name_of_an_example_fails {
        {"/0/mobile": {"ios": {"team_id": "x", "app_bundle_identifier": "com.example.MyApp"}}}
            => fails {"at": "/mobile/ios/app_bundle_identifier", "found": "com.example.MyApp", "fix": null};
        {"/0/mobile": {"android": {"app_package_name": "com.auth0.samples"}}}
            => fails {"at": "/mobile/android/app_package_name"};
    }
    other_names_and_none_pass {
        {"/0/mobile": {"ios": {"app_bundle_identifier": "com.acme.shop"}}}, {"/0/mobile": {}} => passes;
        "new" => unknown;
    }
}
