//! Calls the API of a running service.

use std::time::Duration;

use http::Method;
use serde_json::Value;

/// Clones share the HTTP client.
#[derive(Clone)]
pub struct Api {
    client: reqwest::Client,
    token: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    /// Null without a JSON body.
    pub json: Value,
}

impl Api {
    pub fn new(token: String, timeout: Duration) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(timeout).build().unwrap();
        Self { client, token }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// An error means that the service does not respond.
    pub async fn try_call(
        &self,
        address: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.client.request(method, format!("http://{address}{path}"));
        request = request.bearer_auth(&self.token).header("if-match", "*");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let json = serde_json::from_str(&response.text().await?).unwrap_or_default();
        Ok(Answer { status, retry_after, json })
    }

    pub async fn call(
        &self,
        address: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.try_call(address, method, path, body).await.unwrap()
    }

    pub async fn get(&self, address: &str, path: &str) -> Answer {
        self.call(address, Method::GET, path, None).await
    }

    pub async fn post(&self, address: &str, path: &str, body: Option<&Value>) -> Answer {
        self.call(address, Method::POST, path, body).await
    }
}

impl Answer {
    /// Asserts the status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.json);
        self
    }

    /// Whether it is a 503 with problem document and `Retry-After`.
    pub fn is_unavailable(&self) -> bool {
        self.status == 503 && self.json["code"] == "unavailable" && self.retry_after.is_some()
    }

    /// The member `id`.
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap().to_owned()
    }
}
