//! Compresses each page and document once for each coding, and not for each request: anyone may ask for them, and
//! compressing the largest takes tens of milliseconds.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::Mutex;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::compression::CompressionLayer;

use crate::middleware::compression::{LEVEL, SIZE_MIN, Uncompressed};
use crate::problem::ApiError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Coding {
    Gzip,
    Zstd,
}

/// What is compressed, by its entity tag, so that there are only as many entries as pages. Small
/// bodies are as they were.
#[derive(Debug, Clone, Default)]
pub struct CompressedPages(Arc<Mutex<HashMap<(HeaderValue, Coding), Page>>>);

type Page = (HeaderMap, Bytes);

/// Around the handlers of pages.
pub async fn compress_once(
    State(pages): State<CompressedPages>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let coding = preferred(request.headers());
    let response = next.run(request).await;
    let (Some(coding), Some(tag), StatusCode::OK) =
        (coding, response.headers().get(ETAG).cloned(), response.status())
    else {
        return Ok(response);
    };
    let key = (tag, coding);
    // Held while a page is compressed. Requests meanwhile get it as it is: waiting, they would hold permits.
    let Ok(mut all) = pages.0.try_lock() else {
        let mut response = response;
        response.extensions_mut().insert(Uncompressed);
        return Ok(response);
    };
    let known = all.get(&key).cloned();
    let (headers, body) = if let Some(known) = known {
        known
    } else {
        let made = compressed(response, coding).await?;
        all.insert(key, made.clone());
        made
    };
    drop(all);
    let mut response = Response::new(Body::from(body));
    *response.headers_mut() = headers;
    Ok(response)
}

async fn compressed(response: Response, coding: Coding) -> Result<Page, ApiError> {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(internal)?;
    if (bytes.len() as u64) < SIZE_MIN {
        return Ok((parts.headers, bytes));
    }
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(coding.name()));
    // On a thread of its own: the event loop serves others meanwhile.
    let work = move || {
        let response = Response::from_parts(parts, Body::from(bytes));
        let mut response = Some(response);
        let page = service_fn(move |_: Request| {
            let response = response.take().unwrap_or_default();
            async move { Ok::<_, Infallible>(response) }
        });
        let layer = CompressionLayer::new().quality(LEVEL);
        futures_util::FutureExt::now_or_never(async move {
            let Ok(response) = layer.layer(page).oneshot(request).await;
            let (mut parts, body) = response.into_parts();
            let bytes = to_bytes(Body::new(body), usize::MAX).await?;
            parts.headers.remove(CONTENT_LENGTH);
            Ok::<_, axum::Error>((parts.headers, bytes))
        })
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(internal)?;
    let done = done.ok_or_else(|| ApiError::internal("compressing a page waited for something"))?;
    done.map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal(error.to_string())
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The coding that the client weighs most, zstd among equals.
fn preferred(headers: &HeaderMap) -> Option<Coding> {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let weighed = values.flat_map(|value| value.split(',')).filter_map(|element| {
        let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
        let coding = [Coding::Gzip, Coding::Zstd]
            .into_iter()
            .find(|coding| name.trim().eq_ignore_ascii_case(coding.name()))?;
        let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        weight.ok().filter(|weight| *weight > 0.0).map(|weight| (weight, coding))
    });
    weighed
        .max_by(|(one, coding), (other, second)| one.total_cmp(other).then(coding.cmp(second)))
        .map(|(_, coding)| coding)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use http::header::CONTENT_ENCODING;

    use super::*;

    fn coding(accepted: &str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, accepted.parse().unwrap());
        preferred(&headers)
    }

    #[test]
    fn the_heaviest_coding_is_preferred_and_zstd_among_equals() {
        assert_eq!(coding("gzip"), Some(Coding::Gzip));
        assert_eq!(coding("zstd, gzip"), Some(Coding::Zstd));
        assert_eq!(coding("gzip, zstd"), Some(Coding::Zstd));
        assert_eq!(coding("GZIP;q=0.5, zstd;q=0.1"), Some(Coding::Gzip));
        for none in ["", "br", "gzip;q=0", "gzip;q=x", "identity"] {
            assert_eq!(coding(none), None, "{none}");
        }
    }

    #[tokio::test]
    async fn a_page_is_compressed_once_however_its_path_is_written() {
        let page = async || ([(ETAG, "W/\"x\"")], "a".repeat(10_000));
        let pages = CompressedPages::default();
        let app = Router::new()
            .route("/{page}", get(page))
            .layer(from_fn_with_state(pages.clone(), compress_once));
        for path in ["/page", "/p%61ge", "/%70age"] {
            let request = http::Request::get(path).header(ACCEPT_ENCODING, "gzip");
            let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert!(body.len() < 200 && body.starts_with(&[0x1f, 0x8b]));
        }
        assert_eq!(pages.0.lock().await.len(), 1);
        let plain = http::Request::get("/page").body(Body::empty()).unwrap();
        let plain = app.oneshot(plain).await.unwrap();
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
    }
}
