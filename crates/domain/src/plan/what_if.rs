//! The effect of chosen actions of a plan.

use super::{Action, ActionId, PlannedFinding, Situation};
use crate::preview::Summary;
use crate::remediation::NotApplied;

/// The state after chosen actions, compared with the present one.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    pub before: Summary,
    pub after: Summary,
    /// By descending priority.
    pub resolves: Vec<PlannedFinding>,
    /// By descending priority.
    pub opens: Vec<PlannedFinding>,
    pub not_applied: Vec<(ActionId, NotApplied)>,
}

impl Situation {
    /// Applies the actions in this order.
    pub fn what_if<'a>(&self, actions: impl IntoIterator<Item = &'a Action>) -> WhatIf {
        let mut tenant = self.tenant.clone();
        let mut not_applied = Vec::new();
        for action in actions {
            if let Err(why) = action.fix.call.apply_to(&mut tenant) {
                not_applied.push((action.id.clone(), why));
            }
        }
        let (before, after) = (self.state_of(&self.tenant), self.state_of(&tenant));
        WhatIf {
            before: before.figures(&self.known),
            after: after.figures(&self.known),
            resolves: self.only_in(&before, &after),
            opens: self.only_in(&after, &before),
            not_applied,
        }
    }
}
