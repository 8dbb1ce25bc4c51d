//! The whole service in one process: router, engine, database, simulated tenants, manual clock.
//! Jobs run when a test says so. How it is put together is in `builder`.

use api::auth::development::DevelopmentKey;
use axum::Router;
use axum::body::Body;
use engine::Engine;
use http::header::HOST;
use http::{HeaderValue, Method, Request};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulator::{SimulatedTenant, TenantFile};
use sqlx::PgPool;
use tower::ServiceExt;

use crate::document::assert_declared;
use crate::{Answer, AppBuilder};
use domain::clock::ManualClock;

/// The organisation of the callers, unless a test says otherwise.
pub const ORGANISATION: &str = "acme";
pub(crate) const ISSUER: &str = "https://issuer.example/";
pub(crate) const AUDIENCE: &str = "safe-auth0";

/// The service under test.
pub struct App {
    /// Moves only when told, or when somebody waits for a tenant.
    pub clock: ManualClock,
    /// To drain the queue and to look into the database.
    pub engine: Engine,
    pub(crate) router: Router,
    pub(crate) key: DevelopmentKey,
    pub(crate) tenants: Vec<SimulatedTenant>,
}

impl App {
    /// With the `fresh` tenant, without rate limits: the clock stands still unless it is moved.
    pub async fn start(pool: PgPool) -> Self {
        let mut fresh = TenantFile::bundled("fresh").expect("a bundled tenant");
        fresh.bucket = simulator::Limit::Unlimited;
        Self::builder(pool).tenant_file(fresh).start().await
    }

    /// With tenants of choice.
    pub fn builder(pool: PgPool) -> AppBuilder {
        AppBuilder::new(pool)
    }

    /// The database.
    pub fn pool(&self) -> &PgPool {
        self.engine.store().pool()
    }

    /// The present instant.
    pub fn now(&self) -> jiff::Timestamp {
        domain::Clock::now(&self.clock)
    }

    /// The first tenant.
    pub fn tenant(&self) -> &SimulatedTenant {
        &self.tenants[0]
    }

    /// Any tenant.
    pub fn tenant_at(&self, index: usize) -> &SimulatedTenant {
        &self.tenants[index]
    }

    /// A token for this organisation and role.
    pub fn token(&self, organisation: &str, role: &str) -> String {
        self.token_with(&json!({
            "sub": format!("{role}@{organisation}"), "email": format!("{role}@{organisation}.example"),
            "org_id": organisation, "role": role,
        }))
    }

    /// A token with these claims beside the usual ones.
    pub fn token_with(&self, claims: &Value) -> String {
        use domain::Clock;
        let now = self.clock.now().as_second();
        let mut all =
            json!({"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 3600 * 24 * 365});
        for (name, value) in claims.as_object().expect("claims are an object") {
            all[name] = value.clone();
        }
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        let pem = self.key.to_pem();
        let key = jsonwebtoken::EncodingKey::from_ec_pem(pem.expose_secret().as_bytes());
        jsonwebtoken::encode(&header, &all, &key.expect("a sound key")).expect("claims are signed")
    }

    /// Sends a request with a host; the answer's body is still to be read.
    pub async fn open(&self, mut request: Request<Body>) -> http::Response<Body> {
        let host = HeaderValue::from_static("safe-auth0.example");
        request.headers_mut().entry(HOST).or_insert(host);
        self.router.clone().oneshot(request).await.expect("the router answers")
    }

    /// Sends a request as it is. A problem must be one that the operation declares.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = Answer::read(self.open(request).await).await;
        assert_declared(&method, &path, &answer);
        answer
    }

    /// Sends a request as an administrator, with more headers and a body.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        self.call_as(&self.token(ORGANISATION, "admin"), method, path, headers, body).await
    }

    /// Sends a request with this token.
    pub async fn call_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !is_typed {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a well-formed request")).await
    }

    /// GET as an administrator.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    /// POST as an administrator.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    /// PATCH as an administrator, of this version.
    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, &[("if-match", etag)], Some(body)).await
    }

    /// DELETE as an administrator.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], None).await
    }

    /// The form of the first tenant, as an administrator would fill it in.
    pub fn form(&self) -> Value {
        self.form_of(0)
    }

    /// The form of any tenant.
    pub fn form_of(&self, index: usize) -> Value {
        let tenant = &self.tenants[index];
        let (client_id, client_secret) = tenant.credentials();
        json!({
            "api_identifier": tenant.api_identifier(), "client_id": client_id,
            "client_secret": client_secret, "api_audience": tenant.audience(),
        })
    }

    /// The form with some members replaced.
    pub fn form_with(&self, changes: &Value) -> Value {
        let mut form = self.form();
        for (name, value) in changes.as_object().expect("changes are an object") {
            form[name] = value.clone();
        }
        form
    }

    /// Saves the first tenant; the integration's id.
    pub async fn create(&self) -> String {
        self.create_from(&self.form()).await
    }

    /// Saves a form; the integration's id.
    pub async fn create_from(&self, form: &Value) -> String {
        let saved = self.post("/v1/integrations", form).await.expect(201);
        saved.json["id"].as_str().expect("an id").to_owned()
    }

    /// Sync Now: the queued sync.
    pub async fn start_sync(&self, integration_id: &str) -> Value {
        let path = format!("/v1/integrations/{integration_id}/syncs");
        self.call(Method::POST, &path, &[], None).await.expect(202).json
    }

    /// Sync Now, and runs it to its end: the sync.
    pub async fn sync(&self, integration_id: &str) -> Value {
        let queued = self.start_sync(integration_id).await;
        self.run_due_jobs().await;
        let id = queued["id"].as_str().expect("an id");
        self.get(&format!("/v1/syncs/{id}")).await.expect(200).json
    }

    /// The integration.
    pub async fn integration(&self, id: &str) -> Value {
        self.get(&format!("/v1/integrations/{id}")).await.expect(200).json
    }

    /// Its history, newest first.
    pub async fn history(&self, id: &str) -> Vec<Value> {
        let list = self.get(&format!("/v1/integrations/{id}/history")).await.expect(200).json;
        list["items"].as_array().expect("items").clone()
    }

    /// Runs what is due and queued; how many.
    pub async fn run_due_jobs(&self) -> u32 {
        self.engine.run_due_jobs().await.expect("the database is there")
    }

    /// The findings of an integration by check id.
    pub async fn findings(&self, query: &str) -> Vec<Value> {
        let list = self.get(&format!("/v1/findings?limit=200&{query}")).await.expect(200);
        list.json["items"].as_array().expect("items").clone()
    }
}
