//! A running server, asked by a command.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

/// A running server.
pub(crate) struct Server {
    url: String,
    token: String,
}

impl Server {
    /// The one at this address, asked with this token.
    pub(crate) fn at(url: &str, token: Option<&str>) -> Result<Server> {
        let token = token.context("a server is asked with a token: set QUITTANCE_TOKEN")?.to_owned();
        Ok(Server { url: format!("{}/api/v1", url.trim_end_matches('/')), token })
    }

    /// What stands under `data` of the answer.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let client = adapters::http::client(Duration::from_secs(60))?;
        let method = method.parse().context("a method")?;
        let call = client.request(method, format!("{}{path}", self.url));
        let call = call.bearer_auth(&self.token).header("content-type", "application/json");
        let call = if let Some(body) = body { call.body(body.to_string()) } else { call };
        let answer = call
            .send()
            .await
            .map_err(|e| anyhow!("{}", e.without_url()))
            .context("the server does not answer")?;
        let status = answer.status();
        let told: Value = serde_json::from_str(&answer.text().await?).unwrap_or_default();
        if !status.is_success() {
            let why = told["message"].as_str().unwrap_or("nothing more");
            bail!("the server answers {}: {why}", status.as_u16());
        }
        Ok(told["data"].clone())
    }
}
