//! `GET /v1/findings`

use axum::extract::State;
use axum::response::Response;
use domain::checks::Severity;
use domain::finding::FindingStatus;
use domain::{AssetId, FindingId, IntegrationId};
use serde::{Deserialize, Serialize};
use store::{FindingFilter, FindingList, FindingPosition, FindingSort, PageQuery, SortKey};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::AppState;
use crate::extract::{Caller, PathId as _, RequestInput};
use crate::problem::ApiError;
use crate::wire::finding::Finding;
use crate::wire::params::{FindingFilters, Paging};
use crate::wire::{Page, choice_schema};

/// Longest search text, in characters.
const Q_MAX: usize = 200;
/// Longest check id, in bytes.
const CHECK_ID_MAX: usize = 100;
const DEFAULT_SORT: (&str, FindingSort) = ("-severity", sort(SortKey::SeverityRank, true));
const SORTS: [(&str, (&str, FindingSort)); 7] = [
    ("-severity", DEFAULT_SORT),
    ("severity", ("severity", sort(SortKey::SeverityRank, false))),
    ("-priority", ("-priority", sort(SortKey::Priority, true))),
    ("-last_seen_at", ("-last_seen_at", sort(SortKey::LastSeenAt, true))),
    ("last_seen_at", ("last_seen_at", sort(SortKey::LastSeenAt, false))),
    ("-first_seen_at", ("-first_seen_at", sort(SortKey::FirstSeenAt, true))),
    ("first_seen_at", ("first_seen_at", sort(SortKey::FirstSeenAt, false))),
];

/// The order of findings.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the derive alone")]
struct FindingOrder {
    /// The order; `-` is descending, ties are ordered by id. Default: `-severity`, most severe first.
    #[param(inline)]
    sort: Option<SortName>,
}

struct SortName;

impl ToSchema for SortName {}

impl PartialSchema for SortName {
    fn schema() -> RefOr<Schema> {
        choice_schema(&SORTS)
    }
}

const fn sort(key: SortKey, descending: bool) -> FindingSort {
    FindingSort { key, descending }
}

/// The position in a cursor.
#[derive(Serialize, Deserialize)]
struct Position {
    value: i64,
    id: FindingId,
    /// The version of the order at the first page.
    order: Option<i64>,
}

/// List findings
///
/// Of all integrations of the organisation, by severity unless `sort` says otherwise. Each filter takes a
/// comma-separated list and matches any of its items. Findings of deleted integrations are included only if
/// `integration_id` or `asset_id` names them, or with `include_deleted=true`. If a sync changes the order between two
/// pages, the next page returns 409 `cursor_outdated`.
#[utoipa::path(
    get,
    path = "/v1/findings",
    tag = "findings",
    params(FindingFilters, FindingOrder, Paging),
    responses((status = 200, description = "A page.", body = Page<Finding>))
)]
pub async fn list_findings(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = read_filter(&mut input);
    let (sort_name, sort) = input.choice("sort", &SORTS).unwrap_or(DEFAULT_SORT);
    let paging = input.paging::<Position>(&caller, sort_name);
    input.reject_unknown()?;
    let now = state.now();
    let after = paging.after.as_ref();
    let after = after.map(|at| FindingPosition { value: at.value, id: at.id });
    let slice = PageQuery { limit: paging.limit, after };
    let listed = state.store().list_findings(caller.organisation(), &filter, sort, slice, now);
    let FindingList { page, order, stopped_at } = listed.await?;
    if paging.after.as_ref().is_some_and(|at| at.order != order) {
        return Err(ApiError::CursorOutdated);
    }
    let last = page.items.last().filter(|_| page.has_more);
    let next = last.map(|view| sort.position_of(&view.finding)).or(stopped_at);
    let next = next.map(|FindingPosition { value, id }| Position { value, id, order });
    Ok(input.page_until(&paging, page.items, next, |view| Finding::new(view, now)))
}

/// The filters of the list and of the export.
pub fn read_filter(input: &mut RequestInput) -> FindingFilter {
    FindingFilter {
        integration_ids: input.list("integration_id", IntegrationId::read, "a UUID"),
        asset_ids: input.list("asset_id", AssetId::read, "a UUID"),
        states: input.list("state", FindingStatus::from_name, "open, resolved or accepted"),
        severities: input.list("severity", read_severity, "critical, high, medium, low or info"),
        check_ids: input.list("check_id", read_check_id, "a check id such as bot-detection-off"),
        q: input.text("q", Q_MAX),
        include_deleted: input.flag("include_deleted"),
    }
}

fn read_severity(name: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| severity.name() == name)
}

/// Any well-formed id: findings of checks that were removed remain.
fn read_check_id(text: &str) -> Option<String> {
    let is_kebab = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    ((1..=CHECK_ID_MAX).contains(&text.len()) && is_kebab).then(|| text.to_owned())
}
