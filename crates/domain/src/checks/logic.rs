//! "And" and "or" over three values (Kleene's): a part that decides decides, whatever the others
//! are; otherwise a part that is unknown makes the whole unknown. So a field or a reading that goes
//! missing can take a verdict away and can never turn it round.

use super::{Evidence, Judgement, Verdict};
use crate::readings::ReadingKind;
use crate::tenant::{NotApplicableReason, Outcome, Tenant, Unjudged, UnknownReason};

/// Whether any part holds.
pub fn any(parts: impl IntoIterator<Item = Result<bool, Unjudged>>) -> Result<bool, Unjudged> {
    decide(parts, true)
}

/// Whether every part holds.
pub fn all(parts: impl IntoIterator<Item = Result<bool, Unjudged>>) -> Result<bool, Unjudged> {
    decide(parts, false)
}

fn decide(
    parts: impl IntoIterator<Item = Result<bool, Unjudged>>,
    decisive: bool,
) -> Result<bool, Unjudged> {
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

/// What one part of a combination says: wrong, with its evidence; not wrong; or unknown.
pub type Part = Result<Option<Vec<Evidence>>, UnknownReason>;

/// A check as a part. One that does not apply is not wrong.
pub fn part(judgement: Judgement) -> Part {
    match judgement {
        Ok(Verdict::Fail(violation)) => Ok(Some(violation.evidence)),
        Ok(Verdict::Pass) | Err(Unjudged::NotApplicable(_)) => Ok(None),
        Err(Unjudged::Unknown(reason)) => Err(reason),
    }
}

/// Wrong when any part is, with the evidence of the first that is: parents stand first, so that a
/// child that only repeats its parent adds nothing.
pub fn any_wrong(parts: impl IntoIterator<Item = Part>) -> Part {
    let mut undecided = Ok(None);
    for part in parts {
        match part {
            Ok(Some(evidence)) => return Ok(Some(evidence)),
            Ok(None) => {}
            Err(reason) => undecided = undecided.and(Err(reason)),
        }
    }
    undecided
}

/// Wrong when every part is, with the evidence of all.
pub fn all_wrong(parts: impl IntoIterator<Item = Part>) -> Part {
    let mut undecided = None;
    let mut shown = Vec::new();
    for part in parts {
        match part {
            Ok(Some(evidence)) => shown.extend(evidence),
            Ok(None) => return Ok(None),
            Err(reason) => undecided = undecided.or(Some(reason)),
        }
    }
    undecided.map_or(Ok(Some(shown)), Err)
}

/// For checks on several readings: every one was read, or the whole is not judged. An answer from
/// half of the picture would be taken for the whole, and would differ from what the forecast says.
pub fn all_read(tenant: &Tenant, kinds: &[ReadingKind]) -> Result<(), Unjudged> {
    kinds.iter().try_for_each(|kind| match tenant.outcome(*kind) {
        Some(Outcome::Read(_)) => Ok(()),
        Some(Outcome::Unreadable { reason, .. }) => Err(Unjudged::Unknown(*reason)),
        Some(Outcome::NotOffered { .. }) => {
            Err(Unjudged::NotApplicable(NotApplicableReason::FeatureNotOffered))
        }
        None => Err(Unjudged::Unknown(UnknownReason::ApiError)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNKNOWN: Result<bool, Unjudged> = Err(Unjudged::Unknown(UnknownReason::NotUnderstood));

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
        let (wrong, fine): (Part, Part) = (Ok(Some(Vec::new())), Ok(None));
        let unknown: Part = Err(UnknownReason::NotUnderstood);
        let of = |a: &Part, b: &Part| [a.clone(), b.clone()];
        assert_eq!(any_wrong(of(&unknown, &wrong)), wrong);
        assert_eq!(any_wrong(of(&unknown, &fine)), unknown);
        assert_eq!(all_wrong(of(&unknown, &wrong)), unknown);
        assert_eq!(all_wrong(of(&unknown, &fine)), fine);
        assert_eq!(all_wrong(of(&wrong, &wrong)), wrong);
    }
}
