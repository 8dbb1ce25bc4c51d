//! What a list reads of a request, and how it is answered in pages.

use axum::response::Response;
use domain::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RequestInput;
use crate::extract::{Caller, json};
use crate::pagination::{self, Cursor, CursorError, PAGE_LIMITS, PageLimits, PageRequest};

impl RequestInput {
    /// `limit` and `cursor` of a list; to be asked for after its filters. `sort` names the order.
    pub fn paging<P: DeserializeOwned>(
        &mut self,
        caller: &Caller,
        operation: &str,
        sort: &str,
    ) -> PageRequest<P> {
        self.paging_within(caller, operation, sort, PAGE_LIMITS)
    }

    /// The same of a list that the body narrows, in the one order that it has; to be asked for after
    /// the body was read. The cursor belongs to that body.
    pub fn paging_by_body<P: DeserializeOwned>(
        &mut self,
        caller: &Caller,
        operation: &str,
        sizes: PageLimits,
    ) -> PageRequest<P> {
        let body = json::canonical(&self.body);
        self.paging_within(caller, operation, &body, sizes)
    }

    fn paging_within<P: DeserializeOwned>(
        &mut self,
        caller: &Caller,
        operation: &str,
        sort: &str,
        sizes: PageLimits,
    ) -> PageRequest<P> {
        let limit = self.limit(sizes);
        let filters = self.parameters.filters();
        let scope = pagination::fingerprint(
            caller.organisation(),
            operation,
            sort,
            &filters,
            self.context.path(),
        );
        let after = match self.parameters.get("cursor").map(|text| Cursor::read(text, &scope)) {
            None => None,
            Some(Ok(position)) => Some(position),
            Some(Err(CursorError::Malformed)) => {
                let detail =
                    "is not a cursor of ours: send `next` as it was given, or leave it out";
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
        // More digits than fit are more than the cap.
        let limit = if is_number { text.parse().unwrap_or(u32::MAX) } else { 0 };
        if limit == 0 {
            let detail = format!("must be a whole number, 1 or more; more than {max} gives {max}");
            self.faults.push(Fault::parameter("limit", detail));
        }
        limit.min(max)
    }

    /// The answer of a list.
    pub fn page<P: Serialize, T: Serialize>(
        &self,
        paging: &PageRequest<P>,
        items: &[T],
        last: Option<P>,
    ) -> Response {
        let next = last.map(|position| Cursor::write(&position, &paging.scope));
        let link = next.as_ref().map(|cursor| {
            format!("{}?{}", self.context.path(), self.parameters.with_cursor(cursor))
        });
        pagination::page_response(items, next.as_deref(), link.as_deref())
    }
}
