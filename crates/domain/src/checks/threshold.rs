//! The numbers of conditions that an organisation may set otherwise, and what is in force for it.
//! Windows of statistics are part of what is measured and no thresholds, nor is what a fix sets
//! where a condition asks for no number.

use super::Policy;

/// A number of a condition, or of the severity of its failure.
#[derive(Debug)]
pub struct Threshold {
    /// The check it is a part of. Others may look at it too.
    pub check: &'static str,
    /// Snake case, unique in its check, stable for ever.
    pub name: &'static str,
    /// What it decides, in words.
    pub title: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// Where the organisation says nothing.
    pub default: u64,
    /// The least that makes sense.
    pub min: u64,
    /// The most that makes sense.
    pub max: u64,
    /// In force, it may not be above what is in force of this one, or the two would contradict.
    pub not_above: Option<&'static Threshold>,
    /// Where the default comes from.
    pub source: &'static str,
}

/// The numbers in force for one organisation.
#[derive(Debug, Clone, Copy)]
pub struct EffectiveThresholds<'a>(&'a Policy);

impl<'a> EffectiveThresholds<'a> {
    /// By a policy.
    pub const fn under_policy(policy: &'a Policy) -> Self {
        Self(policy)
    }

    /// What is in force. A policy may have been stored when the range was another: it is cut to the
    /// present one.
    pub fn value_of(&self, threshold: &Threshold) -> u64 {
        let chosen = self.0.thresholds.get(threshold.check).and_then(|of| of.get(threshold.name));
        chosen.map_or(threshold.default, |value| (*value).clamp(threshold.min, threshold.max))
    }
}
