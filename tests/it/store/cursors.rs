//! The cursors of the Finding View while findings come, change and resolve between the pages: random
//! lists, orders, filters, page sizes and changes, the same in every run.

use std::collections::BTreeMap;

use domain::FindingId;
use domain::checks::Severity;
use jiff_sqlx::ToSqlx;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use store::{FindingFilter, FindingSort, PageQuery, SortKey};
use uuid::Uuid;

use super::fixtures::{World, org, t};

const CASES: u32 = 40;
const KEYS: [SortKey; 4] =
    [SortKey::SeverityRank, SortKey::LastSeenAt, SortKey::FirstSeenAt, SortKey::Priority];

/// What bears on the list: few values, so that there are many ties.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    severity: usize,
    first_seen: i64,
    last_seen: i64,
    is_resolved: bool,
}

#[derive(Debug, Clone)]
enum Act {
    Insert(u128, Row),
    Change(prop::sample::Index, Row),
    Resolve(prop::sample::Index),
}

#[derive(Debug, Clone)]
struct Plan {
    rows: Vec<(u128, Row)>,
    key: usize,
    descending: bool,
    limit: u32,
    /// Severities, and whether only open ones.
    filter: Option<(Vec<usize>, bool)>,
    /// What happens after each page.
    acts: Vec<Vec<Act>>,
}

