//! What a test starts from: the parameter of `#[support::test]`.

use simulator::TenantFile;
use sqlx::PgPool;

use crate::App;

/// Made from a database of its own.
pub trait FromPool: Sized {
    /// What the test needs, on this database.
    fn from_pool(pool: PgPool) -> impl Future<Output = Self>;
}

impl FromPool for PgPool {
    async fn from_pool(pool: PgPool) -> Self {
        pool
    }
}

impl FromPool for App {
    async fn from_pool(pool: PgPool) -> Self {
        Self::start(pool).await
    }
}

/// The service with its tenant saved.
pub struct Saved {
    /// The service.
    pub app: App,
    /// Of the integration.
    pub id: String,
}

impl FromPool for Saved {
    async fn from_pool(pool: PgPool) -> Self {
        let app = App::start(pool).await;
        let id = app.create().await;
        Self { app, id }
    }
}

/// The service with its tenant saved and synced once.
pub struct Synced {
    /// The service.
    pub app: App,
    /// Of the integration.
    pub id: String,
}

impl FromPool for Synced {
    async fn from_pool(pool: PgPool) -> Self {
        let Saved { app, id } = Saved::from_pool(pool).await;
        app.sync(&id).await;
        Self { app, id }
    }
}

/// A bundled tenant without rate limits, whose first application has every scope that feeds a check.
pub fn readable(bundled: &str) -> TenantFile {
    let mut file = TenantFile::bundled(bundled).expect("a bundled tenant");
    let scopes = domain::checks::scopes::useful().into_iter();
    file.applications[0].scopes = Some(scopes.map(String::from).collect());
    file.bucket = simulator::Limit::Unlimited;
    file
}
