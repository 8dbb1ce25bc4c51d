//! The service as it runs in production, in this process: real time, its default limits, HTTP on a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::auth::development::DevelopmentKey;
use api::auth::{ClaimRules, Verifier};
use auth0::TokioSleeper;
use axum::serve::ListenerExt;
use domain::Clock;
use domain::address::{AllowedOrigins, Origin, TenantAddress};
use domain::clock::{SystemClock, SystemIds};
use domain::frequency::Frequency;
use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::integration::{Integration, Settings};
use domain::sync::Stage;
use domain::{HistoryEntryId, IdSource, IntegrationId, OrganisationId};
use engine::Engine;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::{AuditEntry, Store};
use tokio_util::sync::CancellationToken;

use crate::database::Database;

const ISSUER: &str = "https://issuer.example/";
const AUDIENCE: &str = "safe-auth0";

pub struct Service {
    database: Database,
    pub engine: Engine,
    pub address: SocketAddr,
    key: DevelopmentKey,
    http: reqwest::Client,
    stop: CancellationToken,
}

/// May call these tenants.
pub fn engine(store: Store, origins: &[String]) -> Engine {
    let origins = origins.iter().map(|origin| Origin::parse(origin).expect("an origin"));
    let allowed = AllowedOrigins::new(origins);
    Engine::new(engine::Parts {
        store,
        auth0: client(allowed.clone()),
        allowed,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        limits: engine::Limits { schedule_spread: Duration::ZERO, ..engine::Limits::default() },
    })
}

pub fn client(allowed: AllowedOrigins) -> auth0::Auth0 {
    let config = auth0::Config {
        allowed,
        extra_ca_pem: None,
        limits: auth0::Limits::default(),
        user_agent: "safe-auth0/bench".into(),
    };
    auth0::Auth0::new(config, Arc::new(SystemClock), Arc::new(TokioSleeper))
        .expect("a sound configuration")
}

impl Service {
    pub async fn start(topic: &str, origins: &[String]) -> Self {
        let database = Database::create(topic).await;
        let engine = engine(database.store().await, origins);
        let key = DevelopmentKey::generate().expect("a key");
        let state = api::AppState::new(api::Parts {
            engine: engine.clone(),
            verifier: Verifier::from_development_key(&key, ClaimRules::new(ISSUER, AUDIENCE)),
            form: api::OperatorInfo::default(),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            limits: api::Limits { rates: support::high_rates(), ..api::Limits::default() },
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
        let app = api::router(state).into_make_service_with_connect_info::<SocketAddr>();
        let stop = CancellationToken::new();
        let serve =
            axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::spawn(serve.into_future());
        let http = reqwest::Client::builder().build().expect("a client");
        Self { database, engine, address, key, http, stop }
    }

    /// Starts its worker.
    pub fn work(&self) {
        tokio::spawn(engine::worker::run(self.engine.clone(), self.stop.clone()));
    }

    pub async fn stop(self) {
        self.stop.cancel();
        let store = self.engine.store().clone();
        self.database.drop(store).await;
    }

    /// Its database without the service's timeouts, for filling it.
    pub async fn filler(&self) -> PgPool {
        PgPool::connect(&self.database.url).await.expect("the database can be reached")
    }

    pub fn store(&self) -> &Store {
        self.engine.store()
    }

    /// URL and keys of its database, for other processes.
    pub fn database(&self) -> (&str, &str) {
        (&self.database.url, &self.database.keys)
    }

    /// An administrator's token.
    pub fn token(&self, organisation: &str) -> String {
        let now = SystemClock.now().as_second();
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 24 * 3600, "sub": "ada",
            "email": "ada@acme.example", "org_id": organisation, "role": "admin",
        });
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        let pem = self.key.to_pem();
        let key = jsonwebtoken::EncodingKey::from_ec_pem(pem.expose_secret().as_bytes());
        jsonwebtoken::encode(&header, &claims, &key.expect("a sound key")).expect("signed claims")
    }

    /// A request with a token: how long it took, and the answer.
    pub async fn call(
        &self,
        method: reqwest::Method,
        token: &str,
        path: &str,
    ) -> (Duration, Value) {
        let began = Instant::now();
        let request = self.http.request(method, format!("http://{}{path}", self.address));
        let request = request.bearer_auth(token).header("prefer", "wait=30");
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        let took = began.elapsed();
        assert!(status.is_success(), "{path}: {status} {text}");
        (took, serde_json::from_str(&text).expect("JSON"))
    }

    /// Saves a tenant without testing the connection.
    pub async fn save(
        &self,
        organisation: &str,
        origin: &str,
        (client_id, secret): (&str, &str),
        next_sync_at: Option<Timestamp>,
    ) -> IntegrationId {
        let organisation_id = OrganisationId::parse(organisation).expect("an organisation");
        let id = IntegrationId(SystemIds.next());
        let now = SystemClock.now();
        let allowed = self.engine.allowed_for(&organisation_id);
        let at = TenantAddress::parse(&format!("{origin}/api/v2/"), &allowed);
        let at = at.expect("an allowed tenant");
        let integration = Integration {
            organisation_id: organisation_id.clone(),
            id,
            settings: Settings {
                name: at.address.domain(),
                asset_name: at.address.domain(),
                api_identifier: at.address.clone(),
                api_audience: at.address,
                client_id: client_id.to_owned(),
                auto_sync_frequency: Frequency::parse(&json!({"every": "1d"})).expect("a day"),
                client_secret_expires_at: None,
                enabled: true,
            },
            client_secret_updated_at: now,
            next_secret: None,
            version: 1,
            paused_at: None,
            failing_since: None,
            deleted_at: None,
            next_sync_at,
            last_sync: None,
            last_succeeded_at: None,
            created_at: now,
            updated_at: now,
        };
        let (entry, audit) = records(&organisation_id, id, now);
        let secret = SecretString::from(secret);
        let saved = self.store().insert_integration(&integration, &secret, &entry, &audit);
        saved.await.expect("it is new");
        id
    }
}

fn records(of: &OrganisationId, id: IntegrationId, now: Timestamp) -> (HistoryEntry, AuditEntry) {
    let entry = HistoryEntry {
        organisation_id: of.clone(),
        id: HistoryEntryId(SystemIds.next()),
        integration_id: id,
        action: Action::Update,
        started_at: now,
        started_by: "ada@acme.example".to_owned(),
        status: HistoryStatus::Success,
        stage: Stage::Completed,
        error: None,
        message: "Saved.".to_owned(),
        last_completed_at: Some(now),
        sync_id: None,
        details: json!({"fields": ["name"]}),
    };
    let audit = AuditEntry {
        organisation_id: of.clone(),
        at: now,
        actor_subject: "ada".to_owned(),
        actor_email: "ada@acme.example".to_owned(),
        source_address: None,
        action: "create",
        target: Some(id.0),
        outcome: "done",
        request_id: "bench".to_owned(),
        own_request_id: None,
        details: json!({}),
    };
    (entry, audit)
}
