//! An application sends users to a host that belongs to somebody else: a tunnel or preview host that anybody can get, a
//! public tool that shows what it receives, an example domain, or a placeholder that nobody replaced.

use super::{KIND, RESOURCE};
use crate::checks::addresses;
use crate::checks::prelude::*;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-url-on-foreign-host",
    version: 1,
    title: "An application allows URLs on hosts of somebody else",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    risk: "Whoever has the host now, or gets it when you stop using it, receives the codes and tokens of \
           users.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure which of the listed hosts are yours.",
        "Under Settings > Application URIs, remove the others, and those of tools and examples.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

/// Tunnels and tools, whose hosts anybody can get or which show what they receive; and domains for examples (RFC 2606)
/// and templates.
const OF_ANYBODY: [&str; 27] = [
    "ngrok.io",
    "ngrok.app",
    "ngrok.dev",
    "ngrok-free.app",
    "ngrok-free.dev",
    "loca.lt",
    "localtunnel.me",
    "localhost.run",
    "serveo.net",
    "trycloudflare.com",
    "stackblitz.io",
    "codesandbox.io",
    "csb.app",
    "gitpod.io",
    "glitch.me",
    "repl.co",
    "jwt.io",
    "oauth.pstmn.io",
    "oidcdebugger.com",
    "oauthdebugger.com",
    "openidconnect.net",
    "example.com",
    "example.org",
    "example.net",
    "yourdomain.com",
    "your-domain.com",
    "mydomain.com",
];

/// Platforms that give each customer a name, and may give it to another when the first one stops using it.
const OF_PLATFORMS: [&str; 18] = [
    "vercel.app",
    "now.sh",
    "netlify.app",
    "netlify.com",
    "herokuapp.com",
    "github.io",
    "gitlab.io",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "onrender.com",
    "fly.dev",
    "surge.sh",
    "replit.app",
    "up.railway.app",
    "azurewebsites.net",
    "azurestaticapps.net",
];

/// What templates have where an address belongs. Auth0 itself knows braces, around other words.
const PLACEHOLDERS: [&str; 4] = ["<", "${", "{{", "{your"];
/// Labels of hosts in templates.
const PLACEHOLDER_LABELS: [&str; 6] =
    ["your-app", "yourapp", "your_app", "your-domain", "yourdomain", "your_domain"];

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let judged =
            super::urls(app, CHECK.severity, |url| Ok(is_of_anybody(url) || is_on_platform(url)))?;
        let Verdict::Fail(mut violation) = judged else { return Ok(judged) };
        let found = violation.evidence.iter().filter_map(|shown| shown.found.as_array()).flatten();
        let is_worse = |url: &serde_json::Value| url.as_str().is_some_and(is_of_anybody);
        if !found.into_iter().any(is_worse) {
            violation.severity = Severity::Low;
            violation.at_worst = Severity::Low;
        }
        Ok(Verdict::Fail(violation))
    })
}

fn is_of_anybody(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|part| lower.contains(part))
        || addresses::host(&lower).split('.').any(|label| PLACEHOLDER_LABELS.contains(&label))
        || is_under(&lower, &OF_ANYBODY)
}

fn is_on_platform(url: &str) -> bool {
    is_under(url, &OF_PLATFORMS)
}

fn is_under(url: &str, domains: &[&str]) -> bool {
    if addresses::custom_scheme(url).is_some() {
        return false;
    }
    let host = addresses::host(url);
    domains.iter().any(|domain| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    tunnels_tools_examples_and_placeholders_fail {
        {"/0/callbacks": ["https://a1b2.ngrok.io/callback", "https://shop.acme.test"]} => fails {"severity": "medium",
            "at": "/callbacks", "found": ["https://a1b2.ngrok.io/callback"], "expected": [], "fix": null};
        {"/0/web_origins": ["https://jwt.io"]}, {"/0/allowed_logout_urls": ["https://www.EXAMPLE.com/"]},
        {"/0/callbacks": ["https://YOUR_DOMAIN/callback"]}, {"/0/allowed_origins": ["https://<app>.acme.test"]}
            => fails {"severity": "medium"};
    }
    names_on_a_platform_are_less_severe {
        {"/0/callbacks": ["https://acme.vercel.app/callback"]} => fails {"severity": "low"};
        {"/0/callbacks": ["https://acme.vercel.app/", "https://a.loca.lt/"]} => fails {"severity": "medium", "count": 1};
    }
    own_hosts_and_the_placeholders_of_auth0_pass {
        {"/0/callbacks": ["https://shop.acme.test", "https://notngrok.io", "https://ngrok.io.acme.test",
            "https://{organization_name}.acme.test", "io.ngrok.app://example.com/callback"]} => passes;
        {"/0/callbacks": ["https://jwt.io"], "/0/grant_types": ["client_credentials"]} => passes;
        {"/0/callbacks": "new"} => unknown;
    }
}
