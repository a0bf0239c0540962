//! `GET /healthz`, and `GET /config.json` for the page.

use crate::config::Config;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::variant::ServedFormat;
use serde_json::json;

/// That the worker runs and is configured; which version of it.
pub(crate) fn health() -> Result<Reply, Problem> {
    let body = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")});
    Ok(Reply::json(&body)?.with_header("cache-control", "no-store"))
}

/// What the page needs to let a person sign in and choose a file.
pub(crate) fn page_config(config: &Config) -> Result<Reply, Problem> {
    let body = json!({
        "issuer": config.tokens.issuer,
        // The first one is the page's.
        "client_id": config.tokens.client_ids.first(),
        "max_upload_bytes": config.max_upload_bytes,
        "sizes": Kind::Avatar.widths(),
        "banner_widths": Kind::Banner.widths(),
        "formats": ServedFormat::ALL.map(ServedFormat::extension),
    });
    Ok(Reply::json(&body)?.with_header("cache-control", "public, max-age=60"))
}
