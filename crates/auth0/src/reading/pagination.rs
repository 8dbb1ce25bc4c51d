//! Pagination of the lists of Auth0: the next page, the end, and the limits. A list is read completely or not at all; a
//! truncated one would look as if objects were gone.

use std::collections::HashSet;

use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use serde_json::{Map, Value};

use crate::config::Limits;

/// Page size requested: the maximum that Auth0 allows. A tenant may return fewer.
const PAGE: usize = 100;
/// Pages of that size up to 1,000 objects, beyond which Auth0 refuses offsets.
const OFFSET_PAGES_MAX: u32 = 10;
/// A bare array does not say whether more follows. One that is shorter than the smallest page is the whole list.
const SHORTER_THAN_A_PAGE: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    pub style: PagingScheme,
    /// The member of a response that holds the objects.
    pub key: &'static str,
}

/// How pages are requested. Checkpoints wherever Auth0 supports them: offsets end at 1,000 objects, and miss some if
/// the list changes meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PagingScheme {
    /// `take`, and the `next` of the previous page as `from`.
    Checkpoint,
    /// `page`, `per_page`, and `include_totals`.
    Offset,
    /// The same, but totals are always included, and requesting them is refused.
    OffsetAlwaysTotals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadMode {
    Whole,
    /// To test access.
    FirstPage,
}

/// The query parameters that select a page.
pub(crate) type PageParameters = Vec<(&'static str, String)>;

/// A list being read.
#[derive(Debug)]
pub(crate) struct Pages {
    kind: ReadingKind,
    list: List,
    mode: ReadMode,
    objects: Vec<Value>,
    /// Identifies the objects so far: their ids, or the whole text of those without one.
    seen: HashSet<String>,
    /// Number of pages.
    count: u32,
    bytes: usize,
    total: Option<usize>,
    next: Option<String>,
    /// All `next` values so far.
    cursors: HashSet<String>,
}

pub(crate) type UnreadReason = (UnknownReason, String);

/// Why a page does not continue the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageFault {
    /// The list changed since an earlier page, so an object may have moved to a page that was already read: read the
    /// list again from the start.
    Changed,
    Unread(UnreadReason),
}

/// For a list that changes each time it is read.
pub(crate) fn changed_while_read() -> UnreadReason {
    let message = "The list changed each time it was read, so that some of it may be missing.";
    (UnknownReason::ApiError, message.to_owned())
}

struct Page {
    objects: Vec<Value>,
    total: Option<usize>,
    next: Option<String>,
}

impl Pages {
    pub fn new(kind: ReadingKind, list: List, mode: ReadMode) -> Self {
        Self {
            kind,
            list,
            mode,
            objects: Vec::new(),
            seen: HashSet::new(),
            count: 0,
            bytes: 0,
            total: None,
            next: None,
            cursors: HashSet::new(),
        }
    }

    /// The query of the next page.
    pub fn query(&self) -> PageParameters {
        self.query_of(self.count)
    }

    /// The queries of the pages that are left, up to `pages_max` pages in all and as far as offsets go, by the total and the
    /// length of the pages so far. Empty where each page names the next one, or the total is unknown.
    pub fn queries_left(&self, pages_max: u32) -> Vec<PageParameters> {
        let pages = match (self.list.style, self.total, self.objects.len()) {
            (PagingScheme::Checkpoint, ..) | (_, None, _) | (.., 0) => self.count,
            (_, Some(total), read) => {
                let read_pages = usize::try_from(self.count).unwrap_or(usize::MAX);
                let pages = total.saturating_mul(read_pages).div_ceil(read);
                u32::try_from(pages).unwrap_or(u32::MAX)
            }
        };
        (self.count..pages.min(pages_max).min(OFFSET_PAGES_MAX))
            .map(|page| self.query_of(page))
            .collect()
    }

    fn query_of(&self, page: u32) -> PageParameters {
        let mut query = match self.list.style {
            PagingScheme::Checkpoint => vec![("take", PAGE.to_string())],
            PagingScheme::Offset | PagingScheme::OffsetAlwaysTotals => {
                vec![("page", page.to_string()), ("per_page", PAGE.to_string())]
            }
        };
        if self.list.style == PagingScheme::Offset {
            query.push(("include_totals", "true".to_owned()));
        }
        query.extend(self.next.clone().map(|next| ("from", next)));
        query
    }

