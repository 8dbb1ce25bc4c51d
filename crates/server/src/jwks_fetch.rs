//! Fetches the JSON Web Key Set of the token issuer. `api` caches it and limits the time.

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

/// Maximum size of a key set, in bytes.
const BODY_MAX: usize = 256 * 1024;

type Http = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Fetches the key set at this address, without redirects or proxies, trusting the machine's root certificates.
pub fn source(url: &Url) -> Result<KeySource> {
    let uri: Uri = url.as_str().parse().context("SAFE_AUTH0_JWKS_URL is not an HTTP URL")?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .context("cannot read this machine's trusted root certificates")?
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
    let response = http.get(uri).await.context("cannot fetch the key set")?;
    let status = response.status();
    anyhow::ensure!(status == StatusCode::OK, "fetching the key set returned status {status}");
    let body = Limited::new(response.into_body(), BODY_MAX).collect().await;
    let body = body.map_err(|e| anyhow::anyhow!("cannot read the key set: {e}"))?;
    String::from_utf8(body.to_bytes().to_vec()).context("the key set is not UTF-8")
}

#[cfg(test)]
mod tests;
