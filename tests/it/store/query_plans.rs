//! What a list reads from the database: a page, however large the organisation is.

use domain::checks::Severity;
use domain::finding::FindingStatus;
use domain::reconcile::Changes;
use domain::{AssetId, HistoryEntryId, IntegrationId};
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgPool};
use store::{
    AssetFilter, AuditFilter, AuditPosition, FindingFilter, FindingPosition, FindingSort,
    HistoryFilter, Options, PageQuery, Period, SortKey, Store,
};
use uuid::Uuid;

use super::fixtures::{World, first, rows_read, t};
use crate::api::statements::Statements;

const FINDINGS: i64 = 200_000;
/// A page of 51 from each range of the order, what equal times hold beyond it, or all 400 of one asset for each severity.
const READ_MAX: f64 = 2_500.0;

const ALL: FindingFilter = FindingFilter {
    integration_ids: None,
    asset_ids: None,
    states: None,
    severities: None,
    check_ids: None,
    q: None,
    include_deleted: false,
};

/// One organisation of so many findings, on 500 assets, beside 2,000 small ones, so that the planner takes it for a
/// small one. Half of its findings were seen when their asset was evaluated, the others at 1,000 different times.
async fn large_organisation(world: &World, pool: &PgPool) -> IntegrationId {
    let integration_id = world.saved("acme").await.id;
    let claim = world.running(integration_id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let finding = world.finding(&asset, "check-0", Severity::Low, t(20));
    let found = Changes { findings: vec![finding], ..Changes::default() };
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    for sql in [
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('id', md5('i' || n),
            'tenant_domain', n, 'asset_name_key', n))).* from integrations i, generate_series(1, 499) n",
        "insert into assets select (jsonb_populate_record(a, jsonb_build_object('id', md5('a' || n),
            'integration_id', md5('i' || n), 'evaluated_at', a.evaluated_at + n * interval '1 second'))).*
            from assets a, generate_series(1, 499) n",
        "insert into findings (organisation_id, id, integration_id, asset_id, check_id, resource, check_version,
            title, severity_rank, state, result, evidence, first_seen_at, last_seen_at, last_evaluated_at,
            open_since, reopen_count, seen_in_latest, priority)
         select f.organisation_id, md5(n::text)::uuid, a.integration_id, a.id, 'check-' || n / 1000 % 100, 'clients/' || n,
            1, f.title, n % 5, 'open', 'fail', '[]', f.first_seen_at + n % 1000 * interval '1 second',
            f.last_seen_at + n % 1000 * interval '1 second', f.last_evaluated_at, f.open_since, 0,
            n / 500 % 2 = 0, n % 900
         from findings f, generate_series(1, 200000) n
         join (select *, row_number() over (order by id) - 1 as number from assets) a on a.number = n % 500",
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('organisation_id', 'small-' || o))).*
            from integrations i, generate_series(1, 2000) o where i.tenant_domain = '1'",
        "insert into assets select (jsonb_populate_record(a, jsonb_build_object('organisation_id', i.organisation_id))).*
            from integrations i join assets a on a.organisation_id = 'acme' and a.integration_id = i.id
            where i.organisation_id <> 'acme'",
        "insert into findings
            select (jsonb_populate_record(f, jsonb_build_object('organisation_id', a.organisation_id))).*
            from assets a join findings f on f.organisation_id = 'acme' and f.asset_id = a.id
            where a.organisation_id <> 'acme' and f.check_id = 'check-1'",
        "analyze",
    ] {
        sqlx::raw_sql(sql).execute(pool).await.unwrap();
    }
    integration_id
}