    /// Adds a page. True: another one follows.
    pub fn add(&mut self, body: Value, bytes: usize, limits: &Limits) -> Result<bool, PageFault> {
        let page = self.parse_page(body).map_err(PageFault::Unread)?;
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let came = page.objects.len();
        let has_news = self.add_objects(page.objects) > 0;
        let has_more = match (self.list.style, page.total) {
            (PagingScheme::Checkpoint, _) => page.next.is_some(),
            (PagingScheme::Offset | PagingScheme::OffsetAlwaysTotals, Some(total)) => {
                came > 0 && self.objects.len() < total
            }
            // Without a total, only a page without new objects shows the end.
            (PagingScheme::Offset | PagingScheme::OffsetAlwaysTotals, None) => has_news,
        };
        if self.mode == ReadMode::FirstPage {
            return Ok(false);
        }
        self.check_totals(page.total, has_more)?;
        let is_new = |next: &String| self.cursors.insert(next.clone());
        let goes_on = page.next.as_ref().is_none_or(is_new) && (has_news || came == 0);
        if has_more && !goes_on {
            let message = "The list goes on at a page that was read before, again and again, so it was not \
                read to its end and is not judged.";
            return Err(PageFault::Unread((UnknownReason::Truncated, message.to_owned())));
        }
        self.check_caps(has_more, limits).map_err(PageFault::Unread)?;
        self.next = page.next;
        Ok(has_more)
    }

    /// Adds the objects that earlier pages did not have, and returns their number. Of duplicates, the first is kept.
    fn add_objects(&mut self, objects: Vec<Value>) -> usize {
        let known = self.objects.len();
        let id = self.kind.identified_by();
        let mut without_id = Vec::new();
        for object in objects {
            match id.and_then(|id| object.get(id)).and_then(Value::as_str) {
                Some(id) if !self.seen.insert(id.to_owned()) => continue,
                Some(_) => {}
                // Equal objects on one page are different objects.
                None => {
                    let text = object.to_string();
                    if self.seen.contains(&text) {
                        continue;
                    }
                    without_id.push(text);
                }
            }
            self.objects.push(object);
        }
        self.seen.extend(without_id);
        self.objects.len() - known
    }

    /// The whole list as one body.
    pub fn into_body(self) -> Value {
        Value::Array(self.objects)
    }

    fn parse_page(&self, body: Value) -> Result<Page, UnreadReason> {
        match body {
            Value::Object(members) => self.parse_envelope(members),
            // Auth0 documents bare arrays beside envelopes; a full one does not say whether more follows.
            Value::Array(objects)
                if self.list.style != PagingScheme::Checkpoint
                    || objects.len() < SHORTER_THAN_A_PAGE =>
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

    fn parse_envelope(&self, mut members: Map<String, Value>) -> Option<Page> {
        let Some(Value::Array(objects)) = members.remove(self.list.key) else { return None };
        let total = members.get("total").and_then(Value::as_u64);
        let next = members.get("next").and_then(Value::as_str).filter(|next| !next.is_empty());
        Some(Page {
            objects,
            total: total.map(|total| usize::try_from(total).unwrap_or(usize::MAX)),
            next: next.map(str::to_owned),
        })
    }

    /// With offsets, a deleted object moves one of the next page to a page that was already read. A growing total can
    /// hide that.
    fn check_totals(&mut self, total: Option<usize>, has_more: bool) -> Result<(), PageFault> {
        let has_changed = total.zip(self.total).is_some_and(|(now, before)| now != before);
        let ended_early = !has_more && total.is_some_and(|total| self.objects.len() < total);
        self.total = total.or(self.total);
        if has_changed || (ended_early && self.list.style != PagingScheme::Checkpoint) {
            return Err(PageFault::Changed);
        }
        Ok(())
    }

    fn check_caps(&self, has_more: bool, limits: &Limits) -> Result<(), UnreadReason> {
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

/// For a page that exceeds the maximum size.
pub(crate) fn page_too_long(limits: &Limits) -> UnreadReason {
    let cap = limits.page_body_bytes;
    let message =
        format!("A page of the list is longer than {cap} bytes (the cap page_body_bytes).");
    (UnknownReason::Truncated, message)
}

fn truncated(most: &str, cap: &str) -> UnreadReason {
    let message = format!(
        "The list is longer than {most} (the cap {cap}), so it was not read to its end and is not judged."
    );
    (UnknownReason::Truncated, message)
}

#[cfg(test)]
mod tests;
