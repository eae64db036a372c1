//! The command line. No flag names a vendor, and no flag takes a secret.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use ccauth::ErrorKind;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// One valid API token in every hand of a contact centre.
#[derive(Debug, Parser)]
#[command(name = "ccauth", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Obtain a token and print it
    #[command(after_help = token_help())]
    Token(TokenArgs),
    /// Run the vendors (all but exotel-v4) on loopback, for testing only
    Sandbox(SandboxArgs),
    /// Start a sandbox, then obtain, use and renew a token of each vendor
    Demo,
}

const SECRETS_HELP: &str = "\
Secrets come from where nobody else can read them, never from the command line:
  --secret password=env:NAME    an environment variable
  --secret password=file:PATH   a file; a byte-order mark and one newline at its end are cut off
  --secret password=-           standard input, likewise

Exit status: 0 done, 2 usage, and for a failure that of its kind (docs/ERRORS.md):
";

fn token_help() -> String {
    let mut kinds: BTreeMap<u8, Vec<&str>> = BTreeMap::new();
    for kind in ErrorKind::ALL {
        kinds.entry(kind.exit_code()).or_default().push(kind.name());
    }
    let lines = kinds.iter().map(|(status, names)| format!("  {status}  {}", names.join(", ")));
    format!("{SECRETS_HELP}{}", lines.collect::<Vec<_>>().join("\n"))
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TokenArgs {
    /// The vendor's id; a wrong one lists them all
    #[arg(long, value_name = "ID")]
    pub(crate) vendor: String,
    /// A field that is not secret; repeatable
    #[arg(long = "field", value_name = "NAME=VALUE")]
    pub(crate) fields: Vec<String>,
    /// A secret field and where its value is: env:NAME, file:PATH or - for standard input; repeatable
    #[arg(long = "secret", value_name = "NAME=SOURCE")]
    pub(crate) secrets: Vec<String>,
    /// What to print
    #[arg(short, long, value_enum, default_value_t = Format::Raw)]
    pub(crate) output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The token
    Raw,
    /// The header to attach, as `Name: value`
    Header,
    /// A configuration for `curl --config -`, for header and query alike; a query needs curl 7.87 or newer
    Curl,
    /// All that is known of the token, as JSON: how to attach it, when it ends, what else the vendor said
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SandboxArgs {
    /// The port; 0 takes a free one and prints a line of JSON first
    #[arg(long, default_value_t = 8443)]
    pub(crate) port: u16,
    /// The address
    #[arg(long, default_value = "127.0.0.1", value_name = "IP")]
    pub(crate) address: IpAddr,
    /// Allow an address that other machines can reach
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// Speak HTTP without TLS
    #[arg(long)]
    pub(crate) plain_http: bool,
    /// Where to write the CA's certificate, in PEM [default: a file in the state directory]
    #[arg(long, value_name = "PATH", conflicts_with = "plain_http")]
    pub(crate) ca_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use super::*;

    /// Verbs, flags and the names of their values that hold a word of one of the ids.
    fn named(command: &Command, ids: &[&str]) -> Vec<String> {
        let own = [command.get_name().to_owned()].into_iter();
        let flags = command.get_arguments().flat_map(|arg| {
            let values = arg.get_value_names().into_iter().flatten().map(ToString::to_string);
            [arg.get_long().unwrap_or_default().to_owned()].into_iter().chain(values).collect::<Vec<_>>()
        });
        let holds = |text: &String| {
            let text = text.to_lowercase();
            ids.iter()
                .flat_map(|id| id.split('-'))
                .any(|word| text.split(['-', '_']).any(|part| part == word))
        };
        let below = command.get_subcommands().flat_map(|command| named(command, ids));
        own.chain(flags).filter(holds).chain(below).collect()
    }

    #[test]
    fn no_verb_and_no_flag_names_a_vendor() {
        let ids: Vec<&str> = ccauth::vendors().map(|vendor| vendor.descriptor().id).collect();
        assert_eq!(named(&Args::command(), &ids), [""; 0]);
        let wrong = Command::new("x").subcommand(
            Command::new("token")
                .arg(clap::Arg::new("a").long("servetel-email"))
                .arg(clap::Arg::new("b").long("ccm")),
        );
        assert_eq!(named(&wrong, &ids), ["servetel-email", "ccm"]);
    }
}
