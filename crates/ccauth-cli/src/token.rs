//! `ccauth token`: one token, from the vendor.

use std::io::Write as _;

use ccauth::zeroize::Zeroizing;
use ccauth::{Account, AccountBuilder, Error, FieldKind, Token, detail, warning};

use crate::args::{Format, TokenArgs};
use crate::failure::Failure;
use crate::{output, secret};

pub(crate) fn run(args: &TokenArgs) -> Result<(), Failure> {
    let account = account(args)?;
    if args.output == Format::Header && account.login().carriage().is_query() {
        let why = "this token travels in the query, not in a header: use --output curl or --output raw";
        return Err(Error::new(&detail::CARRIAGE_QUERY, why).with_vendor(account.descriptor().id).into());
    }
    let token = account.issue()?;
    let text = render(&token, args.output)?;
    output::stdout().write_all(text.as_bytes())?;
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

fn render(token: &Token, format: Format) -> Result<Zeroizing<String>, Failure> {
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
    }))
}
