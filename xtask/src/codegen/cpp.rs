//! The accounts of the vendors in include/ccauth.hpp: a class for each, with a method for each of its fields.

use std::fmt::Write as _;

use ccauth::{Descriptor, Field, FieldKind, Need};

/// The methods for the fields that all vendors have.
pub(super) fn common() -> String {
    ccauth::common_fields().map(|field| method(field, "Vendor")).collect()
}

pub(super) fn accounts() -> String {
    ccauth::vendors().map(|vendor| account(vendor.descriptor())).collect()
}

fn account(d: &Descriptor) -> String {
    let (id, class) = (d.id, d.id.replace('-', "_"));
    let fields: String = d.fields.iter().map(|field| method(field, &class)).collect();
    format!(
        "\n/// {}: {}\nclass {class} : public account<{class}> {{\n public:\n  {class}() : account(\"{id}\") {{}}\n{fields}}};\n",
        d.name, d.page
    )
}

/// Sets the field as what it is: a word, a truth or a time, which is given in whatever unit.
fn method(field: &Field, class: &str) -> String {
    let name = field.name;
    const TRUTH: FieldKind = FieldKind::Choice(&["true", "false"]);
    let (method, takes, text) = match (name.strip_suffix("_ms"), field.kind) {
        (Some(time), _) => (time, "milliseconds", "std::to_string(value.count())"),
        (None, TRUTH) => (name, "bool", "value ? \"true\" : \"false\""),
        (None, _) => (name, "std::string_view", "value"),
    };
    let need = match field.need {
        Need::Required => " Needed.".to_owned(),
        Need::Unless(other) => format!(" Needed, unless {other} is given."),
        Need::Optional => String::new(),
    };
    let choices = match field.kind {
        FieldKind::Choice(words) if takes != "bool" => format!(" One of {}.", words.join(", ")),
        _ => String::new(),
    };
    let mut out = String::new();
    for line in folded(&format!("{}{choices}{need}", field.doc)) {
        let _ = writeln!(out, "  /// {line}");
    }
    let _ = writeln!(out, "  {class} &{method}({takes} value) {{ return set(\"{name}\", {text}); }}");
    out
}

/// In lines of the header's length.
fn folded(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + word.len() < 112 => {
                *line += if line.is_empty() { "" } else { " " };
                *line += word;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
