//! `ccauth token`: one token, from the vendor.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;

use ccauth::zeroize::Zeroizing;
use ccauth::{Account, AccountBuilder, Error, FieldKind, Token, detail, warning};

use serde::Serialize;

use crate::args::{Format, TokenArgs};
use crate::failure::Failure;
use crate::{output, secret};

pub(crate) fn run(args: &TokenArgs) -> Result<(), Failure> {
    let account = account(args)?;
    if args.output == Format::Header && account.login().carriage().is_query() {
        let why = "this token travels in the query, not in a header: use --output curl or --output raw";
        return Err(Error::new(&detail::CARRIAGE_QUERY, why).with_vendor(account.descriptor().id).into());
    }
    let mut out = output::stdout()?;
    let token = account.issue()?;
    out.write_all(render(&account, &token, args.output)?.as_bytes())?;
    for (word, means) in
        warning::ALL.iter().filter(|(word, _)| token.warnings().iter().any(|noted| noted == word))
    {
        output::warn(&format!("{means} [{word}]"));
    }
    Ok(())
}

fn account(args: &TokenArgs) -> Result<Account, Failure> {
    // First, so that a wrong id is reported before a wrong field.
    let descriptor = ccauth::vendor(&args.vendor)?.descriptor();
    let mut builder: AccountBuilder = Account::builder(&args.vendor);
    for field in &args.fields {
        let (name, value) = split("--field", "NAME=VALUE", field)?;
        let mut known = descriptor.fields.iter().chain(ccauth::common_fields());
        if known.any(|field| field.name == name && field.kind == FieldKind::Secret) {
            let how = "everyone on this machine can read a command line";
            return Err(Failure::Usage(format!("{name} is secret: use --secret {name}=env:NAME ({how})")));
        }
        builder = builder.field(name, value);
    }
    if args.secrets.iter().filter(|s| s.ends_with("=-")).count() > 1 {
        return Err(Failure::Usage("--secret: only one value can come from standard input".to_owned()));
    }
    for field in &args.secrets {
        let (name, source) = split("--secret", "NAME=SOURCE", field)?;
        builder = builder.field(name, secret::read(name, source)?);
    }
    Ok(builder.build()?)
}

fn split<'a>(flag: &str, form: &str, text: &'a str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=').ok_or_else(|| Failure::Usage(format!("{flag}: expected {form}")))
}

fn render(account: &Account, token: &Token, format: Format) -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(match format {
        Format::Raw => format!("{}\n", token.value()),
        Format::Header => {
            let header = token.attachment()?;
            format!("{}: {}\n", header.name(), header.value())
        }
        // No character of a token or of a form-encoded one needs an escape inside curl's quotes.
        Format::Curl if token.carriage().is_query() => {
            format!("url-query = \"+{}\"\n", token.query()?.expose())
        }
        Format::Curl => {
            let header = token.attachment()?;
            format!("header = \"{}: {}\"\n", header.name(), header.value())
        }
        Format::Json => json(account, token)?,
    }))
}

/// What `--output json` prints. Members are only ever added while the version stays.
#[derive(Serialize)]
struct Shown<'a> {
    version: u32,
    vendor: &'a str,
    token: &'a str,
    attach: Attach<'a>,
    issued_at: String,
    expires_at: Option<String>,
    expires_at_unix: Option<i64>,
    /// Counted from `issued_at`.
    expires_in: Option<u64>,
    expiry_source: &'a str,
    extras: BTreeMap<&'a str, &'a str>,
    warnings: &'a [Cow<'static, str>],
}

#[derive(Serialize)]
struct Attach<'a> {
    kind: &'a str,
    name: &'a str,
    value: &'a str,
}

fn json(account: &Account, token: &Token) -> Result<String, Failure> {
    let (attachment, expiry, issued_at) = (token.attachment()?, token.expiry(), token.issued_at());
    let shown = Shown {
        version: 1,
        vendor: account.descriptor().id,
        token: token.value(),
        attach: Attach {
            kind: if token.carriage().is_query() { "query" } else { "header" },
            name: attachment.name(),
            value: attachment.value(),
        },
        issued_at: issued_at.to_string(),
        expires_at: expiry.at.map(|at| at.to_string()),
        expires_at_unix: expiry.at.map(|at| at.as_second()),
        expires_in: expiry.left(issued_at).map(|left| left.as_secs()),
        expiry_source: expiry.source.name(),
        extras: token.extras().collect(),
        warnings: token.warnings(),
    };
    let text = serde_json::to_string_pretty(&shown).map_err(|e| Failure::Local(e.to_string()))?;
    Ok(text + "\n")
}
