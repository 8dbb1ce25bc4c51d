//! The page that a request asks for, and the response of a list.

use axum::response::Response;
use domain::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RequestInput;
use crate::extract::{Caller, json};
use crate::pagination::{self, Cursor, CursorError, PAGE_LIMITS, PageLimits, PageRequest};

impl RequestInput {
    /// `limit` and `cursor` of a list. Read the filters first. `sort` names the order.
    pub fn paging<P: DeserializeOwned>(&mut self, caller: &Caller, sort: &str) -> PageRequest<P> {
        self.paging_within(caller, sort, PAGE_LIMITS)
    }

    /// The same for a list that the body filters. Read the body first: the cursor is valid for this body only.
    pub fn paging_by_body<P: DeserializeOwned>(
        &mut self,
        caller: &Caller,
        sizes: PageLimits,
    ) -> PageRequest<P> {
        let body = json::canonical(&self.body);
        self.paging_within(caller, &body, sizes)
    }

    fn paging_within<P: DeserializeOwned>(
        &mut self,
        caller: &Caller,
        sort: &str,
        sizes: PageLimits,
    ) -> PageRequest<P> {
        let limit = self.limit(sizes);
        let filters = self.parameters.filters();
        let scope = pagination::fingerprint(
            caller.organisation(),
            &self.operation.id,
            sort,
            &filters,
            self.context.path(),
        );
        let after = match self.parameters.get("cursor").map(|text| Cursor::read(text, &scope)) {
            None => None,
            Some(Ok(position)) => Some(position),
            Some(Err(CursorError::Malformed)) => {
                let detail = "is not a valid cursor: send `next` unchanged, or leave it out";
                self.malformed(Fault::parameter("cursor", detail));
                None
            }
            Some(Err(CursorError::OfAnotherList)) => {
                let detail = "belongs to another list, filter or sort: start again without it";
                self.faults.push(Fault::parameter("cursor", detail));
                None
            }
        };
        PageRequest { limit, after, scope }
    }

    fn limit(&mut self, PageLimits { default, max }: PageLimits) -> u32 {
        let Some(text) = self.parameters.get("limit") else { return default };
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number that overflows exceeds the cap.
        let limit = if is_number { text.parse().unwrap_or(u32::MAX) } else { 0 };
        if limit == 0 {
            let detail = format!("must be a whole number, 1 or more; more than {max} gives {max}");
            self.faults.push(Fault::parameter("limit", detail));
        }
        limit.min(max)
    }

    /// The response of a list: a page of `store` as wire types, with the cursor of the next page.
    pub fn page<P: Serialize, R, T: Serialize>(
        &self,
        paging: &PageRequest<P>,
        page: store::Page<R>,
        position: impl FnOnce(&R) -> P,
        wire: impl FnMut(R) -> T,
    ) -> Response {
        let last = page.items.last().filter(|_| page.has_more);
        let next = last.map(position);
        self.page_until(paging, page.items, next, wire)
    }

    /// The same with the position after which the next page begins; none: this page is the last.
    pub fn page_until<P: Serialize, R, T: Serialize>(
        &self,
        paging: &PageRequest<P>,
        items: Vec<R>,
        next: Option<P>,
        wire: impl FnMut(R) -> T,
    ) -> Response {
        let next = next.map(|position| Cursor::write(&position, &paging.scope));
        let link = next.as_ref().map(|cursor| {
            format!("{}?{}", self.context.path(), self.parameters.with_cursor(cursor))
        });
        let items: Vec<T> = items.into_iter().map(wire).collect();
        pagination::page_response(&items, next.as_deref(), link.as_deref())
    }
}
