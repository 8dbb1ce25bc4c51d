//! Claiming several syncs at once.

use std::collections::BTreeSet;

use sqlx::PgPool;
use store::ClaimRules;

use super::claim::next;
use super::fixtures::{RULES, World, rows_read, t};

/// So many syncs of the organisation wait, each of a tenant of its own, the first since this second.
async fn fill_queue(world: &World, pool: &PgPool, waiting: i32, since: i64) {
    let of = world.saved(&format!("template-{}", world.org.as_str())).await.id;
    world.ask_for_sync(of, t(since)).await;
    for sql in [
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('id', md5(i.id::text || n),
            'tenant_domain', i.organisation_id || n, 'asset_name_key', n))).*
         from integrations i, generate_series(1, $2) n where i.organisation_id = $1 and i.tenant_domain like 'template%'",
        "insert into syncs select (jsonb_populate_record(s, jsonb_build_object('id', md5(s.id::text || n),
            'integration_id', md5(s.integration_id::text || n), 'tenant_domain', s.organisation_id || n,
            'not_before', s.not_before + n * interval '1 microsecond'))).*
         from syncs s, generate_series(1, $2) n where s.organisation_id = $1 and s.tenant_domain like '%/template-%'",
    ] {
        sqlx::query(sql).bind(world.org.as_str()).bind(waiting - 1).execute(pool).await.unwrap();
    }
}

fn tokens(world: &World, count: usize) -> Vec<uuid::Uuid> {
    (0..count).map(|_| next(world)).collect()
}

#[support::test]
async fn one_claim_fills_all_free_slots_fairly(pool: PgPool) {
    let mut world = World::new(pool.clone());
    let rules = ClaimRules { per_organisation: 8, per_tenant: 1, ..RULES };
    fill_queue(&world, &pool, 300, 0).await;
    world.org = domain::OrganisationId::parse("globex").unwrap();
    let late = world.saved("late").await.id;
    world.ask_for_sync(late, t(50)).await;
    let claimed = world.store.claim_syncs(t(60), &rules, &tokens(&world, 16)).await.unwrap();
    assert!(claimed.has_more, "the limit holds the others back");
    let claimed: Vec<_> = claimed.claims.into_iter().map(Result::unwrap).collect();
    let of_globex = claimed.iter().filter(|claim| claim.integration.id == late).count();
    assert_eq!(
        (claimed.len(), of_globex),
        (9, 1),
        "8 of the large organisation, and the small one"
    );
    let leases: BTreeSet<_> = claimed.iter().map(|claim| claim.lease_token).collect();
    assert_eq!(leases.len(), 9);
    for claim in &claimed {
        assert_eq!(claim.sync.integration_id, claim.integration.id);
    }
    let more = world.store.claim_syncs(t(60), &rules, &tokens(&world, 16)).await.unwrap();
    assert!(
        more.claims.is_empty() && more.has_more,
        "both are at their limit, or have nothing left"
    );
}

#[support::test]
async fn a_claim_knows_that_nothing_is_left(world: World) {
    let of = world.saved("acme").await.id;
    world.ask_for_sync(of, t(0)).await;
    let claims = world.store.claim_syncs(t(60), &RULES, &tokens(&world, 2)).await.unwrap();
    assert_eq!((claims.claims.len(), claims.has_more), (1, false));
}

#[support::test]
async fn a_claim_reads_the_same_however_long_the_queue_is(pool: PgPool) {
    let mut world = World::new(pool.clone());
    let rules = ClaimRules { per_organisation: 8, per_tenant: 1, ..RULES };
    fill_queue(&world, &pool, 5_000, 0).await;
    world.org = domain::OrganisationId::parse("globex").unwrap();
    fill_queue(&world, &pool, 20, 50).await;
    sqlx::raw_sql("analyze").execute(&pool).await.unwrap();
    for running in [0, 8, 16] {
        let plan = world.store.explain_claim(t(60), &rules, &tokens(&world, 4)).await.unwrap();
        let read = rows_read(&plan[0]["Plan"], "syncs");
        assert!(read < 1_500.0, "{read} rows of {plan}");
        let claimed =
            world.store.claim_syncs(t(60), &rules, &tokens(&world, 8)).await.unwrap().claims;
        let of_globex = claimed.iter().flatten().filter(|c| c.sync.organisation_id == world.org);
        // Each gets half of the free slots until both are at their limit.
        let expected = if running < 16 { (8, 4) } else { (0, 0) };
        assert_eq!((claimed.len(), of_globex.count()), expected, "with {running} running");
    }
}

#[support::test]
async fn what_one_limit_rejects_does_not_count_for_the_other(mut world: World) {
    let rules = ClaimRules { per_organisation: 1, per_tenant: 1, ..RULES };
    for (second, tenant) in [(0, "x"), (1, "shared")] {
        let of = world.saved(tenant).await.id;
        world.ask_for_sync(of, t(second)).await;
    }
    world.org = domain::OrganisationId::parse("globex").unwrap();
    let of = world.saved("shared").await.id;
    world.ask_for_sync(of, t(2)).await;
    let claims = world.store.claim_syncs(t(60), &rules, &tokens(&world, 8)).await.unwrap();
    assert!(claims.has_more, "one waits for its tenant");
    let claimed = claims.claims.into_iter().map(|claim| claim.unwrap().integration.id);
    let claimed: Vec<_> = claimed.collect();
    assert_eq!(claimed.len(), 2, "one of each organisation");
    assert!(claimed.contains(&of));
}
