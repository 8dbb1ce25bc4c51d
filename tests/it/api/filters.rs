//! Filters of lists and exports: comma-separated and repeated values.

use serde_json::Value;
use support::Synced;

/// Two valid values of the parameter.
fn samples(document: &Value, parameter: &Value) -> [String; 2] {
    let items = &parameter["schema"]["items"];
    let named = items["$ref"].as_str().and_then(|target| document.pointer(&target[1..]));
    if let Some(words) = named.unwrap_or(items)["enum"].as_array() {
        let word = |index: usize| words[index].as_str().unwrap().to_owned();
        return [word(0), word(1)];
    }
    let words = match parameter["name"].as_str().unwrap() {
        "action" => ["create_integration", "start_sync"],
        "check_id" => ["mfa-never-required", "bot-detection-off"],
        _ => ["01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "01996e1e-11aa-7c55-8e21-5d2b7c9f3e03"],
    };
    words.map(str::to_owned)
}

#[support::test]
async fn every_filter_takes_comma_lists_and_repetition_and_nothing_else_is_repeated(
    Synced { app, id }: Synced,
) {
    let asset = app.get("/v1/assets").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let document = app.get("/openapi.json").await.expect(200).json;
    let mut filters = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let path = path.replace("{integration_id}", &id).replace("{asset_id}", &asset);
        for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            if parameter["schema"]["type"] == "array" {
                let [one, other] = samples(&document, parameter);
                let list = app.get(&format!("{path}?{name}={one},{other}")).await.expect(200);
                let repeated = app.get(&format!("{path}?{name}={other}&{name}={one}")).await;
                assert_eq!(repeated.expect(200).json["items"], list.json["items"], "{path} {name}");
                let mixed = format!("{path}?{name}={one}&{name}=%20{other},{one}");
                app.get(&mixed).await.expect(200);
                let faulty = app.get(&format!("{path}?{name}={one}&{name}=")).await;
                let faulty = faulty.expect_problem(422, "validation_failed");
                assert_eq!(faulty.faults(), [name], "{path}");
                filters += 1;
            } else {
                let twice = app.get(&format!("{path}?{name}=1&{name}=1")).await;
                assert!(twice.status.is_client_error(), "{path} {name}");
                assert!(twice.faults().contains(&name.to_owned()), "{path} {name}");
            }
        }
    }
    assert!(filters >= 15, "{filters}");
}

#[support::test]
async fn a_cursor_is_valid_for_every_spelling_of_its_filter(Synced { app, .. }: Synced) {
    let all = app.findings("severity=critical,high").await;
    let first = app.get("/v1/findings?severity=critical,high&limit=1").await.expect(200).json;
    let next = first["next"].as_str().unwrap();
    for query in ["severity=high&severity=critical", "severity=high,%20critical"] {
        let path = format!("/v1/findings?{query}&cursor={next}&limit=200");
        let rest = app.get(&path).await.expect(200).json;
        assert_eq!(rest["items"].as_array().unwrap()[..], all[1..], "{query}");
    }
    let other = app.get(&format!("/v1/findings?severity=high&cursor={next}")).await;
    other.expect_problem(422, "validation_failed");

    let export = "/v1/findings/export?format=jsonl";
    let list = app.get(&format!("{export}&severity=critical,high")).await.expect(200);
    let repeated = app.get(&format!("{export}&severity=critical&severity=high")).await;
    assert_eq!(repeated.expect(200).text, list.text);
    assert_eq!(list.text.lines().count(), all.len());
}
