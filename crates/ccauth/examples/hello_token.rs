//! One token, and the header that carries it. Runs against a sandbox of its own.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use ccauth::Account;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = ccauth_sandbox::Sandbox::builder().start()?;

    let account = Account::builder("exotel-ccm")
        .field("account_sid", "demo")
        .field("api_key", "demo-key")
        .field("api_token", "demo-secret")
        // Leave these two out to reach the vendor itself.
        .field("base_url", sandbox.base_url("exotel-ccm"))
        .field("ca_file", sandbox.ca_file().display().to_string())
        .build()?;

    let token = account.issue()?;
    let (name, value) = token.header()?;
    println!("{name}: {} characters, valid until {:?}", value.len(), token.expires_at());
    Ok(())
}
