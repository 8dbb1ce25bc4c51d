//! What holds of every tenant of which something cannot be read for a while.

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use uuid::Uuid;

use super::policies::severities;
use super::properties::tenants;
use crate::checks::evaluate_by;
use crate::clock::IdSource;
use crate::finding::Finding;
use crate::inconclusive::UnknownReason;
use crate::policy::Policy;
use crate::readings::ReadingKind;
use crate::reconcile::reconcile;
use crate::score::ScoreInputs;
use crate::tenant::Tenant;
use crate::test_support::{context, lose};

/// Ids do not matter here.
struct NoIds;

impl IdSource for NoIds {
    fn next(&self) -> Uuid {
        Uuid::nil()
    }
}

/// One sync after others: what is known then, and the score.
fn synced(known: Vec<Finding>, tenant: &Tenant, policy: &Policy) -> (Vec<Finding>, Option<u8>) {
    let occasion = context(tenant.observed_at);
    let evaluation = evaluate_by(tenant, policy);
    let left = reconcile(known, tenant, &evaluation, &occasion, &NoIds).findings;
    let score = ScoreInputs::from_evaluation(&evaluation, &left).score(|_, _| false);
    (left, score)
}

/// The tenant while these readings fail.
fn without(tenant: &Tenant, lost: &[bool]) -> Tenant {
    let mut without = tenant.clone();
    for (kind, _) in ReadingKind::ALL.iter().zip(lost).filter(|(_, is_lost)| **is_lost) {
        lose(&mut without, *kind, UnknownReason::ApiError);
    }
    without
}

fn some_kinds() -> impl proptest::strategy::Strategy<Value = Vec<bool>> {
    vec(any::<bool>(), ReadingKind::ALL.len())
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn what_cannot_be_read_never_raises_the_score_of_the_same_tenant(
        bodies in tenants(), severities in severities(), first in some_kinds(), then in some_kinds()
    ) {
        let (tenant, policy) = (bodies.tenant(), Policy { severities, ..Policy::default() });
        let (known, before) = synced(Vec::new(), &tenant, &policy);
        let (known, during) = synced(known, &without(&tenant, &first), &policy);
        prop_assert!(during <= before, "{before:?} to {during:?}");
        let (known, later) = synced(known, &without(&tenant, &then), &policy);
        prop_assert!(later <= before, "{before:?} to {later:?}");
        // Once it can be read again it is as it was.
        prop_assert_eq!(synced(known, &tenant, &policy).1, before);
    }
}
