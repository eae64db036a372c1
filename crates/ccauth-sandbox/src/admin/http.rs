//! The admin interface over HTTP, below `/_sandbox/`. JSON in, JSON out, and one page for people.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{Html, IntoResponse, Json, Redirect, Response};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::guard::guard;
use super::{Admin, Which, settled};
use crate::account::{Account, AccountView};
use crate::clock::ClockState;
use crate::error::Invalid;
use crate::fault::{ArmedFault, Fault};
use crate::journal::{Entry, Filter};

/// How long a waiting request waits when it does not say.
const PATIENCE_MS: u64 = 10_000;

pub(crate) fn router(admin: Admin) -> Router {
    Router::new()
        .route("/_sandbox", get(|| async { Redirect::permanent("/_sandbox/") }))
        .route("/_sandbox/", get(page))
        .route("/_sandbox/health", get(health))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/accounts", get(accounts).post(add_account))
        .route("/_sandbox/tokens", get(tokens))
        .route("/_sandbox/tokens/expire", post(expire))
        .route("/_sandbox/tokens/revoke", post(revoke))
        .route("/_sandbox/clock", get(clock).post(set_clock))
        .route("/_sandbox/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sandbox/faults/{id}", delete(remove_fault))
        .route("/_sandbox/quirks", get(quirks).post(set_quirk))
        .route("/_sandbox/requests", get(requests).delete(clear_requests))
        .route("/_sandbox/connections", get(connections))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, None, "there is no such admin page") })
        .layer(middleware::from_fn(guard))
        .with_state(admin)
}

async fn page() -> Html<&'static str> {
    Html(include_str!("../page.html"))
}

async fn health(State(admin): State<Admin>) -> Json<Value> {
    Json(json!({ "ok": true, "testing_only": true, "tls": admin.is_tls(), "now": admin.clock().now }))
}

async fn reset(State(admin): State<Admin>) -> Json<Value> {
    admin.reset();
    Json(json!({ "ok": true }))
}

async fn accounts(State(admin): State<Admin>) -> Json<Vec<AccountView>> {
    Json(admin.accounts().iter().map(AccountView::from).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    vendor: String,
    name: String,
    fields: std::collections::BTreeMap<String, String>,
}

async fn add_account(State(admin): State<Admin>, body: Bytes) -> Result<Json<AccountView>, Refusal> {
    let NewAccount { vendor, name, fields } = parse(&body)?;
    let account = Account::new(&vendor, name, fields)?;
    let view = AccountView::from(&account);
    admin.add_account(account)?;
    Ok(Json(view))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfVendor {
    vendor: Option<String>,
}

async fn tokens(State(admin): State<Admin>, Query(of): Query<OfVendor>) -> Json<Value> {
    let mut tokens = admin.tokens();
    tokens.retain(|token| of.vendor.as_ref().is_none_or(|vendor| *vendor == token.vendor));
    Json(json!(tokens))
}

async fn expire(State(admin): State<Admin>, body: Bytes) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "changed": admin.expire(&parse::<Which>(&body)?)? })))
}

async fn revoke(State(admin): State<Admin>, body: Bytes) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "changed": admin.revoke(&parse::<Which>(&body)?)? })))
}

async fn clock(State(admin): State<Admin>) -> Json<ClockState> {
    Json(admin.clock())
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
struct SetClock {
    #[serde(default)]
    freeze: bool,
    #[serde(default)]
    unfreeze: bool,
    advance_s: Option<i64>,
    offset_s: Option<i64>,
}

async fn set_clock(State(admin): State<Admin>, body: Bytes) -> Result<Json<ClockState>, Refusal> {
    let SetClock { freeze, unfreeze, advance_s, offset_s } = parse(&body)?;
    match (freeze, unfreeze, advance_s, offset_s) {
        (true, true, ..) => return Err(Invalid::new("unfreeze", "not together with freeze").into()),
        (_, _, Some(_), Some(_)) => {
            return Err(Invalid::new("offset_s", "not together with advance_s").into());
        }
        (false, false, None, None) => {
            return Err(Invalid::new("clock", "give freeze, unfreeze, advance_s or offset_s").into());
        }
        _ => {}
    }
    if freeze {
        admin.freeze();
    }
    if let Some(seconds) = offset_s {
        admin.set_offset(seconds);
    }
    if let Some(seconds) = advance_s {
        admin.advance(seconds);
    }
    if unfreeze {
        admin.unfreeze();
    }
    Ok(Json(admin.clock()))
}

async fn faults(State(admin): State<Admin>) -> Json<Vec<ArmedFault>> {
    Json(admin.faults())
}

async fn add_fault(State(admin): State<Admin>, body: Bytes) -> Result<Response, Refusal> {
    let id = admin.add_fault(parse::<Fault>(&body)?)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))).into_response())
}

