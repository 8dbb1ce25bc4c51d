//! `/openapi.json`, `/openapi-3.0.json` and `/docs`: the OpenAPI document in two versions, and Swagger UI served from
//! the binary.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, IF_NONE_MATCH, REFERRER_POLICY};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use utoipa_swagger_ui::Config;

use crate::extract::{Caches, parse_tags, revalidate};
use crate::problem::ApiError;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| super::openapi().to_string());
static DOCUMENT_3_0: LazyLock<String> = LazyLock::new(|| super::openapi_3_0().to_string());

/// Allows inline styles and icons, which Swagger UI needs, and scripts from this service only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; \
    frame-ancestors 'none'";
pub(super) const PAGE_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// `GET /openapi.json`
pub async fn openapi_json(headers: HeaderMap) -> Result<Response, ApiError> {
    json(&headers, &DOCUMENT).await
}

/// `GET /openapi-3.0.json`
pub async fn openapi_3_0_json(headers: HeaderMap) -> Result<Response, ApiError> {
    json(&headers, &DOCUMENT_3_0).await
}

async fn json(headers: &HeaderMap, document: &'static str) -> Result<Response, ApiError> {
    cached(headers, ([(CONTENT_TYPE, "application/json")], document).into_response()).await
}

/// A document that anyone may read. A malformed `If-None-Match` is ignored, as are query parameters.
pub(super) async fn cached(headers: &HeaderMap, document: Response) -> Result<Response, ApiError> {
    let tags = parse_tags(headers, IF_NONE_MATCH.as_str()).and_then(Result::ok);
    revalidate(tags.as_ref(), Caches::Shared, document).await
}

/// `GET /docs` and `GET /docs/`
pub async fn docs(headers: HeaderMap) -> Result<Response, ApiError> {
    cached(&headers, file("index.html")?).await
}

/// `GET /docs/{file}`
pub async fn docs_file(
    headers: HeaderMap,
    path: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Response, ApiError> {
    let Ok(Path(name)) = path else { return Err(ApiError::NotFound) };
    cached(&headers, file(&name)?).await
}

fn file(name: &str) -> Result<Response, ApiError> {
    let config = Arc::new(Config::from("/openapi.json"));
    let found = utoipa_swagger_ui::serve(name, config);
    let found = found.map_err(|error| ApiError::internal(error.to_string()))?;
    let file = found.ok_or(ApiError::NotFound)?;
    let bytes = match file.bytes {
        bytes if name == "index.html" => {
            // Relative links of the page must also work from `/docs` without a slash.
            let page = String::from_utf8_lossy(&bytes);
            page.replacen("<head>", "<head><base href=\"/docs/\">", 1).into()
        }
        // Most files are embedded in the binary: send them without a copy.
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let mut response = ([(CONTENT_TYPE, file.content_type)], bytes).into_response();
    response.headers_mut().extend(PAGE_HEADERS);
    Ok(response)
}
