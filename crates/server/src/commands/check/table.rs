//! Results as a text table for people, on a terminal with colours.

use std::fmt::Write;
use std::io::{IsTerminal, stdout};

use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};
use domain::checks::Severity;
use domain::report::Unjudged;
use domain::{coverage, score};

use super::results::{Failed, Results};
use crate::config::SettingSource;
use crate::print::plain;

/// <https://no-color.org>: any non-empty value disables colours; the option has precedence.
const NO_COLOR: &str = "NO_COLOR";

/// Whether to colour standard output.
pub fn is_coloured(choice: ColorChoice, source: &dyn SettingSource) -> bool {
    let is_unwanted = source.get(NO_COLOR).is_some_and(|value| !value.is_empty());
    decide(choice, is_unwanted, stdout().is_terminal())
}

const fn decide(choice: ColorChoice, is_unwanted: bool, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !is_unwanted,
    }
}

/// A line for each finding by descending priority, then for each unknown and each not enabled check, then the counts.
pub fn table(results: &Results<'_>, is_coloured: bool) -> String {
    let evaluation = results.evaluation;
    let style = |style: Style| if is_coloured { style } else { Style::new() };
    let mut text = String::new();
    // Writing to a string cannot fail.
    for failed in &results.failed {
        let Failed { key, name, check, violation, standing, .. } = failed;
        let (style, resource) = (style(style_of(violation.severity)), plain(&key.resource));
        let name = name.as_deref().map_or_else(String::new, |name| format!("{}: ", plain(name)));
        let standing = standing.map_or_else(String::new, |each| format!(", {}", each.name()));
        let _ = write!(text, "{style}{:<11}{style:#} ", violation.severity.name());
        let _ = write!(text, "{:<52} {resource:<44} {name}{}", check.id, check.title);
        let _ = writeln!(text, " (confidence {}{standing})", failed.confidence().name());
    }
    for Unjudged { check, reason, .. } in &results.unknown {
        let style = style(AnsiColor::Magenta.on_default());
        let _ = writeln!(text, "{style}{:<11}{style:#} {:<52} {reason}", "unknown", check.id);
    }
    for Unjudged { check, scopes, .. } in &results.not_enabled {
        let scopes = scopes.join(", ");
        let _ = writeln!(text, "{:<11} {:<52} needs {scopes}", "not enabled", check.id);
    }
    for check in &evaluation.disabled {
        let _ = writeln!(text, "{:<11} {check:<52} by the policy", "disabled");
    }
    let counts = coverage::counts(evaluation);
    let number = |n: Option<u8>| n.map_or_else(|| "none".to_owned(), |n| n.to_string());
    let _ = write!(
        text,
        "\n{} passed, {} failed, {} unknown, {} not applicable, {} not enabled; score {}, coverage \
         {} %",
        counts.passed,
        counts.failed,
        counts.unknown,
        counts.not_applicable,
        counts.not_enabled,
        number(score::score(evaluation)),
        number(coverage::coverage_percent(&counts)),
    );
    text
}

const fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => AnsiColor::BrightBlack.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn colours_follow_the_terminal_no_color_and_the_option() {
        use ColorChoice::{Always, Auto, Never};
        for (choice, is_unwanted, is_terminal, expected) in [
            (Auto, false, true, true),
            (Auto, true, true, false),
            (Auto, false, false, false),
            (Always, true, false, true),
            (Never, false, true, false),
        ] {
            assert_eq!(decide(choice, is_unwanted, is_terminal), expected, "{choice:?}");
        }
        let set = |value: &str| BTreeMap::from([(NO_COLOR.to_owned(), value.to_owned())]);
        assert!(is_coloured(Always, &set("1")) && !is_coloured(Never, &set("")));
    }

    #[test]
    fn control_characters_in_names_are_replaced() {
        assert_eq!(plain("clients/\u{1b}[2Ja\r\n"), "clients/\u{fffd}[2Ja\u{fffd}\u{fffd}");
    }
}