async fn clear_faults(State(admin): State<Admin>) -> Json<Value> {
    admin.clear_faults();
    Json(json!({ "ok": true }))
}

async fn remove_fault(State(admin): State<Admin>, Path(id): Path<u64>) -> Result<Json<Value>, Refusal> {
    if admin.remove_fault(id) {
        return Ok(Json(json!({ "ok": true })));
    }
    Err(Refusal(Box::new(refused(StatusCode::NOT_FOUND, Some("id"), &format!("there is no fault {id}")))))
}

async fn quirks(State(admin): State<Admin>) -> Json<Value> {
    Json(json!(admin.quirks()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetQuirk {
    vendor: String,
    name: String,
    on: bool,
}

async fn set_quirk(State(admin): State<Admin>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let SetQuirk { vendor, name, on } = parse(&body)?;
    admin.quirk(&vendor, &name, on)?;
    Ok(Json(json!({ "ok": true })))
}

/// A [`Filter`], and for how many matches to wait.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    vendor: Option<String>,
    route: Option<String>,
    status: Option<u16>,
    /// Only the newest so many, for a page that shows no more.
    last: Option<usize>,
    wait: Option<usize>,
    timeout_ms: Option<u64>,
}

async fn requests(State(admin): State<Admin>, Query(waiting): Query<Waiting>) -> Response {
    let Waiting { vendor, route, status, last, wait, timeout_ms } = waiting;
    let filter = Filter { vendor, route, status };
    let enough = |entries: Vec<Entry>| (entries.len() >= wait.unwrap_or(0)).then_some(entries);
    let waited = admin.shared.wait_async(|state| enough(state.journal.entries(&filter)));
    let timeout = Duration::from_millis(timeout_ms.unwrap_or(PATIENCE_MS));
    match tokio::time::timeout(timeout, waited).await {
        Ok(entries) => {
            let entries = entries.unwrap_or_default();
            let skipped = entries.len().saturating_sub(last.unwrap_or(usize::MAX));
            Json(json!(entries[skipped..])).into_response()
        }
        Err(_) => {
            let seen = admin.requests(&filter).len();
            refused(StatusCode::REQUEST_TIMEOUT, Some("wait"), &format!("only {seen} requests match so far"))
        }
    }
}

async fn clear_requests(State(admin): State<Admin>) -> Json<Value> {
    admin.clear_requests();
    Json(json!({ "ok": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settling {
    wait: Option<usize>,
    timeout_ms: Option<u64>,
}

async fn connections(State(admin): State<Admin>, Query(settling): Query<Settling>) -> Response {
    let Some(count) = settling.wait else { return Json(json!(admin.connections())).into_response() };
    let timeout = Duration::from_millis(settling.timeout_ms.unwrap_or(PATIENCE_MS));
    match tokio::time::timeout(timeout, admin.shared.wait_async(|state| settled(state, count))).await {
        Ok(connections) => Json(json!(connections)).into_response(),
        Err(_) => refused(StatusCode::REQUEST_TIMEOUT, Some("wait"), "too few connections have settled"),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal(Box::new(refused(StatusCode::BAD_REQUEST, None, &error.to_string()))))
}

/// Boxed, because a response is large and a refusal rare.
struct Refusal(Box<Response>);

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Refusal {
        Refusal(Box::new(refused(StatusCode::BAD_REQUEST, Some(invalid.field()), &invalid.to_string())))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

pub(super) fn refused(status: StatusCode, field: Option<&str>, error: &str) -> Response {
    (status, Json(json!({ "field": field, "error": error }))).into_response()
}
