//! The body of a plan preview: the chosen actions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ACTIONS_MAX, Action, ActionId, Plan};
use crate::fault::{Fault, Faults, pointer_part};

const ACTIONS: &str = "actions";

/// Chosen actions, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(Vec<ActionId>);

impl Selection {
    /// Parses the body and collects all faults.
    pub fn parse(body: &Value) -> Result<Self, Faults> {
        let members = body.as_object().ok_or_else(|| Fault::at("", "must be a JSON object"))?;
        let unknown = members.keys().filter(|name| *name != ACTIONS);
        let mut faults: Vec<Fault> = unknown
            .map(|name| {
                let pointer = format!("/{}", pointer_part(name));
                Fault::at(pointer, "is not a known field: leave it out")
            })
            .collect();
        let items = members.get(ACTIONS).and_then(Value::as_array);
        let items = items.filter(|items| (1..=ACTIONS_MAX).contains(&items.len()));
        let Some(items) = items else {
            let detail = format!("must be a list of 1 to {ACTIONS_MAX} ids of actions of the plan");
            faults.push(Fault::at(format!("/{ACTIONS}"), detail));
            return Err(Faults(faults));
        };
        let mut seen = BTreeSet::new();
        let mut chosen = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.as_str() {
                None => faults.push(at(index, "must be the id of an action of the plan")),
                Some(text) if !seen.insert(text) => faults.push(at(index, "is there twice")),
                Some(text) => chosen.push(ActionId(text.to_owned())),
            }
        }
        if faults.is_empty() { Ok(Self(chosen)) } else { Err(Faults(faults)) }
    }

    /// The actions in the order of the plan, whatever the order of the request.
    pub fn choose_from<'a>(&self, plan: &'a Plan) -> Result<Vec<&'a Action>, Faults> {
        let is_planned = |id: &ActionId| plan.actions.iter().any(|action| action.id == *id);
        let unknown = self.0.iter().enumerate().filter(|(_, id)| !is_planned(id));
        let faults: Vec<Fault> = unknown
            .map(|(index, _)| at(index, "is not in the present plan of the asset: get it again"))
            .collect();
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        Ok(plan.actions.iter().filter(|action| self.0.contains(&action.id)).collect())
    }
}

fn at(index: usize, detail: &str) -> Fault {
    Fault::at(format!("/{ACTIONS}/{index}"), detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::test_support::pointers;

    #[test]
    fn all_faults_are_collected() {
        for (body, expected) in [
            (json!([]), vec![""]),
            (json!({}), vec!["/actions"]),
            (json!({"actions": [], "x/y": 1}), vec!["/actions", "/x~1y"]),
            (json!({"actions": vec!["a"; 101]}), vec!["/actions"]),
            (
                json!({"actions": ["a", 1, "a"], "all": true}),
                vec!["/actions/1", "/actions/2", "/all"],
            ),
        ] {
            assert_eq!(pointers(Selection::parse(&body).unwrap_err()), expected, "{body}");
        }
        assert!(Selection::parse(&json!({"actions": ["b", "a"]})).is_ok());
    }
}
