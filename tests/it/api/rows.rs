//! Inserts many findings directly into the database.

use support::App;

pub async fn execute(app: &App, sql: &'static str) {
    sqlx::query(sql).execute(app.pool()).await.unwrap();
}

/// Copies an existing finding `count` times, each for its own resource.
pub async fn clone_findings(app: &App, count: i32) {
    let sql = "insert into findings
        select (jsonb_populate_record(f, jsonb_build_object(
            'id', gen_random_uuid(), 'resource', 'clients/' || gen_random_uuid()))).*
        from findings f cross join generate_series(1, $1)
        where f.id = (select id from findings order by id limit 1)";
    sqlx::query(sql).bind(count).execute(app.pool()).await.unwrap();
}

/// The ids of all findings, in their order.
pub async fn ids(app: &App) -> Vec<String> {
    let sql = "select id::text from findings order by id";
    sqlx::query_scalar(sql).fetch_all(app.pool()).await.unwrap()
}