#[support::test]
async fn a_page_of_findings_reads_a_page_whatever_the_filter_the_order_and_the_depth(world: World) {
    let integration_id = large_organisation(&world, world.store.pool()).await;
    let listed = world
        .store
        .list_findings(
            &world.org,
            &ALL,
            FindingSort { key: SortKey::FirstSeenAt, descending: true },
            PageQuery { limit: 1, after: None },
            t(30),
        )
        .await
        .unwrap();
    let some = listed.page.items[0].finding.clone();
    let filters = [
        ALL,
        FindingFilter { integration_ids: Some(vec![some.integration_id]), ..ALL },
        FindingFilter { asset_ids: Some(vec![some.asset_id]), ..ALL },
        FindingFilter { states: Some(vec![FindingStatus::Open]), ..ALL },
        FindingFilter { states: Some(vec![FindingStatus::Accepted]), ..ALL },
        FindingFilter { states: Some(vec![FindingStatus::Resolved]), ..ALL },
        FindingFilter { severities: Some(vec![Severity::Critical]), ..ALL },
        FindingFilter { severities: Some(vec![Severity::Critical, Severity::High]), ..ALL },
        FindingFilter { check_ids: Some(vec![some.key.check_id.clone()]), ..ALL },
        FindingFilter { check_ids: Some(vec!["no-such-check".to_owned()]), ..ALL },
    ];
    // The middle of each order.
    let middle = |key| match key {
        SortKey::SeverityRank => 2,
        SortKey::Priority => 400,
        SortKey::LastSeenAt => t(520).as_microsecond(),
        SortKey::FirstSeenAt => some.first_seen_at.as_microsecond() - 500_000_000,
    };
    let store = explained_store(&world).await;
    let notices = Statements::listen_to_notices();
    for filter in &filters {
        for (key, descending) in [
            (SortKey::SeverityRank, true),
            (SortKey::SeverityRank, false),
            (SortKey::Priority, true),
            (SortKey::LastSeenAt, true),
            (SortKey::LastSeenAt, false),
            (SortKey::FirstSeenAt, true),
            (SortKey::FirstSeenAt, false),
        ] {
            let sort = FindingSort { key, descending };
            for after in [None, Some(FindingPosition { value: middle(key), id: some.id })] {
                let slice = PageQuery { limit: 50, after };
                store.list_findings(&world.org, filter, sort, slice, t(30)).await.unwrap();
                let heard = notices.drain();
                let read = read_of(&heard, "findings");
                // The indexes lead to what a filter leaves in the order of severity; by time, a page passes over
                // the others, or what is left is sorted; that of `last_seen_at` has two indexes.
                let is_indexed = key == SortKey::SeverityRank || *filter == ALL;
                let max = if is_indexed { READ_MAX } else { 10_000.0 };
                assert!(
                    !heard.iter().any(|plan| plan.contains("Gather")),
                    "workers are started: {filter:?} {sort:?} {heard:#?}"
                );
                assert!(read <= max, "{filter:?} {sort:?} {after:?} reads {read}: {heard:#?}");
            }
        }
    }
    let beyond = FindingPosition { value: 9, id: some.id };
    let sort = FindingSort { key: SortKey::SeverityRank, descending: false };
    let slice = PageQuery { limit: 50, after: Some(beyond) };
    let list = world.store.list_findings(&world.org, &ALL, sort, slice, t(30)).await.unwrap();
    assert!(list.page.items.is_empty(), "after the last severity");
    // A search examines a limited number of findings for each page, and reaches the only match in the end.
    let filter = FindingFilter { q: Some("CLIENTS/123456".to_owned()), ..ALL };
    for sort in [
        FindingSort { key: SortKey::SeverityRank, descending: true },
        FindingSort { key: SortKey::FirstSeenAt, descending: false },
    ] {
        let (mut after, mut found, mut pages) = (None, Vec::new(), 0);
        loop {
            let slice = PageQuery { limit: 50, after };
            let list = store.list_findings(&world.org, &filter, sort, slice, t(30)).await.unwrap();
            let read = read_of(&notices.drain(), "findings");
            assert!((1.0..=10_100.0).contains(&read), "a page of a search reads {read}");
            found.extend(list.page.items.into_iter().map(|item| item.finding.key.resource));
            pages += 1;
            after = list.stopped_at;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((found, pages), (vec!["clients/123456".to_owned()], FINDINGS / 5_000 + 1));
    }
    // A sync reads the findings of its integration.
    let world = World { store, ..world };
    let claim = world.running(integration_id, t(600)).await;
    notices.drain();
    let inputs = world.store.evaluation_inputs(&world.org, integration_id, t(610)).await.unwrap();
    let heard = notices.drain();
    let read = read_of(&heard, "findings");
    let mut findings = inputs.findings;
    assert_eq!(findings.len(), 401);
    assert!((401.0..=READ_MAX).contains(&read), "a sync reads {read} findings: {heard:#?}");
    for finding in &mut findings {
        finding.severity = Severity::High;
    }
    let found = Changes { findings, ..Changes::default() };
    assert!(world.succeed(&claim, t(620), &inputs.asset.unwrap(), &found).await);
    let heard = notices.drain();
    let read = read_of(&heard, "findings");
    assert!((401.0..=READ_MAX).contains(&read), "the end of a sync reads {read}: {heard:#?}");
}

/// A store with one connection, which tells the plans of all its statements.
async fn explained_store(world: &World) -> Store {
    let pool = world.store.pool();
    for sql in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_analyze = on",
        "auto_explain.log_timing = off",
        "auto_explain.log_format = json",
        "auto_explain.log_level = notice",
    ] {
        let name = pool.connect_options().get_database().unwrap().to_owned();
        let sql = AssertSqlSafe(format!("alter database \"{name}\" set {sql}"));
        sqlx::raw_sql(sql).execute(pool).await.unwrap();
    }
    let url = pool.connect_options().to_url_lossy();
    let options = Options { max_connections: 1, ..Options::default() };
    Store::connect(url.as_str(), world.store.keys().clone(), options).await.unwrap()
}

/// Rows read of the table by the list whose plans were heard.
fn read_of(notices: &[String], table: &str) -> f64 {
    let plans = notices.iter().filter_map(|notice| notice.split_once("plan:\n"));
    let plans = plans.map(|(_, json)| serde_json::from_str::<Value>(json).unwrap());
    plans.map(|plan| rows_read(&plan["Plan"], table)).sum()
}

