//! `GET /`: a static page that describes the service, with links.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};

use http::HeaderMap;

use super::docs_page::{PAGE_HEADERS, cached};
use crate::problem::ApiError;

static PAGE: LazyLock<String> = LazyLock::new(|| {
    include_str!("start_page.html").replace("{version}", env!("CARGO_PKG_VERSION"))
});

/// `GET /`
pub async fn start_page(headers: HeaderMap) -> Result<Response, ApiError> {
    let mut response = Html(PAGE.as_str()).into_response();
    response.headers_mut().extend(PAGE_HEADERS);
    cached(&headers, response).await
}
