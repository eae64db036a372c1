//! The nearest valid name for a typo.

use alloc::format;
use alloc::string::String;

/// `; did you mean "x"?` for the nearest of `names`, or nothing when none is near.
pub fn suggestion<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let word = word.to_lowercase().replace('-', "_");
    let near = names
        .map(|name| (strsim::damerau_levenshtein(&word, &name.replace('-', "_")), name))
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((distance, name)) if distance <= name.len().max(3) / 3 => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}

/// A name as it may stand in a message: short, on one line, without what a terminal could obey.
pub fn quoted(name: &str) -> String {
    let shown = name.chars().filter(|c| !is_control(*c)).take(40).collect::<String>();
    let dots = if shown.len() < name.len() { "…" } else { "" };
    format!("\"{shown}{dots}\"")
}

/// What a terminal could obey: controls, line separators, and marks that turn the direction of text.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
