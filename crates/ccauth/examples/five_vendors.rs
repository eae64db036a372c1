//! What each vendor needs and can do, from its descriptor, and a token of each.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use ccauth::{Account, Need};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = ccauth_sandbox::Sandbox::builder().start()?;

    for id in ["exotel-ccm", "exotel-webrtc", "contactnow", "servetel", "sangoma"] {
        let mut builder = Account::builder(id)
            .field("base_url", sandbox.base_url(id))
            .field("ca_file", sandbox.ca_file().display().to_string());
        for field in sandbox.account(id).fields() {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        let account = builder.build()?;
        let vendor = account.descriptor();

        let needed: Vec<&str> =
            vendor.fields.iter().filter(|f| f.need != Need::Optional).map(|f| f.name).collect();
        println!("{} needs {}", vendor.name, needed.join(", "));

        let token = account.issue()?;
        println!(
            "  travels as {} in {}, renewed by {}",
            token.carriage(),
            token.attachment()?.name(),
            account.login().renewal().name()
        );
    }
    Ok(())
}
