//! Following a sync by Server-Sent Events.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::json;
use support::{ORGANISATION, Saved};

#[support::test]
async fn an_event_stream_has_every_state_and_reading_and_ends_with_the_sync(
    Saved { app, id }: Saved,
) {
    let sync = app.sync(&id).await;
    let path = format!("/v1/syncs/{}/events", sync["id"].as_str().unwrap());
    let stream = app.get(&path).await.expect(200);
    assert!(stream.header("content-type").starts_with("text/event-stream"));
    let told = stream.events();
    let states: Vec<_> =
        told.iter().filter(|e| e.1 == "state").map(|e| e.2["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["queued", "running", "succeeded"]);
    assert_eq!(told.last().unwrap().2["stage"], "completed");
    let readings: Vec<_> = told.iter().filter(|e| e.1 == "reading").collect();
    assert_eq!(readings.len(), 13);
    assert!(readings.iter().all(|e| e.2["outcome"].is_string() && e.2["at"].is_string()));
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "ids ascend");

    let half = told[6].0.to_string();
    let rest = app.call(Method::GET, &path, &[("last-event-id", &half)], None).await.expect(200);
    assert_eq!(rest.events(), told[7..]);
    let last = told.last().unwrap().0.to_string();
    app.call(Method::GET, &path, &[("last-event-id", &last)], None).await.expect(204);
    let odd = app.call(Method::GET, &path, &[("last-event-id", "x")], None).await;
    assert_eq!(odd.expect_problem(400, "malformed_request").faults(), ["last-event-id"]);
}

#[support::test]
async fn a_stream_goes_on_while_the_sync_runs(Saved { app, id }: Saved) {
    let queued = app.call(Method::POST, &format!("/v1/integrations/{id}/syncs"), &[], None).await;
    let path = format!("/v1/syncs/{}/events", queued.json["id"].as_str().unwrap());
    let (stream, _) = tokio::join!(app.get(&path), app.run_due_jobs());
    let told = stream.events();
    assert_eq!(told.last().unwrap().2["state"], "succeeded");
}

#[support::test]
async fn a_viewer_can_follow_and_another_organisation_gets_404(Saved { app, id }: Saved) {
    let sync = app.sync(&id).await;
    let path = format!("/v1/syncs/{}/events", sync["id"].as_str().unwrap());
    let viewer = app.token(ORGANISATION, "viewer");
    app.call_as(&viewer, Method::GET, &path, &[], None).await.expect(200);
    app.call_as(&viewer, Method::DELETE, &path[..path.len() - 7], &[], None)
        .await
        .expect_problem(403, "forbidden");
    let stranger = app.token("globex", "admin");
    app.call_as(&stranger, Method::GET, &path, &[], None).await.expect_problem(404, "not_found");
    let cancel = app.call_as(&stranger, Method::DELETE, &path[..path.len() - 7], &[], None).await;
    cancel.expect_problem(404, "not_found");
    let over = app.delete(&path[..path.len() - 7]).await.expect(202).json;
    assert_eq!(over["state"], json!("succeeded"));
}

#[support::test]
async fn event_ids_reveal_nothing_about_other_organisations(Saved { app, id }: Saved) {
    let (mine, theirs) = (app.token(ORGANISATION, "admin"), app.token("globex", "admin"));
    let form = app.form();
    let other = app.call_as(&theirs, Method::POST, "/v1/integrations", &[], Some(&form)).await;
    let other = other.expect(201).json["id"].as_str().unwrap().to_owned();
    // Of each organisation in turn, so that a number over both would have gaps.
    let mut streams = Vec::new();
    for (token, id) in [(&mine, &id), (&theirs, &other), (&mine, &id)] {
        let path = format!("/v1/integrations/{id}/syncs");
        let sync = app.call_as(token, Method::POST, &path, &[], None).await.expect(202).json;
        app.run_due_jobs().await;
        let path = format!("/v1/syncs/{}/events", sync["id"].as_str().unwrap());
        let told = app.call_as(token, Method::GET, &path, &[], None).await.expect(200).events();
        streams.push(told.iter().map(|event| event.0).collect::<Vec<_>>());
    }
    for ids in streams {
        let count = u64::try_from(ids.len()).unwrap();
        assert_eq!(ids, (1..=count).collect::<Vec<_>>());
    }
    let page = app.get("/v1/audit?limit=1").await.expect(200).json;
    let cursor = URL_SAFE_NO_PAD.decode(page["next"].as_str().unwrap()).unwrap();
    let cursor: serde_json::Value = serde_json::from_slice(&cursor).unwrap();
    assert_eq!(cursor["at"], json!({"seq": page["items"][0]["seq"]}));
    let rest = app.get(&format!("/v1/audit?cursor={}", page["next"].as_str().unwrap())).await;
    let seqs: Vec<_> = rest.expect(200).json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["seq"].as_i64().unwrap())
        .collect();
    let newest = page["items"][0]["seq"].as_i64().unwrap();
    assert_eq!(seqs, (1..newest).rev().collect::<Vec<_>>());
}

#[support::test]
async fn resuming_from_an_id_of_another_stream_delivers_the_end(Saved { app, id }: Saved) {
    let queued = app.call(Method::POST, &format!("/v1/integrations/{id}/syncs"), &[], None).await;
    let path = format!("/v1/syncs/{}/events", queued.json["id"].as_str().unwrap());
    let follow = app.call(Method::GET, &path, &[("last-event-id", "4711")], None);
    let (stream, _) = tokio::join!(follow, app.run_due_jobs());
    assert_eq!(stream.events().last().unwrap().2["state"], "succeeded");
}
