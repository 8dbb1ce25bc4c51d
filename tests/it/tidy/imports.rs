//! Inside each crate, no modules import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{root, sources};

/// Each module with the modules that it imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn modules_import_in_one_direction() {
    let mut circles = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).expect("crates/") {
        let source = entry.expect("a crate").path().join("src");
        let imports = imports(&source);
        assert!(imports.len() > 5, "no modules found in {}", source.display());
        for module in imports.keys() {
            if let Some(circle) = circle_of(module, &imports) {
                circles.push(format!("{}: {circle}", source.display()));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn paths_are_found_in_groups_and_expressions() {
    let text = "use crate::{a::B, c::{D, e}, f}; fn g() { crate::h::i(); super::j }";
    let found: Vec<_> = first_names(text, "crate::").collect();
    assert_eq!(found, ["a", "c", "f", "h"]);
    assert_eq!(first_names(text, "super::").collect::<Vec<_>>(), ["j"]);
}

/// The shortest way from a module back to itself.
fn circle_of(module: &str, imports: &Imports) -> Option<String> {
    let mut ways = vec![vec![module]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in imports.get(*way.last()?).into_iter().flatten() {
                let way: Vec<_> = way.iter().copied().chain([next.as_str()]).collect();
                if next == module {
                    return Some(way.join(" → "));
                }
                if seen.insert(next) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

/// The modules at the root of a crate, with what each imports outside of tests. The root itself may import all, and
/// its own items may be imported by all.
fn imports(source: &Path) -> Imports {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut exports = BTreeMap::new();
    for file in sources(source) {
        let path = file.strip_prefix(source).expect("below the folder").with_extension("");
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let text = product_code(&std::fs::read_to_string(&file).expect("sources are text"));
        if ["lib", "main"].contains(&parts[0].as_str()) {
            exports.extend(reexports(&text));
        } else if !parts.iter().any(|part| part == "tests" || part == "testing") {
            let is_at_root = parts.len() == 1 || (parts.len() == 2 && parts[1] == "mod");
            let text = if is_at_root { text.replace("super::", "crate::") } else { text };
            texts.entry(parts[0].clone()).or_default().push(text);
        }
    }
    let modules: BTreeSet<String> = texts.keys().cloned().collect();
    let of_module = |(module, texts): (String, Vec<String>)| {
        let names = texts.iter().flat_map(|text| first_names(text, "crate::"));
        let owners = names.map(|name| exports.get(name).cloned().unwrap_or(name.to_owned()));
        let imported = owners.filter(|owner| *owner != module && modules.contains(owner)).collect();
        (module.clone(), imported)
    };
    texts.into_iter().map(of_module).collect()
}

/// What the root of a crate exports, with the module that it comes from.
fn reexports(root: &str) -> BTreeMap<String, String> {
    let uses =
        root.split(';').filter_map(|statement| statement.split_once("use ")?.1.split_once("::"));
    let names = uses.flat_map(|(module, rest)| {
        let words = rest.split(|c| !is_of_name(c)).filter(|word| !word.is_empty());
        words.map(move |word| (word.to_owned(), module.trim().to_owned()))
    });
    names.collect()
}

/// Without comments and unit tests.
fn product_code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The name after each `prefix`; of a group in braces, the first name of each of its paths.
fn first_names<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).flat_map(move |(at, _)| {
        let rest = &text[at + prefix.len()..];
        rest.strip_prefix('{').map_or_else(|| vec![first_name(rest)], group)
    })
}

fn group(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut names) = (1, 0, Vec::new());
    for (at, each) in text.char_indices() {
        match each {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && each == ',') {
            names.extend(Some(first_name(text[start..at].trim())).filter(|name| !name.is_empty()));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn first_name(text: &str) -> &str {
    text.split(|c| !is_of_name(c)).next().unwrap_or_default()
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
