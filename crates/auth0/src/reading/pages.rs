//! The pages of one list, put together: where the next one is, when it was the last, and the caps. A list
//! is read to its end or not at all; one that was shortened would look like objects that are gone.

use std::collections::HashSet;

use domain::readings::ReadingKind;
use domain::tenant::UnknownReason;
use serde_json::{Map, Value};

use crate::config::Limits;

/// Asked for in one page: the most that the public cloud gives.
const PAGE: usize = 50;

/// How a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    pub style: Style,
    /// The member of an answer that holds the objects.
    pub key: &'static str,
    /// The member of an object that tells it from the others.
    pub id: &'static str,
}

/// How the next page is asked for. Checkpoints wherever Auth0 has them: offsets end at 1,000 objects, and
/// miss some when the list changes meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `take`, and `from` what the page before said.
    Checkpoint,
    /// `page`, `per_page`, and totals when asked for.
    Offset,
    /// The same, where totals always come and asking for them is refused.
    OffsetAlwaysTotals,
}

/// How much of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Whole,
    /// Enough to know that it can be read.
    FirstPage,
}

/// A list under way.
#[derive(Debug)]
pub(crate) struct Pages {
    kind: ReadingKind,
    list: List,
    depth: Depth,
    objects: Vec<Value>,
    ids: HashSet<String>,
    /// Objects that came, those that came twice included.
    arrived: usize,
    /// Pages that came.
    count: u32,
    bytes: usize,
    total: Option<usize>,
    next: Option<String>,
    /// Every `next` so far.
    cursors: HashSet<String>,
}

/// Why a list was not read.
pub(crate) type Unread = (UnknownReason, String);

struct Page {
    objects: Vec<Value>,
    total: Option<usize>,
    next: Option<String>,
}

impl Pages {
    pub fn new(kind: ReadingKind, list: List, depth: Depth) -> Self {
        Self {
            kind,
            list,
            depth,
            objects: Vec::new(),
            ids: HashSet::new(),
            arrived: 0,
            count: 0,
            bytes: 0,
            total: None,
            next: None,
            cursors: HashSet::new(),
        }
    }

    /// What asks for the next page.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = match self.list.style {
            Style::Checkpoint => vec![("take", PAGE.to_string())],
            Style::Offset | Style::OffsetAlwaysTotals => {
                vec![("page", self.count.to_string()), ("per_page", PAGE.to_string())]
            }
        };
        if self.list.style == Style::Offset {
            query.push(("include_totals", "true".to_owned()));
        }
        query.extend(self.next.clone().map(|next| ("from", next)));
        query
    }

    /// Takes a page; true when there is another.
    pub fn add(&mut self, body: Value, bytes: usize, limits: &Limits) -> Result<bool, Unread> {
        let page = self.understood(body)?;
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.arrived += page.objects.len();
        let (came, known) = (page.objects.len(), self.objects.len());
        for object in page.objects {
            // Of an object that came twice, because the list grew meanwhile, the first is kept.
            let id = object.get(self.list.id).and_then(Value::as_str);
            if id.is_none_or(|id| self.ids.insert(id.to_owned())) {
                self.objects.push(object);
            }
        }
        let has_more = match self.list.style {
            Style::Checkpoint => page.next.is_some(),
            Style::Offset | Style::OffsetAlwaysTotals => match page.total {
                Some(total) => came > 0 && self.arrived < total,
                // Without a total only a page with nothing new says that it was the last.
                None => self.objects.len() > known,
            },
        };
        if self.depth == Depth::FirstPage {
            return Ok(false);
        }
        let is_new = |next: &String| self.cursors.insert(next.clone());
        if has_more && !page.next.as_ref().is_none_or(is_new) {
            let message = "The list goes on at a page that was read before, again and again, so it was not \
                read to its end and is not judged.";
            return Err((UnknownReason::Truncated, message.to_owned()));
        }
        self.check_totals(page.total, has_more)?;
        self.check_caps(has_more, limits)?;
        self.next = page.next;
        Ok(has_more)
    }

    /// The whole list, as one body.
    pub fn into_body(self) -> Value {
        Value::Array(self.objects)
    }

    fn understood(&self, body: Value) -> Result<Page, Unread> {
        match body {
            Value::Object(members) => self.of_envelope(members),
            // Auth0 documents bare arrays beside envelopes; a full one does not say how it goes on.
            Value::Array(objects)
                if self.list.style != Style::Checkpoint || objects.len() < PAGE =>
            {
                Some(Page { objects, total: None, next: None })
            }
            _ => None,
        }
        .ok_or_else(|| {
            let resource = self.kind.resource();
            let message = format!("Not understood: the answer is not what {resource} gives.");
            (UnknownReason::NotUnderstood, message)
        })
    }

    fn of_envelope(&self, mut members: Map<String, Value>) -> Option<Page> {
        let Some(Value::Array(objects)) = members.remove(self.list.key) else { return None };
        let total = members.get("total").and_then(Value::as_u64);
        let next = members.get("next").and_then(Value::as_str).filter(|next| !next.is_empty());
        Some(Page {
            objects,
            total: total.map(|total| usize::try_from(total).unwrap_or(usize::MAX)),
            next: next.map(str::to_owned),
        })
    }

    /// With offsets, each object that is deleted moves one of the next page to a page that was read.
    fn check_totals(&mut self, total: Option<usize>, has_more: bool) -> Result<(), Unread> {
        let shrank = total.zip(self.total).is_some_and(|(now, before)| now < before);
        let ended_early = !has_more && total.is_some_and(|total| self.arrived < total);
        self.total = total.or(self.total);
        if shrank || ended_early {
            let message = "The list changed while it was read, so that some of it may be missing.";
            return Err((UnknownReason::ApiError, message.to_owned()));
        }
        Ok(())
    }

    fn check_caps(&self, has_more: bool, limits: &Limits) -> Result<(), Unread> {
        let read = self.objects.len();
        let announced = self.total.filter(|_| has_more).unwrap_or(read).max(read);
        if announced > limits.list_objects || (has_more && read >= limits.list_objects) {
            return Err(truncated(&format!("{} objects", limits.list_objects), "list_objects"));
        }
        if has_more && self.count >= limits.list_pages {
            return Err(truncated(&format!("{} pages", limits.list_pages), "list_pages"));
        }
        if self.bytes > limits.list_bytes {
            return Err(truncated(&format!("{} bytes", limits.list_bytes), "list_bytes"));
        }
        Ok(())
    }
}

/// A page that was longer than is read.
pub(crate) fn page_too_long(limits: &Limits) -> Unread {
    let cap = limits.page_body_bytes;
    let message =
        format!("A page of the list is longer than {cap} bytes (the cap page_body_bytes).");
    (UnknownReason::Truncated, message)
}

fn truncated(most: &str, cap: &str) -> Unread {
    let message = format!(
        "The list is longer than {most} (the cap {cap}), so it was not read to its end and is not judged."
    );
    (UnknownReason::Truncated, message)
}

#[cfg(test)]
mod tests;
