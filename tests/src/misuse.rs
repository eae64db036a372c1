//! Every function of include/ccauth.h as a table in C, for `tests/c/misuse.c`: it calls each of them with any argument.

use std::fmt::Write as _;

use crate::header::{Function, functions};

/// The table, and how each function of it is called.
///
/// # Panics
/// When a parameter is of a kind that no misuse is known of.
pub fn table() -> String {
    let functions = functions();
    let calls: String = functions.iter().map(call).collect();
    let rows: String = functions.iter().map(row).collect();
    format!("{calls}\nstatic const struct function functions[] = {{\n{rows}}};\n")
}

/// A function that calls it with the arguments of a table.
fn call(function: &Function) -> String {
    let Function { name, gives, takes, .. } = function;
    let argument = |(at, (kind, _)): (usize, &(String, String))| match kind.as_str() {
        "ccauth_get_callback" => format!("a[{at}].get"),
        "ccauth_log_callback" => format!("a[{at}].log"),
        kind if kind.ends_with('*') => format!("a[{at}].p"),
        kind => format!("({kind})a[{at}].n"),
    };
    let arguments: Vec<_> = takes.iter().enumerate().map(argument).collect();
    let called = format!("{name}({})", arguments.join(", "));
    let gave = match gives.as_str() {
        "void" => format!("{called};\n    return gave_number(0);"),
        kind if kind.ends_with('*') => format!("return gave_pointer({called});"),
        _ => format!("return gave_number((int64_t){called});"),
    };
    format!("static struct gave do_{name}(const union arg *a) {{\n    (void)a;\n    {gave}\n}}\n")
}

fn row(function: &Function) -> String {
    let Function { name, gives, takes, .. } = function;
    let (gives, of) = match (gives.as_str(), object(gives)) {
        ("ccauth_status", _) if takes.len() > 1 => ("STATUS_GIVEN", "NONE"),
        ("const char *", _) => ("TEXT_GIVEN", "NONE"),
        (_, Some(object)) => ("REFERENCE_GIVEN", object),
        _ => ("NUMBER_GIVEN", "NONE"),
    };
    let mut row = format!("    {{\"{name}\", do_{name}, {gives}, {of}, {}, {{", takes.len());
    for (at, (_, name)) in takes.iter().enumerate() {
        let (kind, object) = kind(function, at);
        let may_be_null = !function.about(name).is_some_and(|about| about.contains("Not NULL"));
        let _ = write!(row, "{{\"{name}\", {kind}, {object}, {}}}, ", u8::from(may_be_null));
    }
    // C has no empty list.
    row + if takes.is_empty() { "{NULL, NUMBER, NONE, 0}}},\n" } else { "}},\n" }
}

/// The kind of a parameter in `tests/c/misuse.c`, and the type of a handle.
fn kind(function: &Function, at: usize) -> (&'static str, &'static str) {
    let (kind, name) = &function.takes[at];
    let follows = |suffix: &str| function.takes.get(at + 1).is_some_and(|(_, next)| next.ends_with(suffix));
    let kind = match (kind.as_str(), object(kind)) {
        (kind, Some(object)) if kind.ends_with("**") => return ("RECEIVER", object),
        (_, Some(object)) => return ("HANDLE", object),
        ("const char *", _) if follows("_len") => "TEXT",
        ("char *", _) if follows("capacity") => "BUFFER",
        ("size_t", _) if name.ends_with("_len") => "LENGTH",
        ("size_t", _) if name == "capacity" && at > 0 && function.takes[at - 1].0 == "char *" => "CAPACITY",
        ("size_t *" | "int32_t *" | "int64_t *", _) => "OUT",
        ("const struct ccauth_get_options *", _) => "OPTIONS",
        ("struct ccauth_peek_info *", _) => "INFO",
        ("ccauth_get_callback", _) => "GET",
        ("ccauth_log_callback", _) => "LOG",
        ("void *", _) => "CONTEXT",
        ("size_t" | "int32_t" | "int64_t" | "uint64_t" | "ccauth_status", _) => "NUMBER",
        (other, _) => {
            panic!("{}: how is {other} {name} misused? Say so in tests/src/misuse.rs", function.name)
        }
    };
    (kind, "NONE")
}

/// The object that a handle of this type, or a pointer to one, is of.
fn object(kind: &str) -> Option<&'static str> {
    match kind.trim_start_matches("const ").trim_start_matches("struct ").trim_end_matches([' ', '*']) {
        "ccauth_config" => Some("CONFIG"),
        "ccauth_source" => Some("SOURCE"),
        "ccauth_token" => Some("TOKEN"),
        "ccauth_request" => Some("REQUEST"),
        "ccauth_error" => Some("ERROR"),
        _ => None,
    }
}
