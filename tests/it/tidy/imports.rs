//! Inside each crate, sibling modules do not import each other in a circle, at any level. A parent imports its
//! children, and children what the parent itself declares; neither counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::slice;

use super::{root, sources};

/// The path of a module or item from the root of its crate.
type Place = Vec<String>;
/// The modules of a crate, with their text outside of tests.
type Modules = BTreeMap<Place, String>;
/// Each module with the siblings that it imports.
type Imports = BTreeMap<String, BTreeSet<String>>;
/// Each module with the names that it imports from inside the crate.
type Exports<'a> = BTreeMap<&'a [String], BTreeMap<String, Place>>;

/// Longest chain of re-exports.
const FOLLOWED_MAX: usize = 8;

#[test]
fn sibling_modules_import_in_one_direction() {
    let mut circles = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).expect("crates/") {
        let source = entry.expect("a crate").path().join("src");
        let modules = modules(&source);
        assert!(modules.len() > 5, "no modules found in {}", source.display());
        for (parent, imports) in imports(&modules) {
            for module in imports.keys() {
                if let Some(circle) = circle_of(module, &imports) {
                    circles.push(format!("{} {}: {circle}", source.display(), parent.join("::")));
                }
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn circles_are_found_below_the_root_and_through_reexports() {
    let modules = |texts: &[(&str, &str)]| -> Modules {
        texts.iter().map(|(path, text)| (place(path), (*text).to_owned())).collect()
    };
    let circular = |texts| -> Vec<String> {
        let found = imports(&modules(texts));
        let circles = found
            .values()
            .flat_map(|level| level.keys().filter_map(move |module| circle_of(module, level)));
        circles.collect()
    };
    let parent = ("", "mod a;");
    let direct = [parent, ("a", ""), ("a::b", "use super::c::C;"), ("a::c", "crate::a::b::f()")];
    assert_eq!(circular(&direct), ["b → c → b", "c → b → c"]);
    let reexported = [
        parent,
        ("a", "pub use {b::B, c::{C, E}};"),
        ("a::b", "use crate::a::E;"),
        ("a::c", "use super::B;"),
    ];
    assert_eq!(circular(&reexported), ["b → c → b", "c → b → c"]);
    let down = [parent, ("a", "use b::B; fn f() {}"), ("a::b", "super::f()"), ("a::c", "super::B")];
    assert!(circular(&down).is_empty());
}

#[test]
fn paths_are_found_in_groups_and_expressions() {
    let text = "use crate::{a::B, c::{D, e as f}, g::*}; fn g() { crate::h::i(); super::super::j }";
    let paths = |prefix| -> Vec<_> {
        paths_after(text, prefix).into_iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(paths("crate::"), ["a::B", "c::D", "c::e", "g", "h::i"]);
    assert_eq!(paths("super::super::"), ["j"]);
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

fn modules(source: &Path) -> Modules {
    let mut modules = Modules::new();
    for file in sources(source) {
        let path = file.strip_prefix(source).expect("below the folder").with_extension("");
        let mut place: Place =
            path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if place.iter().any(|part| ["tests", "testing", "test_support"].contains(&part.as_str())) {
            continue;
        }
        if place.last().is_some_and(|name| name == "mod")
            || ["lib", "main"].contains(&place[0].as_str())
        {
            place.pop();
        }
        let text = product_code(&std::fs::read_to_string(&file).expect("sources are text"));
        modules.entry(place).or_default().push_str(&text);
    }
    modules
}

/// The imports between siblings, by their parent.
fn imports(modules: &Modules) -> BTreeMap<Place, Imports> {
    let names = |module: &'_ Place| exports_of(module, modules);
    let exports: Exports<'_> =
        modules.keys().map(|module| (module.as_slice(), names(module))).collect();
    let mut imports: BTreeMap<Place, Imports> = BTreeMap::new();
    for (module, text) in modules {
        for path in absolute_paths(module, text) {
            let owner = owner(&path, modules, &exports);
            let common = module.iter().zip(&owner).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to)) = (module.get(common), owner.get(common)) {
                let level = imports.entry(module[..common].to_vec()).or_default();
                level.entry(from.clone()).or_default().insert(to.clone());
            }
        }
    }
    imports
}

/// The paths of a text that start with `crate::` or `super::`, from the root of the crate.
fn absolute_paths(module: &[String], text: &str) -> Vec<Place> {
    let mut found = paths_after(text, "crate::");
    for levels in 1..=module.len() {
        let parent = &module[..module.len() - levels];
        let below = paths_after(text, &"super::".repeat(levels)).into_iter();
        let below = below.filter(|path| path.first().is_none_or(|name| name != "super"));
        found.extend(below.map(|path| [parent, &path].concat()));
    }
    found
}

/// The deepest module that a path leads to, following re-exports.
fn owner(path: &[String], modules: &Modules, exports: &Exports<'_>) -> Place {
    let mut path = path.to_vec();
    for _ in 0..FOLLOWED_MAX {
        let depth = (0..=path.len()).rev().find(|depth| modules.contains_key(&path[..*depth]));
        let (module, below) = path.split_at(depth.unwrap_or(0));
        match below.first().and_then(|name| exports.get(module)?.get(name)) {
            Some(source) if *source != path => path = source.clone(),
            _ => return module.to_vec(),
        }
    }
    panic!("the re-exports of {path:?} have no end")
}

/// The names that a module imports from inside the crate, with their places.
fn exports_of(module: &[String], modules: &Modules) -> BTreeMap<String, Place> {
    let source = |path: Place| {
        let is_child =
            |name: &String| modules.contains_key(&[module, slice::from_ref(name)].concat());
        let parents = path.iter().take_while(|part| *part == "super").count();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "super" => Some([&module[..module.len() - parents], &path[parents..]].concat()),
            _ if is_child(&path[0]) => Some([module, &path].concat()),
            _ => None,
        }
    };
    let sources = paths_after(&modules[module], "use ").into_iter().filter_map(source);
    sources.filter_map(|source| Some((source.last()?.clone(), source))).collect()
}

/// Without comments and unit tests.
fn product_code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The rest of each path that starts with `prefix`; all paths of a group in braces.
fn paths_after(text: &str, prefix: &str) -> Vec<Place> {
    let is_inside = |at: usize| text[..at].ends_with(|c| is_of_name(c) || c == ':' || c == '$');
    let starts = text.match_indices(prefix).filter(|(at, _)| !is_inside(*at));
    starts.flat_map(|(at, _)| paths(&text[at + prefix.len()..]).0).collect()
}

/// The paths at the start of a text, and what follows them.
fn paths(text: &str) -> (Vec<Place>, &str) {
    if let Some(group) = text.strip_prefix('{') {
        let (mut rest, mut found) = (group, Vec::new());
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            match rest.strip_prefix('}') {
                Some(rest) => return (found, rest),
                None if rest.is_empty() => return (found, rest),
                None => {}
            }
            let (more, left) = paths(rest);
            found.extend(more);
            rest = left.trim_start_matches(|c| c != ',' && c != '}');
        }
    }
    let name = text.split(|c| !is_of_name(c)).next().unwrap_or_default();
    let rest = &text[name.len()..];
    let below =
        rest.strip_prefix("::").filter(|below| below.starts_with(|c| is_of_name(c) || c == '{'));
    let Some(below) = below else {
        let path = Some(name.to_owned()).filter(|name| !name.is_empty());
        return (vec![path.into_iter().collect()], rest);
    };
    let (mut found, rest) = paths(below);
    for path in &mut found {
        path.insert(0, name.to_owned());
    }
    (found, rest)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn place(path: &str) -> Place {
    path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
