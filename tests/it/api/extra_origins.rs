//! Origins that are allowed for some organisations.

use std::sync::Arc;

use domain::Clock as _;
use domain::clock::SystemClock;
use http::Method;
use serde_json::json;
use simulator::{Limit, Options, SimulatedTenant, TenantFile, Tls};
use sqlx::PgPool;
use support::App;

#[support::test]
async fn an_extra_origin_is_called_for_its_organisations_only(pool: PgPool) {
    let now = Arc::new(|| SystemClock.now());
    let options = Options { listen: ([127, 0, 0, 1], 0).into(), tls: Tls::Plain, now };
    let mut fresh = TenantFile::bundled("fresh").unwrap();
    fresh.bucket = Limit::Unlimited;
    let other = SimulatedTenant::start(fresh, options).await.unwrap();
    let origin = other.origin();
    // Saved before the origin was given to another organisation.
    let before = App::builder(pool.clone()).tenant("fresh").extra_origin(&origin).start().await;
    let audience = format!("{origin}/api/v2/");
    let form = before.form_with(&json!({"api_identifier": origin, "api_audience": audience}));
    let saved = before.post("/v1/integrations", &form).await.expect(201);
    let id = saved.json["id"].as_str().unwrap();
    other.clear_requests();

    let app = App::builder(pool).keys_of(&before).tenant("fresh");
    let app = app.extra_origin(&format!("{origin};org=globex"));
    let app = app.start().await;
    let of = app.form_with(&json!({"api_identifier": origin}));
    app.post("/v1/connection-tests", &of).await.expect_problem(422, "validation_failed");
    assert_eq!(other.requests().len(), 0);
    let globex = app.token("globex", "admin");
    let path = "/v1/connection-tests";
    app.call_as(&globex, Method::POST, path, &[], Some(&of)).await.expect(200);
    assert_ne!(other.requests().len(), 0);
    other.clear_requests();
    assert_eq!(app.sync(id).await["failure"]["code"], "host_not_allowed");
    assert_eq!(other.requests().len(), 0);
}
