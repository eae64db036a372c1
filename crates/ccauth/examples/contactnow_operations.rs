//! ContactNow's other operations: validate, change the password, revoke.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use ccauth::{Account, ErrorKind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = ccauth_sandbox::Sandbox::builder().start()?;

    let account = Account::builder("contactnow")
        .field("username", "demo")
        .field("password", "demo-secret")
        .field("base_url", sandbox.base_url("contactnow"))
        .field("ca_file", sandbox.ca_file().display().to_string())
        .build()?;

    let token = account.issue()?;
    println!("valid until {:?}", account.validate(&token)?.at);

    account.change_password(&token, "a better one")?;
    println!("the password is changed, and the account goes on with it");

    account.revoke(&token)?;
    match account.validate(&token) {
        Err(e) if e.kind() == ErrorKind::Revoked => println!("revoked: {e}"),
        other => return Err(format!("a revoked token came to {other:?}").into()),
    }
    account.issue()?;
    Ok(())
}
