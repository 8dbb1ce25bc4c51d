//! A database of its own for each topic, on the server of `DATABASE_URL`.

use sqlx::{AssertSqlSafe, PgPool};
use store::{KeyRing, Options, Store};

/// Removed by [`Database::drop`].
pub struct Database {
    admin: PgPool,
    name: String,
    pub url: String,
    pub keys: String,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Database {
    pub async fn create(topic: &str) -> Self {
        let url = environment("DATABASE_URL").expect("scripts/bench sets DATABASE_URL");
        let admin = PgPool::connect(&url).await.expect("DATABASE_URL can be reached");
        let name = format!("bench_{topic}_{}", std::process::id());
        let mut own = reqwest::Url::parse(&url).expect("DATABASE_URL is a URL");
        own.set_path(&name);
        let sql = format!("create database {name}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&admin).await.expect("a new database");
        store::migrate(own.as_str()).await.expect("the migrations run");
        let keys = KeyRing::generate("bench").1.to_string();
        Self { admin, name, url: own.into(), keys }
    }

    pub async fn store(&self) -> Store {
        store(&self.url, &self.keys).await
    }

    pub async fn drop(self, store: Store) {
        store.pool().close().await;
        let sql = format!("drop database {} with (force)", self.name);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.admin).await.expect("it is ours");
    }
}

/// As many connections as the service has by default.
pub async fn store(url: &str, keys: &str) -> Store {
    let options = Options { max_connections: 20, ..Options::default() };
    let keys = KeyRing::parse(keys).expect("a key ring");
    Store::connect(url, keys, options).await.expect("the database can be reached")
}
