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

/// What a terminal could obey or would not show: controls, line separators, marks that turn the direction of text,
/// and characters without a width.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
