//! Acceptances: their effect on lists over time, and the recording of their expiry.

use domain::acceptance::{Acceptance, AcceptanceTerms, Reason};
use domain::checks::Severity;
use domain::finding::FindingStatus;
use domain::finding::TransitionKind;
use domain::reconcile::Changes;
use domain::{FindingId, IdSource};
use jiff::Timestamp;
use store::{Accept, AcceptOutcome, FindingFilter, FindingSort, SortKey};

use super::fixtures::{World, days, first, org, t};

const WORST_FIRST: FindingSort = FindingSort { key: SortKey::SeverityRank, descending: true };

impl World {
    async fn accept(
        &self,
        ids: &[FindingId],
        reason: Reason,
        at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Vec<AcceptOutcome> {
        let acceptance = Acceptance {
            terms: AcceptanceTerms { reason, rationale: "Known\0.".to_owned(), expires_at },
            accepted_by: "ada@acme.example".to_owned(),
            accepted_at: at,
        };
        let accept = Accept {
            org: &self.org,
            finding_ids: ids,
            acceptance: &acceptance,
            ids: &self.ids,
            audit: &self.audit("accept_finding"),
        };
        let outcomes = self.store.accept_findings(accept).await.unwrap();
        ids.iter().map(|id| outcomes[id]).collect()
    }

    async fn all(&self, at: Timestamp, standing: Option<FindingStatus>) -> Vec<FindingId> {
        let filter =
            FindingFilter { states: standing.map(|each| vec![each]), ..FindingFilter::default() };
        let page = self.store.list_findings(&self.org, &filter, WORST_FIRST, first(99), at).await;
        page.unwrap().page.items.iter().map(|view| view.finding.id).collect()
    }
}

#[support::test]
async fn filters_counts_and_score_are_right_at_every_instant(world: World) {
    let (_, asset) = world.synced("acme", &[Severity::High, Severity::Low]).await;
    let ids = world.all(t(30), None).await;
    let (high, low) = (ids[0], ids[1]);
    world.accept(&[high], Reason::FalsePositive, t(30), Some(t(60))).await;
    world.accept(&[low], Reason::WontFix, t(30), None).await;
    for (at, open, accepted, score) in
        [(t(31), vec![], vec![high, low], 100), (t(60), vec![high], vec![low], 50)]
    {
        assert_eq!(world.all(at, Some(FindingStatus::Open)).await, open, "{at}");
        assert_eq!(world.all(at, Some(FindingStatus::Accepted)).await, accepted, "{at}");
        assert!(world.all(at, Some(FindingStatus::Resolved)).await.is_empty());
        let view = world.store.find_asset(&world.org, asset.id, at).await.unwrap().unwrap();
        assert_eq!((view.score, view.accepted as usize), (Some(score), accepted.len()), "{at}");
        assert_eq!((view.findings.high as usize, view.findings.low), (open.len(), 0), "{at}");
    }
    let found = world.store.find_finding(&world.org, high, t(31)).await.unwrap().unwrap();
    assert_eq!(found.acceptance.unwrap().terms.rationale, "Known\u{fffd}.");
}

#[support::test]
async fn expired_acceptances_are_recorded_once_across_organisations(world: World) {
    let mut other = World::new(world.store.pool().clone());
    other.org = org("globex");
    for each in [&world, &other] {
        each.synced("acme", &[Severity::High, Severity::Low]).await;
        let ids = each.all(t(30), None).await;
        each.accept(&ids[..1], Reason::FalsePositive, t(30), Some(t(60))).await;
        each.accept(&ids[1..], Reason::FalsePositive, t(30), Some(t(90))).await;
    }
    let expire = |at| world.store.expire_acceptances(None, at, &world.ids);
    assert_eq!(expire(t(59)).await.unwrap(), 0);
    assert_eq!(expire(t(70)).await.unwrap(), 2);
    assert_eq!(expire(t(70)).await.unwrap(), 0);
    let id = other.all(t(70), Some(FindingStatus::Open)).await[0];
    let life = other.store.list_transitions(&other.org, id).await.unwrap();
    let last = life.last().unwrap();
    assert_eq!((last.kind, last.at), (TransitionKind::AcceptanceExpired, t(60)));
    assert_eq!(last.by.as_deref(), Some("system"));
    assert_eq!(last.terms.as_ref().map(|terms| terms.reason), Some(Reason::FalsePositive));
    let found = other.store.find_finding(&other.org, id, t(70)).await.unwrap().unwrap();
    assert_eq!(found.acceptance, None);
}

#[support::test]
async fn acceptances_stay_in_their_organisation_and_time(world: World) {
    let (integration, _) = world.synced("acme", &[Severity::High]).await;
    let mut other = World::new(world.store.pool().clone());
    other.org = org("globex");
    let id = world.all(t(30), None).await[0];
    let unknown = FindingId(world.ids.next());
    let outcomes = world.accept(&[unknown, id], Reason::WontFix, t(30), None).await;
    assert_eq!(outcomes, [AcceptOutcome::Missing, AcceptOutcome::Done]);
    assert_eq!(other.accept(&[id], Reason::WontFix, t(30), None).await, [AcceptOutcome::Missing]);
    let audit = other.audit("unaccept_finding");
    let taken = other.store.unaccept_finding(&other.org, id, t(31), &other.ids, &audit).await;
    assert!(!taken.unwrap());
    assert_eq!(world.all(t(40), Some(FindingStatus::Accepted)).await, [id]);
    world.delete(integration.id, t(50)).await;
    let late = t(51 + days(90));
    assert_eq!(world.accept(&[id], Reason::WontFix, late, None).await, [AcceptOutcome::Missing]);
}

#[support::test]
async fn many_are_accepted_and_expire_at_once(world: World) {
    world.synced("acme", &vec![Severity::High; 600]).await;
    let filter = FindingFilter::default();
    let page = world.store.list_findings(&world.org, &filter, WORST_FIRST, first(600), t(30)).await;
    let mut ids: Vec<_> = page.unwrap().page.items.iter().map(|view| view.finding.id).collect();
    ids.reverse();
    let outcomes = world.accept(&ids, Reason::WontFix, t(30), Some(t(40))).await;
    assert!(outcomes.iter().all(|each| *each == AcceptOutcome::Done));
    assert_eq!(world.count("audit_events where action = 'accept_finding'").await, 600);
    let expired = world.store.expire_acceptances(None, t(40), &world.ids).await.unwrap();
    assert_eq!(expired, 600);
    assert_eq!(world.count("finding_transitions").await, 1800);
}

#[support::test]
async fn a_concurrent_sync_keeps_a_new_acceptance(world: World) {
    let (integration, asset) = world.synced("acme", &[Severity::High]).await;
    let claim = world.running(integration.id, t(30)).await;
    let known = world.store.known_findings(&world.org, integration.id).await.unwrap();
    world.accept(&[known[0].id], Reason::WontFix, t(35), None).await;
    let found = Changes { findings: known.clone(), ..Changes::default() };
    assert!(world.succeed(&claim, t(40), &asset, &found).await);
    assert_eq!(world.all(t(40), Some(FindingStatus::Accepted)).await, [known[0].id]);
}
