//! Reads a list of several pages.

use std::time::Duration;

use domain::sync::Cause;
use domain::tenant::Outcome;
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::Value;

use super::{ReadingRun, unreadable};
use crate::byte_budget::HeldBytes;
use crate::reading::endpoint::Endpoint;
use crate::reading::pagination::{List, PageFault, PageParameters, Pages, changed_while_read};

/// Attempts to read a list that changes meanwhile.
const LIST_READS_MAX: u32 = 3;
/// Pages of one list in memory at once.
const PAGES_AT_ONCE: usize = 4;

/// A page and its size, and what reading it took. Holds no lock of the session while other pages are read.
struct PageRead {
    body: Result<(Value, HeldBytes), Box<Outcome>>,
    attempts: u32,
    took: Option<Duration>,
    cause: Option<Cause>,
}

impl<'a> ReadingRun<'a> {
    /// Reads a whole list: its first page, and then a few of the others at once if their number is known. One unreadable
    /// page makes the list unreadable.
    pub(super) async fn pages(
        &mut self,
        endpoint: Endpoint,
        list: List,
    ) -> Result<Value, Box<Outcome>> {
        'again: for _ in 0..LIST_READS_MAX {
            let mut pages = Pages::new(self.kind, list, self.mode);
            // Until the list is complete.
            let mut all_held = Vec::new();
            loop {
                let mut left = self.pages_left(endpoint, &pages);
                // Pages that are read at once take as long as the slowest.
                let before = self.on_the_wire;
                let mut page = left.next().await;
                loop {
                    let (body, held) = match page {
                        Some(page) => {
                            self.attempts += page.attempts;
                            let took = page.took.map(|took| before.unwrap_or_default() + took);
                            self.on_the_wire = self.on_the_wire.max(took);
                            self.cause = self.cause.take().or(page.cause);
                            page.body?
                        }
                        None => self.body(endpoint, &pages.query()).await?,
                    };
                    let added = pages.add(body, held.len(), &self.deps().limits);
                    all_held.push(held);
                    match added {
                        Ok(true) => {}
                        Ok(false) => return Ok(pages.into_body()),
                        Err(PageFault::Changed) => continue 'again,
                        Err(PageFault::Unread(unread)) => return Err(unreadable(unread)),
                    }
                    page = left.next().await;
                    if page.is_none() {
                        break;
                    }
                }
            }
        }
        Err(unreadable(changed_while_read()))
    }

    /// The pages that are known to be left, each read by a run of its own.
    fn pages_left(
        &self,
        endpoint: Endpoint,
        pages: &Pages,
    ) -> impl Stream<Item = PageRead> + Unpin + use<'a> {
        let (session, kind, mode, deadline) = (self.session, self.kind, self.mode, self.deadline);
        let queries = pages.queries_left(self.deps().limits.list_pages);
        let read = move |query: PageParameters| async move {
            let mut run = ReadingRun::new(session, kind, mode, deadline);
            let body = run.body(endpoint, &query).await;
            PageRead { body, attempts: run.attempts, took: run.on_the_wire, cause: run.cause }
        };
        Box::pin(stream::iter(queries).map(read).buffered(PAGES_AT_ONCE))
    }
}