#[support::test]
async fn a_page_of_any_other_list_reads_a_page(world: World) {
    let pool = world.store.pool();
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let findings = vec![world.finding(&asset, "check-0", Severity::Low, t(20))];
    let found = Changes { findings, ..Changes::default() };
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    let mut connection = pool.acquire().await.unwrap();
    for sql in [
        "set session_replication_role = replica",
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('id', md5('i' || n),
            'tenant_domain', n, 'asset_name_key', n))).* from integrations i, generate_series(1, 999) n",
        "insert into assets select (jsonb_populate_record(a, jsonb_build_object('id', md5('a' || n),
            'integration_id', md5('i' || n)))).* from assets a, generate_series(1, 999) n",
        "insert into findings (organisation_id, id, integration_id, asset_id, check_id, resource, check_version,
            title, severity_rank, state, result, evidence, first_seen_at, last_seen_at, last_evaluated_at,
            open_since, reopen_count)
         select f.organisation_id, md5('f' || n)::uuid, a.integration_id, a.id, f.check_id, 'clients/' || n,
            1, f.title, n % 5, 'open', 'fail', '[]', f.first_seen_at, f.last_seen_at, f.last_evaluated_at,
            f.open_since, 0
         from findings f, generate_series(1, 200000) n
         join (select *, row_number() over (order by id) - 1 as number from assets) a on a.number = n % 1000",
        "insert into history_entries select (jsonb_populate_record(null::history_entries, to_jsonb(h)
            || jsonb_build_object('id', md5('h' || n), 'sync_id', null))).*
         from (select * from history_entries limit 1) h, generate_series(1, 20000) n",
        "insert into sync_scores select (jsonb_populate_record(null::sync_scores, to_jsonb(s) || jsonb_build_object(
            'sync_id', md5('s' || n), 'observed_at', s.observed_at + n * interval '1 second'))).*
         from (select * from sync_scores limit 1) s, generate_series(1, 20000) n",
        "insert into audit_events (organisation_id, at, actor_subject, actor_email, action, outcome, request_id,
            details, seq, previous_hash, hash)
         select 'acme', now(), 'ada', 'ada', 'create_integration', 'done', 'r', '{}', n + 1000, repeat('x', 32)::bytea,
            repeat('x', 32)::bytea from generate_series(1, 20000) n",
        "reset session_replication_role",
        "vacuum analyze",
    ] {
        sqlx::raw_sql(sql).execute(&mut *connection).await.unwrap();
    }
    drop(connection);
    let store = explained_store(&world).await;
    let notices = Statements::listen_to_notices();
    let check = |what: &str, maxima: &[(&str, f64)]| {
        let heard = notices.drain();
        for (table, max) in maxima {
            let read = read_of(&heard, table);
            assert!((1.0..=*max).contains(&read), "{what} reads {read} of {table}: {heard:#?}");
        }
    };
    // The middle of the ids that are hashes.
    let middle = Uuid::from_u128(u128::MAX / 2);
    let org = &world.org;
    let of_one = Some(vec![asset.integration_id]);
    for (filter, after, assets) in [
        (AssetFilter::default(), None, 51.0),
        (AssetFilter::default(), Some(AssetId(middle)), 51.0),
        (AssetFilter { include_deleted: true, ..AssetFilter::default() }, None, 51.0),
        // The list of ids is short, or it is as long as the table of assets.
        (AssetFilter { integration_ids: of_one, ..AssetFilter::default() }, None, 1_000.0),
    ] {
        let slice = PageQuery { limit: 50, after };
        store.list_assets(org, &filter, slice, t(30)).await.unwrap();
        // The counts are of the 200 findings of each asset.
        let maxima = [("assets", assets), ("integrations", assets), ("findings", 51.0 * 201.0)];
        check("a list of assets", &maxima);
    }
    for after in [None, Some(IntegrationId(middle))] {
        store.list_integrations(org, PageQuery { limit: 50, after }).await.unwrap();
        check("a list of integrations", &[("integrations", 51.0)]);
    }
    for after in [None, Some(HistoryEntryId(middle))] {
        let slice = PageQuery { limit: 50, after };
        let all = HistoryFilter::default();
        let listed =
            store.list_history(org, asset.integration_id, &all, slice, t(30)).await.unwrap();
        assert!(listed.has_more);
        check("a list of history", &[("history_entries", 51.0)]);
    }
    // One more: the item that a cursor names.
    let scores = store.list_scores(org, asset.id, Period::default(), first(50), t(30)).await;
    assert!(scores.unwrap().has_more);
    check("a list of scores", &[("sync_scores", 52.0)]);
    for after in
        [None, Some(AuditPosition::Chained { seq: 9000 }), Some(AuditPosition::Numbered(9000))]
    {
        let slice = PageQuery { limit: 50, after };
        let listed = store.list_audit(org, &AuditFilter::default(), slice).await.unwrap();
        assert!(listed.has_more);
        check("a list of the audit", &[("audit_events", 52.0)]);
    }
}
