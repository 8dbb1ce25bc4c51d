//! Thresholds: numbers of conditions that a policy can set. Windows of statistics are not thresholds, and neither are
//! values that a fix sets where the condition has no number.

/// A number in a condition or in the severity of its failure.
#[derive(Debug)]
pub struct Threshold {
    /// The check that owns it; others may use it too.
    pub check: &'static str,
    /// Snake case; unique in its check; never changes.
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    pub default: u64,
    pub min: u64,
    pub max: u64,
    /// Its effective value may not exceed that of this one, or the two would contradict each other.
    pub not_above: Option<&'static Threshold>,
    /// Source of the default.
    pub source: &'static str,
}