fn row() -> impl Strategy<Value = Row> {
    (0..5_usize, 0..4_i64, 0..4_i64, any::<bool>()).prop_map(
        |(severity, first_seen, last_seen, is_resolved)| Row {
            severity,
            first_seen,
            last_seen,
            is_resolved,
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    let act = prop_oneof![
        (any::<u128>(), row()).prop_map(|(id, row)| Act::Insert(id, row)),
        (any::<prop::sample::Index>(), row()).prop_map(|(which, row)| Act::Change(which, row)),
        any::<prop::sample::Index>().prop_map(Act::Resolve),
    ];
    let filter = prop::option::of((vec(0..5_usize, 1..4), any::<bool>()));
    let acts = vec(vec(act, 0..4), 0..12);
    (vec((any::<u128>(), row()), 0..30), 0..4_usize, any::<bool>(), 1..8_u32, filter, acts)
        .prop_map(|(rows, key, descending, limit, filter, acts)| Plan {
            rows,
            key,
            descending,
            limit,
            filter,
            acts,
        })
}

/// What a finding was since the list began.
struct Life {
    now: Row,
    /// Of all along: there, matching, at the same place.
    is_steady: bool,
    has_moved: bool,
    told: u32,
}

struct Case {
    world: World,
    sort: FindingSort,
    filter: FindingFilter,
    lives: BTreeMap<FindingId, Life>,
    template: FindingId,
}

impl Case {
    fn matches(&self, row: Row) -> bool {
        let of = |all: &Vec<Severity>| all.contains(&Severity::ALL[row.severity]);
        self.filter.severities.as_ref().is_none_or(of)
            && (self.filter.states.is_none() || !row.is_resolved)
    }

    fn place(&self, row: Row) -> i64 {
        match self.sort.key {
            SortKey::SeverityRank | SortKey::Priority => i64::try_from(row.severity).unwrap(),
            SortKey::LastSeenAt => row.last_seen,
            SortKey::FirstSeenAt => row.first_seen,
        }
    }

    async fn insert(&mut self, id: u128, row: Row, is_steady: bool) {
        let id = FindingId(Uuid::from_u128(id));
        let sql = "insert into findings
            select (jsonb_populate_record(f, jsonb_build_object('id', $1::uuid, 'resource', $1))).*
            from findings f where f.id = $2 and f.organisation_id = $3";
        let insert = sqlx::query(sql).bind(id.to_string()).bind(self.template.0);
        let insert = insert.bind(self.world.org.as_str());
        insert.execute(self.world.store.pool()).await.unwrap();
        let life = Life { now: row, is_steady, has_moved: false, told: 0 };
        self.lives.insert(id, life);
        self.write(id, row).await;
    }

    async fn write(&self, id: FindingId, row: Row) {
        // Half of those that were last seen when an asset was evaluated have its time.
        let sql = "update findings f set severity_rank = $2, priority = $2 * 100, first_seen_at = $3,
            last_seen_at = case when a.id is null then $4 else 'epoch' end, seen_in_latest = a.id is not null,
            asset_id = coalesce(a.id, f.asset_id), integration_id = coalesce(a.integration_id, f.integration_id),
            state = $5, resolved_at = case when $5 = 'resolved' then $4 end
            from (select $6::text as organisation_id) o left join assets a
                on a.organisation_id = o.organisation_id and a.evaluated_at = $4
                and (get_byte(uuid_send($1), 15) % 4 < 2) = (a.name = 'acme') and $5 = 'open'
            where f.id = $1 and f.organisation_id = o.organisation_id";
        sqlx::query(sql)
            .bind(id.0)
            .bind(4 - i16::try_from(row.severity).unwrap())
            .bind(t(row.first_seen).to_sqlx())
            .bind(t(row.last_seen).to_sqlx())
            .bind(if row.is_resolved { "resolved" } else { "open" })
            .bind(self.world.org.as_str())
            .execute(self.world.store.pool())
            .await
            .unwrap();
    }

    async fn change(&mut self, which: &prop::sample::Index, to: impl FnOnce(Row) -> Row) {
        let ids: Vec<FindingId> = self.lives.keys().copied().collect();
        let id = *which.get(&ids);
        let before = self.lives[&id].now;
        let after = to(before);
        let is_moved = self.place(before) != self.place(after);
        let is_there = self.matches(after);
        let life = self.lives.get_mut(&id).unwrap();
        life.now = after;
        life.has_moved |= is_moved;
        life.is_steady &= is_there && !is_moved;
        self.write(id, after).await;
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::Insert(id, row) => self.insert(*id, *row, false).await,
            Act::Change(which, row) => self.change(which, |_| *row).await,
            Act::Resolve(which) => {
                self.change(which, |row| Row { is_resolved: true, ..row }).await;
            }
        }
    }

    /// The whole list, with the acts of the plan between its pages.
    async fn read(&mut self, plan: &Plan) {
        let mut slice = PageQuery { limit: plan.limit, after: None };
        for page_number in 0.. {
            let (store, org) = (&self.world.store, &self.world.org);
            let page = store.list_findings(org, &self.filter, self.sort, slice, t(30)).await;
            let page = page.unwrap().page;
            for view in &page.items {
                let life = &self.lives[&view.finding.id];
                assert!(self.matches(life.now), "{plan:?}");
                self.lives.get_mut(&view.finding.id).unwrap().told += 1;
            }
            slice.after = page.items.last().map(|view| self.sort.position_of(&view.finding));
            if !page.has_more {
                break;
            }
            for act in plan.acts.get(page_number).into_iter().flatten() {
                self.act(act).await;
            }
        }
        for (id, life) in &self.lives {
            if life.is_steady {
                assert_eq!(life.told, 1, "{id} was there all along: {plan:?}");
            }
            assert!(life.told <= 1 || life.has_moved, "{id} was told twice: {plan:?}");
        }
    }
}

async fn case(world: &World, number: u32, plan: &Plan) -> Case {
    let mut world = World::new(world.store.pool().clone());
    world.org = org(&format!("case-{number}"));
    let (integration, _) = world.synced("acme", &[Severity::Critical]).await;
    let template = world.store.known_findings(&world.org, integration.id).await.unwrap()[0].id;
    let filter = plan.filter.as_ref().map_or_else(FindingFilter::default, |(severities, open)| {
        FindingFilter {
            severities: Some(severities.iter().map(|each| Severity::ALL[*each]).collect()),
            states: open.then(|| vec![domain::finding::FindingStatus::Open]),
            ..FindingFilter::default()
        }
    });
    let sort = FindingSort { key: KEYS[plan.key], descending: plan.descending };
    let mut case = Case { world, sort, filter, lives: BTreeMap::new(), template };
    for sql in [
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('id', md5('i' || n || $1),
            'tenant_domain', n || $1, 'asset_name_key', n))).* from integrations i, generate_series(1, 2) n
            where i.organisation_id = $1",
        "insert into assets select (jsonb_populate_record(a, jsonb_build_object('id', md5('a' || n || $1), 'name', n,
            'integration_id', md5('i' || n || $1), 'evaluated_at', $2 + n * interval '1 second'))).*
            from assets a, generate_series(1, 2) n where a.organisation_id = $1",
        "update assets set evaluated_at = $2 + interval '2 seconds' where organisation_id = $1 and name = 'acme'",
    ] {
        let insert = sqlx::query(sql).bind(case.world.org.as_str()).bind(t(0).to_sqlx());
        insert.execute(case.world.store.pool()).await.unwrap();
    }
    let first = Row { severity: 0, first_seen: 20, last_seen: 20, is_resolved: false };
    let is_steady = case.matches(first);
    let life = Life { now: first, is_steady, has_moved: false, told: 0 };
    case.lives.insert(template, life);
    case.write(template, first).await;
    for (id, row) in &plan.rows {
        let is_steady = case.matches(*row);
        case.insert(*id, *row, is_steady).await;
    }
    case
}

#[support::test]
async fn an_unchanged_finding_is_listed_exactly_once(world: World) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut pages, mut steady) = (0, 0);
    for number in 0..CASES {
        let plan = plan().new_tree(&mut runner).unwrap().current();
        let mut case = case(&world, number, &plan).await;
        case.read(&plan).await;
        pages += case.lives.values().map(|life| life.told).sum::<u32>() / plan.limit;
        steady += case.lives.values().filter(|life| life.is_steady).count();
    }
    // The cases are of use only if lists have pages and findings stay.
    assert!(pages > 2 * CASES && steady > 100, "{pages} pages, {steady} steady findings");
}
