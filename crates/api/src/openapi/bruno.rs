//! The Bruno collection in `clients/bruno`: one file for each operation, made from the document's examples.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::json::resolve;
use super::openapi;
use crate::testing::assert_golden;

const FOLDER: &str = "clients/bruno";
/// Members of bodies that the environment has.
const VARIABLES: [(&str, &str); 4] = [
    ("api_identifier", "{{tenant}}"),
    ("api_audience", "{{tenant}}"),
    ("client_id", "{{client_id}}"),
    ("client_secret", "{{client_secret}}"),
];

#[test]
fn the_bruno_collection_in_the_repository_is_made_from_the_document() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER);
    let files = files(&openapi());
    for (path, text) in &files {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        assert_golden(&format!("{FOLDER}/{path}"), text);
    }
    let tags: BTreeSet<_> = files.keys().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    let found: usize =
        tags.iter().map(|tag| std::fs::read_dir(root.join(tag)).unwrap().count()).sum();
    assert_eq!(found, files.len(), "an operation is gone: delete its file");
}

/// The text of each file, in the order of the route table.
fn files(document: &Value) -> BTreeMap<String, String> {
    let operations = crate::routes::operations().iter().enumerate();
    let file = |(index, operation): (usize, &crate::operation::Operation)| {
        let method = operation.method.as_str().to_ascii_lowercase();
        let documented = &document["paths"][&operation.path][&method];
        let tag = documented["tags"][0].as_str().unwrap();
        let text = request(document, documented, &method, &operation.path, index + 1);
        (format!("{tag}/{}.bru", operation.id), text)
    };
    operations.map(file).collect()
}

fn request(
    document: &Value,
    documented: &Value,
    method: &str,
    path: &str,
    position: usize,
) -> String {
    let text = |member: &str| documented[member].as_str().unwrap();
    let content =
        documented["requestBody"]["content"].as_object().and_then(|all| all.iter().next());
    let (media_type, media) =
        content.map_or(("", &Value::Null), |(name, media)| (name.as_str(), media));
    let body = body(document, &media["schema"]);
    let kind = match media_type {
        "" => "none",
        "application/x-www-form-urlencoded" => "formUrlEncoded",
        _ => "json",
    };
    let way = documented["security"][0].as_object().and_then(|all| all.keys().next());
    let way = way.map_or("none", |name| if name == "basic" { "basic" } else { "inherit" });
    let mut headers = parameters(documented, "header");
    if media_type == "application/merge-patch+json" {
        headers.push(format!("Content-Type: {media_type}"));
    }
    let url = path.replace('{', ":").replace('}', "");
    let mut blocks = vec![
        (
            "meta",
            vec![
                format!("name: {}", text("summary")),
                "type: http".into(),
                format!("seq: {position}"),
            ],
        ),
        (
            method,
            vec![format!("url: {{{{api}}}}{url}"), format!("body: {kind}"), format!("auth: {way}")],
        ),
        ("params:path", parameters(documented, "path")),
        ("params:query", parameters(documented, "query")),
        ("headers", headers),
    ];
    if way == "basic" {
        let lines = ["username: {{credential_id}}", "password: {{credential_secret}}"];
        blocks.push(("auth:basic", lines.map(str::to_owned).to_vec()));
    }
    match kind {
        "json" => {
            let body = serde_json::to_string_pretty(&body).unwrap();
            blocks.push(("body:json", body.lines().map(str::to_owned).collect()));
        }
        "formUrlEncoded" => {
            let members = body.as_object().into_iter().flatten();
            let members =
                members.map(|(name, value)| format!("{name}: {}", value.as_str().unwrap()));
            blocks.push(("body:form-urlencoded", members.collect()));
        }
        _ => {}
    }
    blocks.push(("vars:post-response", variables(documented)));
    blocks.push(("docs", text("description").lines().map(str::to_owned).collect()));
    let blocks = blocks.into_iter().filter(|(_, lines)| !lines.is_empty());
    let blocks = blocks.map(|(name, lines)| {
        let lines = lines.iter().map(|line| format!("  {line}\n").replace("  \n", "\n"));
        format!("{name} {{\n{}}}\n", lines.collect::<String>())
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// The example of a body, with variables for what differs between tenants.
fn body(document: &Value, schema: &Value) -> Value {
    let mut example = resolve(document, schema)["examples"][0].clone();
    let is_whole = example.get("api_identifier").is_some();
    for (name, member) in example.as_object_mut().into_iter().flatten() {
        if let Some(of) = name.strip_suffix("_ids") {
            *member = json!([format!("{{{{{of}_id}}}}")]);
        } else if let Some((_, value)) = VARIABLES.iter().find(|(of, _)| is_whole && of == name) {
            *member = json!(value);
        }
    }
    example
}

/// `~` switches a parameter off.
fn parameters(documented: &Value, place: &str) -> Vec<String> {
    let all = documented["parameters"].as_array().into_iter().flatten();
    let line = |parameter: &Value| {
        let name = parameter["name"].as_str().unwrap();
        let example = [&parameter["example"], &parameter["schema"]["default"]];
        let example = example.into_iter().find(|value| !value.is_null());
        let value = match (place, name) {
            ("path", _) => format!("{{{{{name}}}}}"),
            (_, "If-Match") => "*".into(),
            (_, "Idempotency-Key") => "{{$guid}}".into(),
            _ => example.map_or(String::new(), |of| {
                of.as_str().map_or_else(|| of.to_string(), str::to_owned)
            }),
        };
        let switch = if parameter["required"] == true { "" } else { "~" };
        format!("{switch}{name}: {value}").trim_end().to_owned()
    };
    all.filter(|parameter| parameter["in"] == place).map(line).collect()
}

/// What the links of a response take from its body.
fn variables(documented: &Value) -> Vec<String> {
    let responses = documented["responses"].as_object().into_iter().flatten();
    let links =
        responses.flat_map(|(_, response)| response["links"].as_object().into_iter().flatten());
    let mut taken = BTreeSet::new();
    for (_, link) in links.filter(|(name, _)| *name != "next") {
        for (name, value) in link["parameters"].as_object().into_iter().flatten() {
            let pointer = value.as_str().and_then(|value| value.strip_prefix("$response.body"));
            let member = pointer.unwrap().replace("#/", ".").replace("/0/", "[0].");
            taken.insert(format!("{name}: res.body{member}"));
        }
    }
    if documented["operationId"] == "create_api_credential" {
        taken.insert("credential_secret: res.body.secret".into());
    }
    taken.into_iter().collect()
}
