//! `/openapi.json` and `/docs`: the OpenAPI document, and Swagger UI served from the binary.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderName, HeaderValue, header};
use utoipa_swagger_ui::Config;

use crate::problem::ApiError;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| super::openapi().to_string());

/// Allows inline styles and icons, which Swagger UI needs, and scripts from this service only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; \
    frame-ancestors 'none'";
pub(super) const PAGE_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// `GET /openapi.json`
pub async fn openapi_json() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// `GET /docs` and `GET /docs/`
pub async fn docs() -> Result<Response, ApiError> {
    file("index.html")
}

/// `GET /docs/{file}`
pub async fn docs_file(
    path: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Response, ApiError> {
    let Ok(Path(name)) = path else { return Err(ApiError::NotFound) };
    file(&name)
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
