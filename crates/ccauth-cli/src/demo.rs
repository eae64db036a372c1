//! `ccauth demo`, against a sandbox: one token of each vendor, obtained, used, renewed and used again; then each kept
//! valid.

use std::io::Write as _;

use ccauth::Body;
use ccauth::http::StatusCode;
use ccauth::{Account, Carriage, Client, Error, Renewal, Request, Token};
use ccauth_sandbox::{Sandbox, Which};

use crate::failure::Failure;
use crate::output::{self, BAD, BOLD, DIM, GOOD};
use crate::second_act;

/// One vendor's row of the table.
struct Row {
    vendor: &'static str,
    token: String,
    lives: String,
    travels: String,
    used: StatusCode,
    renewed: &'static str,
    again: StatusCode,
}

pub(crate) fn run() -> Result<(), Failure> {
    let sandbox = Sandbox::builder()
        .start()
        .map_err(|e| Failure::Local(format!("the sandbox could not start: {e}")))?;
    let mut out = output::stdout()?;
    writeln!(out, "\nThe five vendors, on loopback over TLS: {BOLD}{}{BOLD:#}\n", sandbox.url())?;
    let ids = ["exotel-ccm", "exotel-webrtc", "contactnow", "servetel", "sangoma"];
    let rows = ids.iter().map(|id| walk(&sandbox, id)).collect::<Result<Vec<_>, _>>()?;
    print(&mut out, &rows)?;
    let good =
        rows.iter().flat_map(|row| [row.used, row.again]).filter(|status| *status == StatusCode::OK).count();
    if good != 2 * rows.len() {
        return Err(Failure::Local(format!("{} of {} uses failed", 2 * rows.len() - good, 2 * rows.len())));
    }
    second_act::play(&sandbox, &ids, &mut out)?;
    writeln!(out, "\n{DIM}Try it by hand: ccauth sandbox{DIM:#}\n")?;
    Ok(())
}

/// Obtains, uses, renews, uses.
fn walk(sandbox: &Sandbox, id: &str) -> Result<Row, Failure> {
    let account = account(sandbox, id, &Client::default())?;
    let token = account.issue()?;
    let url = sandbox.protected(id).url;
    let used = use_token(&account, &token, &url)?;
    let (next, renewed) = renew(sandbox, &account, &token)?;
    let again = use_token(&account, &next, &url)?;
    Ok(Row {
        vendor: account.descriptor().name,
        token: masked(&token),
        lives: lives(&token),
        travels: travels(token.carriage()),
        used,
        renewed,
        again,
    })
}

/// The demo account of this vendor.
pub(crate) fn account(sandbox: &Sandbox, id: &str, client: &Client) -> Result<Account, Error> {
    let mut builder = Account::builder(id)
        .client(client)
        .field("base_url", sandbox.base_url(id))
        .field("ca_file", sandbox.ca_file().to_string_lossy().into_owned());
    for field in sandbox.account(id).fields() {
        builder = builder.field(field.name.as_str(), field.value.as_str());
    }
    builder.build()
}

fn renew(sandbox: &Sandbox, account: &Account, token: &Token) -> Result<(Token, &'static str), Failure> {
    let next = account.renew(token)?;
    match account.login().renewal() {
        Renewal::Refresh => Ok((next, "exchanged, old dead")),
        Renewal::SameUntilExpiry if next.same_value(token) => {
            // The vendor re-serves a live token: the sandbox ends it, and a new one is due.
            let vendor = Which::Vendor(account.descriptor().id.to_owned());
            sandbox.admin().expire(&vendor).map_err(|e| Failure::Local(e.to_string()))?;
            Ok((account.renew(token)?, "new one at expiry"))
        }
        _ => Ok((next, "another, old alive")),
    }
}

pub(crate) fn use_token(account: &Account, token: &Token, url: &str) -> Result<StatusCode, Failure> {
    let no_url = |_| Failure::Local("the sandbox names an endpoint that is no URL".to_owned());
    let mut request = Request::new(Body::default());
    *request.uri_mut() = url.parse().map_err(no_url)?;
    token.attachment()?.apply(&mut request)?;
    Ok(account.transport().send(request)?.status())
}

fn print(out: &mut impl std::io::Write, rows: &[Row]) -> Result<(), Failure> {
    let [vendor, token, lives, travels, used, renewed, again] =
        ["VENDOR", "TOKEN", "LIVES", "TRAVELS AS", "USED", "RENEWED", "USED"];
    writeln!(
        out,
        "  {BOLD}{vendor:<15}{token:<9}{lives:<8}{travels:<15}{used:<6}{renewed:<21}{again}{BOLD:#}"
    )?;
    for row in rows {
        let Row { vendor, token, lives, travels, renewed, .. } = row;
        let (used, again) = (shown(row.used), shown(row.again));
        let again = again.trim_end();
        writeln!(
            out,
            "  {vendor:<15}{DIM}{token:<9}{DIM:#}{lives:<8}{travels:<15}{used}{renewed:<21}{again}"
        )?;
    }
    Ok(())
}

fn shown(status: StatusCode) -> String {
    let style = if status == StatusCode::OK { GOOD } else { BAD };
    format!("{style}{}{style:#}   ", status.as_u16())
}

/// The first characters: enough to tell two tokens apart, of no use to a thief.
fn masked(token: &Token) -> String {
    token.value().chars().take(6).chain(['…']).collect()
}

fn lives(token: &Token) -> String {
    let left = token.expiry().left(token.issued_at()).map(|left| left.as_secs());
    match left {
        None => "for ever".to_owned(),
        Some(s) if s > 172_800 => format!("{} d", s.div_ceil(86_400)),
        Some(s) if s > 7_200 => format!("{} h", s.div_ceil(3_600)),
        Some(s) => format!("{} min", s.div_ceil(60)),
    }
}

fn travels(carriage: &Carriage) -> String {
    match carriage {
        Carriage::Bearer => "Bearer header".to_owned(),
        Carriage::Bare => "bare header".to_owned(),
        other => other.to_string(),
    }
}
