//! Fetches the JSON Web Key Set of the callers' issuer. Caching and the time limit are in `api`.

use std::sync::Arc;

use anyhow::{Context, Result};
use api::auth::KeySource;
use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::Url;

/// Largest key set, in bytes.
const BODY_MAX: usize = 256 * 1024;

type Http = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// What fetches the key set at this address: no redirects, no proxy, the machine's trusted roots.
pub fn source(url: &Url) -> Result<KeySource> {
    let uri: Uri = url.as_str().parse().context("SAFE_AUTH0_JWKS_URL is no address for HTTP")?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .context("the trusted roots of this machine cannot be read")?
        .https_or_http()
        .enable_http1()
        .build();
    let http: Http = Client::builder(TokioExecutor::new()).build(connector);
    Ok(Arc::new(move || {
        let http = http.clone();
        let uri = uri.clone();
        Box::pin(async move { fetch(&http, uri).await.map_err(|e| format!("{e:#}")) })
    }))
}

async fn fetch(http: &Http, uri: Uri) -> Result<String> {
    let answer = http.get(uri).await.context("the key set cannot be fetched")?;
    let status = answer.status();
    anyhow::ensure!(status == StatusCode::OK, "the address of the key set answers {status}");
    let body = Limited::new(answer.into_body(), BODY_MAX).collect().await;
    let body = body.map_err(|e| anyhow::anyhow!("the key set cannot be read: {e}"))?;
    String::from_utf8(body.to_bytes().to_vec()).context("the key set is not text")
}

#[cfg(test)]
mod tests;
