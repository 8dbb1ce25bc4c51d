//! The body of a call as arguments of a resource of Auth0's Terraform provider (auth0/auth0). What
//! the provider has is in `terraform/resources.rs`; a member that is not there has no snippet at all
//! rather than a wrong one.

mod resources;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{cli, hcl};
use resources::{Member, RESOURCES, Resource, Shape};

const FIRST: &str = "# Arguments to set in the resource that you have: it holds the whole object, and \
                     what is not shown stays.";

/// The snippet for the body of a call on the path of this template; of an object of a collection, on
/// the one of this id.
pub(super) fn snippet(template: &str, id: &str, body: &Value) -> Option<String> {
    let body = members_of(template, body)?;
    let path = template.strip_prefix(super::BASE)?;
    let mut fitting = RESOURCES.iter().filter(|resource| resource.path == path);
    fitting.find_map(|resource| write(resource, id, &body))
}

/// The MFA policies are a bare set, and one argument of the provider.
fn members_of<'a>(template: &str, body: &'a Value) -> Option<Cow<'a, Map<String, Value>>> {
    match body {
        Value::Object(members) => Some(Cow::Borrowed(members)),
        Value::Array(policies) if template == "/api/v2/guardian/policies" => {
            let policy = match policies.as_slice() {
                [] => json!("never"),
                [one] => one.clone(),
                _ => return None,
            };
            Some(Cow::Owned(Map::from_iter([("policy".to_owned(), policy)])))
        }
        _ => None,
    }
}

fn write(resource: &Resource, id: &str, body: &Map<String, Value>) -> Option<String> {
    let mut block = Block::default();
    match resource.block {
        None => block.fill(resource.members, body)?,
        Some(name) => {
            let mut inner = Block::default();
            inner.fill(resource.members, body)?;
            block.blocks.push((name, inner));
        }
    }
    let kind = resource.kind;
    let mut lines = vec![FIRST.to_owned()];
    if resource.path.contains("{id}") {
        // A comment ends with its line.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let import = format!("terraform import {kind}.this {}", cli::quoted(id));
        lines.push(format!("# It is the object of this id: {import}"));
    }
    lines.push(format!("resource \"{kind}\" \"this\" {{"));
    block.write(1, &mut lines);
    lines.extend(["}".to_owned(), String::new()]);
    Some(lines.join("\n"))
}

/// Arguments and blocks, in the order in which they are written.
#[derive(Default)]
struct Block {
    arguments: Vec<(&'static str, String)>,
    blocks: Vec<(&'static str, Block)>,
}

impl Block {
    /// Adds the members of a body; none where one of them is unknown or has a value that cannot be
    /// said.
    fn fill(&mut self, known: &[Member], body: &Map<String, Value>) -> Option<()> {
        for (name, value) in body {
            let member = known.iter().find(|member| member.name == name)?;
            match &member.shape {
                Shape::Argument(argument) => self.arguments.push((argument, hcl::value(value)?)),
                Shape::Inline(members) => self.fill(members, value.as_object()?)?,
                Shape::Block(block, members) => {
                    let mut inner = Self::default();
                    inner.fill(members, value.as_object()?)?;
                    self.blocks.push((block, inner));
                }
            }
        }
        Some(())
    }

    /// As `terraform fmt` has it.
    fn write(&self, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        let width = self.arguments.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in &self.arguments {
            lines.push(format!("{indent}{name:<width$} = {value}"));
        }
        for (index, (name, inner)) in self.blocks.iter().enumerate() {
            if index > 0 || !self.arguments.is_empty() {
                lines.push(String::new());
            }
            lines.push(format!("{indent}{name} {{"));
            inner.write(depth + 1, lines);
            lines.push(format!("{indent}}}"));
        }
    }
}

#[cfg(test)]
mod tests;
