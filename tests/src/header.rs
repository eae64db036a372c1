//! include/ccauth.h, read as its reader does: what each function takes and gives, and what is said about it.

use crate::command::installed;

/// A function that the header declares.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it gives: `ccauth_status`, `const char *`, …
    pub gives: String,
    /// Type and name of each parameter.
    pub takes: Vec<(String, String)>,
    /// Its documentation, without the comment's marks.
    pub doc: String,
}

impl Function {
    /// What is said of a parameter.
    pub fn about(&self, name: &str) -> Option<String> {
        let of_name = |line: &&str| {
            line.split_once(": ").is_some_and(|(names, _)| names.split(", ").any(|known| known == name))
        };
        let mut lines = self.doc.lines().skip_while(|line| !of_name(line));
        let (_, first) = lines.next()?.split_once(": ")?;
        let more = lines.take_while(|line| !line.is_empty() && !line.contains(": "));
        Some([first].into_iter().chain(more).collect::<Vec<_>>().join(" "))
    }
}

/// Every function of the installed header, in its order.
///
/// # Panics
/// When it has none, or they do not read as cbindgen writes them.
pub fn functions() -> Vec<Function> {
    let header = std::fs::read_to_string(installed("include/ccauth.h")).expect("the header");
    let functions: Vec<_> = header.split("/**").filter_map(function).collect();
    assert!(!functions.is_empty(), "the header declares nothing");
    functions
}

/// The function behind a comment.
fn function(text: &str) -> Option<Function> {
    let (doc, code) = text.split_once("*/")?;
    let (declaration, _) = code.trim_start().split_once(");")?;
    let (head, takes) = declaration.split_once('(')?;
    if head.starts_with("typedef") || head.contains('{') {
        return None;
    }
    let (gives, name) = type_and_name(head);
    let takes = takes.split(',').map(str::trim).filter(|taken| *taken != "void").map(type_and_name).collect();
    let doc = doc.lines().map(|line| line.trim_start().trim_start_matches('*').trim());
    Some(Function { name, gives, takes, doc: doc.collect::<Vec<_>>().join("\n").trim().to_owned() })
}

fn type_and_name(text: &str) -> (String, String) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = text.rfind([' ', '*']).map_or(0, |at| at + 1);
    (text[..start].trim().to_owned(), text[start..].to_owned())
}
