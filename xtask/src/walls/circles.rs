//! No two files of a crate import each other, directly or around a corner.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Source;

/// The files below `home` that stand in a circle of `use crate::…` lines.
pub(crate) fn broken(sources: &[Source], home: &str) -> Vec<String> {
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        let Some(file) = source.path.strip_prefix(home).and_then(|file| file.strip_suffix(".rs")) else {
            continue;
        };
        let lines = source.text.lines().filter_map(|line| line.trim_start().strip_prefix("use crate::"));
        let modules = lines.map(|rest| rest.split([':', ';', ' ']).next().unwrap_or_default());
        // A folder counts as one file.
        imports.entry(file.split('/').next().unwrap_or(file)).or_default().extend(modules);
    }
    let reaches_itself = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = imports[start].iter().copied().collect();
        while let Some(next) = open.pop() {
            if next != start && seen.insert(next) {
                open.extend(imports.get(next).into_iter().flatten());
            } else if next == start {
                return true;
            }
        }
        false
    };
    let inside: Vec<&str> = imports.keys().copied().filter(|file| reaches_itself(file)).collect();
    if inside.is_empty() {
        Vec::new()
    } else {
        vec![format!("{home}: a circle goes through {}", inside.join(", "))]
    }
}
