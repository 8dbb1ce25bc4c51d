//! When a check is unknown, by three-valued logic (Kleene): a deciding part decides, whatever the others are; otherwise
//! an unknown part makes the whole unknown. So a missing field or reading can make a verdict unknown, but never reverse
//! it.

use super::{Check, Confidence, EffectiveThresholds, Evidence, Severity, Verdict};
use crate::inconclusive::{Inconclusive, NotApplicableReason, UnknownReason};
use crate::readings::ReadingKind;
use crate::tenant::{Outcome, Tenant};

/// Whether any part holds.
pub fn any(
    parts: impl IntoIterator<Item = Result<bool, Inconclusive>>,
) -> Result<bool, Inconclusive> {
    decide(parts, true)
}

/// Whether every part holds.
pub fn all(
    parts: impl IntoIterator<Item = Result<bool, Inconclusive>>,
) -> Result<bool, Inconclusive> {
    decide(parts, false)
}

fn decide(
    parts: impl IntoIterator<Item = Result<bool, Inconclusive>>,
    decisive: bool,
) -> Result<bool, Inconclusive> {
    let mut undecided = Ok(!decisive);
    for part in parts {
        match part {
            Ok(holds) if holds == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(unjudged) => undecided = undecided.and(Err(unjudged)),
        }
    }
    undecided
}

/// Whether a check on one resource fails.
pub fn fails(
    check: &Check,
    tenant: &Tenant,
    terms: EffectiveThresholds<'_>,
) -> Result<bool, Inconclusive> {
    Ok(matches!(check.judge_one(tenant, terms)?, Verdict::Fail(_)))
}

/// The severity of a failure that is worse together with others, and the highest possible one while one of those is
/// unknown.
pub fn aggravated(
    [own, worse]: [Severity; 2],
    others: &[Result<bool, Inconclusive>],
) -> [Severity; 2] {
    if others.contains(&Ok(true)) {
        return [worse, worse];
    }
    if others.iter().any(|other| matches!(other, Err(Inconclusive::Unknown(_)))) {
        [own, worse]
    } else {
        [own, own]
    }
}

/// A part of a combination: wrong, not wrong, or unknown.
pub type Part = Result<Option<Failing>, UnknownReason>;

/// A wrong part, or several together.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    pub evidence: Vec<Evidence>,
    /// For several parts, the lowest.
    pub confidence: Confidence,
}

/// A check on one resource as a part. Not applicable counts as not wrong.
pub fn part(check: &Check, tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Part {
    match check.judge_one(tenant, terms) {
        Ok(Verdict::Fail(violation)) => Ok(Some(Failing {
            confidence: violation.confidence.unwrap_or(check.confidence),
            evidence: violation.evidence,
        })),
        Ok(Verdict::Pass) | Err(Inconclusive::NotApplicable(_)) => Ok(None),
        Err(Inconclusive::Unknown(reason)) => Err(reason),
    }
}

/// Wrong if any part is, with the evidence of the first wrong one. Parents come first, since a child that repeats its
/// parent adds nothing.
pub fn any_wrong(parts: impl IntoIterator<Item = Part>) -> Part {
    let mut undecided = Ok(None);
    for part in parts {
        match part {
            Ok(Some(wrong)) => return Ok(Some(wrong)),
            Ok(None) => {}
            Err(reason) => undecided = undecided.and(Err(reason)),
        }
    }
    undecided
}

/// Wrong if every part is, with all evidence and the lowest confidence.
pub fn all_wrong(parts: impl IntoIterator<Item = Part>) -> Part {
    let mut undecided = None;
    let mut all = Failing { evidence: Vec::new(), confidence: Confidence::High };
    for part in parts {
        match part {
            Ok(Some(wrong)) => {
                all.evidence.extend(wrong.evidence);
                all.confidence = all.confidence.min(wrong.confidence);
            }
            Ok(None) => return Ok(None),
            Err(reason) => undecided = undecided.or(Some(reason)),
        }
    }
    undecided.map_or(Ok(Some(all)), Err)
}

/// For checks on several readings: unknown unless all succeeded. A result from some of them would look complete, and
/// differ from the forecast. A reading that Auth0 does not offer decides, whatever the others are.
pub fn all_read(tenant: &Tenant, kinds: &[ReadingKind]) -> Result<(), Inconclusive> {
    if kinds.iter().any(|kind| is_not_offered(tenant, *kind)) {
        return Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered));
    }
    kinds.iter().try_for_each(|kind| match tenant.outcome(*kind) {
        Some(Outcome::Read(_) | Outcome::NotOffered { .. }) => Ok(()),
        Some(Outcome::Unreadable { reason, .. }) => Err(Inconclusive::Unknown(*reason)),
        None => Err(Inconclusive::Unknown(UnknownReason::ApiError)),
    })
}

/// Whether Auth0 does not offer a resource to this tenant, or no longer does.
pub fn is_not_offered(tenant: &Tenant, kind: ReadingKind) -> bool {
    matches!(tenant.outcome(kind), Some(Outcome::NotOffered { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNKNOWN: Result<bool, Inconclusive> =
        Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));

    #[test]
    fn a_part_that_decides_decides_on_either_side_of_one_that_is_unknown() {
        for parts in [[Ok(true), UNKNOWN], [UNKNOWN, Ok(true)]] {
            assert_eq!((any(parts), all(parts)), (Ok(true), UNKNOWN));
        }
        for parts in [[Ok(false), UNKNOWN], [UNKNOWN, Ok(false)]] {
            assert_eq!((any(parts), all(parts)), (UNKNOWN, Ok(false)));
        }
        assert_eq!((any([]), all([])), (Ok(false), Ok(true)));
    }

    #[test]
    fn parts_of_combinations_follow_the_same_rule() {
        let (wrong, fine): (Part, Part) = (Ok(Some(sure(Confidence::High))), Ok(None));
        let unknown: Part = Err(UnknownReason::NotUnderstood);
        let of = |a: &Part, b: &Part| [a.clone(), b.clone()];
        assert_eq!(any_wrong(of(&unknown, &wrong)), wrong);
        assert_eq!(any_wrong(of(&unknown, &fine)), unknown);
        assert_eq!(all_wrong(of(&unknown, &wrong)), unknown);
        assert_eq!(all_wrong(of(&unknown, &fine)), fine);
        assert_eq!(all_wrong(of(&wrong, &wrong)), wrong);
    }

    fn sure(confidence: Confidence) -> Failing {
        Failing { evidence: Vec::new(), confidence }
    }

    #[test]
    fn a_combination_is_as_sure_as_its_least_sure_part() {
        use Confidence::{High, Low, Medium};
        for (parts, least) in [([High, Low, Medium], Low), ([High, Medium, High], Medium)] {
            let together = all_wrong(parts.map(|confidence| Ok(Some(sure(confidence)))));
            assert_eq!(together, Ok(Some(sure(least))));
        }
    }

    #[test]
    fn a_feature_that_is_not_offered_decides_before_and_after_a_reading_that_failed() {
        let [gone, failed] = [ReadingKind::Rules, ReadingKind::Hooks];
        let mut tenant = Tenant::new("our-client", jiff::Timestamp::UNIX_EPOCH);
        let (reason, message) = (UnknownReason::NotSupported, String::new());
        tenant.insert(gone, Outcome::NotOffered { reason, message: message.clone() });
        let reason = UnknownReason::RateLimited;
        tenant.insert(failed, Outcome::Unreadable { reason, message });
        let not_offered = Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered);
        for kinds in [[gone, failed], [failed, gone]] {
            assert_eq!(all_read(&tenant, &kinds), Err(not_offered));
        }
    }
}
