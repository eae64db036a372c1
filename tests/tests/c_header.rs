//! What include/ccauth.h says about each function, and that it has said so since.

use std::collections::BTreeSet;

use ccauth::ErrorKind;
use ccauth_tests::{Function, functions, root};

/// What may stand behind `Blocking:`.
const BLOCKING: [&str; 6] = [
    "never",
    "memory",
    "disk",
    "network up to timeout_ms",
    "network up to wait_ms",
    "network up to the field timeout_ms",
];

/// The words behind `label` up to the next full stop or line's end, unless another label stands there.
fn said<'d>(doc: &'d str, label: &str) -> Option<&'d str> {
    let behind = doc.split(label).nth(1)?;
    behind.split(['.', '\n']).next().map(str::trim).filter(|words| !words.is_empty() && !words.contains(':'))
}

/// The version of `Since:`, whose stops belong to it.
fn since(doc: &str) -> Option<&str> {
    let version = doc.split("Since: ").nth(1)?.trim();
    let parts: Vec<&str> = version.split('.').collect();
    (parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())).then_some(version)
}

/// Everything behind `Statuses:`, over its lines.
fn statuses(doc: &str) -> BTreeSet<&str> {
    let all = doc.split("Statuses: ").nth(1).and_then(|all| all.split('.').next()).unwrap_or_default();
    all.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// What the documentation of a function lacks.
fn lacks(function: &Function) -> Vec<String> {
    let Function { name: _, gives, takes, doc } = function;
    let mut lacks = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            lacks.push(what)
        }
    };
    let first = doc.split(['.', ';', ':', ',']).next().unwrap_or_default();
    must(first.split(' ').count() > 2 && doc.starts_with(char::is_uppercase), "a sentence".to_owned());
    for (kind, name) in takes {
        let about = function.about(name);
        must(about.is_some(), format!("parameter {name}"));
        // A text is NULL where it is empty alone, which docs/C-API.md says once.
        let is_clear = !kind.ends_with('*') || kind == "const char *";
        let is_said = about.is_none_or(|about| about.contains("NULL"));
        must(is_clear || is_said, format!("whether {name} may be NULL"));
    }
    let (is_status, is_lent) = (gives == "ccauth_status", gives.ends_with('*'));
    if is_status && takes.len() > 1 {
        let known: BTreeSet<&str> = ErrorKind::ALL.iter().map(|kind| kind.name()).chain(["OK"]).collect();
        let named = statuses(doc);
        must(named.contains("OK") && named.is_subset(&known), format!("Statuses ({named:?})"));
    } else {
        must(gives == "void" || said(doc, "Returns:").is_some(), "Returns".to_owned());
    }
    let owns = is_lent || gives == "void" || takes.iter().any(|(kind, _)| kind.ends_with("**"));
    must(!owns || said(doc, "Ownership:").is_some(), "Ownership".to_owned());
    must(said(doc, "Blocking:").is_some_and(|word| BLOCKING.contains(&word)), "Blocking".to_owned());
    must(said(doc, "Threads:").is_some(), "Threads".to_owned());
    must(said(doc, "Fork:").is_some(), "Fork".to_owned());
    must(since(doc).is_some(), "Since".to_owned());
    lacks
}

#[test]
fn each_function_says_all_that_its_caller_must_know() {
    let lacking: Vec<_> = functions().iter().map(|f| (f.name.clone(), lacks(f))).collect();
    let lacking: Vec<_> = lacking.into_iter().filter(|(_, lacks)| !lacks.is_empty()).collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn whatever_is_left_out_is_missed() {
    let functions = functions();
    let get = functions.iter().find(|function| function.name == "ccauth_source_get").expect("it is declared");
    assert_eq!(get.takes.len(), 4, "{get:?}");
    for (from, to, missed) in [
        ("Gives the token", "gives the token", "a sentence"),
        ("\noptions: ", "\n", "parameter options"),
        ("token: receives the token. Not NULL.", "token: receives the token.", "whether token may be NULL"),
        ("TIMEOUT", "TIMED_OUT", "Statuses"),
        ("Ownership:", "", "Ownership"),
        ("Blocking: network", "Blocking: perhaps", "Blocking"),
        ("Threads: any.", "Threads:", "Threads"),
        ("Fork:", "", "Fork"),
        ("Since: 0.1.0", "Since: ever", "Since"),
    ] {
        let wrong = Function { doc: get.doc.replacen(from, to, 1), ..get.clone() };
        let lacks = lacks(&wrong);
        assert!(lacks.len() == 1 && lacks[0].starts_with(missed), "{from:?} -> {to:?}: {lacks:?}");
    }
}

#[test]
fn every_symbol_is_written_down_with_the_version_that_brought_it() {
    let text = std::fs::read_to_string(root().join("ffi/symbols.txt")).expect("ffi/symbols.txt");
    let written: BTreeSet<String> =
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let version = |doc: &str| since(doc).unwrap_or("?").to_owned();
    let declared = functions().iter().map(|f| format!("{} {}", f.name, version(&f.doc))).collect();
    assert_eq!(written, declared, "write a new one into ffi/symbols.txt; take none away");
}
