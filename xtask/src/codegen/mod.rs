//! Files that come from the code: written by `codegen`, compared by `codegen --check`.

mod cpp;
mod errors;
mod header;
mod outages;
mod vendors;

use std::fs;
use std::path::Path;

use crate::sh::{self, Done};

/// A generated file: its path below the root, and its text.
pub(crate) struct Generated {
    path: String,
    text: String,
}

fn all() -> Result<Vec<Generated>, String> {
    let mut files = vec![
        Generated { path: "include/ccauth.h".to_owned(), text: header::text()? },
        Generated { path: "docs/ERRORS.md".to_owned(), text: errors::text() },
        Generated { path: "docs/OUTAGES.md".to_owned(), text: outages::text() },
        vendors::index(),
        readme()?,
        cpp()?,
    ];
    files.extend(vendors::pages());
    Ok(files)
}

/// A file whose other parts are written by hand: each part between two markers.
fn between(path: &str, parts: &[(&str, &str, String)]) -> Result<Generated, String> {
    let mut text = fs::read_to_string(sh::root().join(path)).map_err(|e| format!("{path}: {e}"))?;
    for (start, end, part) in parts {
        let lacks = |marker| format!("{path} lacks the marker {marker}");
        let (head, rest) = text.split_once(start).ok_or_else(|| lacks(start))?;
        let (_, tail) = rest.split_once(end).ok_or_else(|| lacks(end))?;
        text = format!("{head}{start}\n{part}{end}{tail}");
    }
    Ok(Generated { path: path.to_owned(), text })
}

fn readme() -> Result<Generated, String> {
    let table = format!("\n{}\n", vendors::table("docs/vendors/"));
    between("README.md", &[("<!-- generated: vendors -->", "<!-- end -->", table)])
}

fn cpp() -> Result<Generated, String> {
    let common = ("// <generated: common fields>", "  // </generated>", cpp::common());
    let accounts = ("// <generated: vendors>", "\n// </generated>", cpp::accounts());
    between("include/ccauth.hpp", &[common, accounts])
}

pub(crate) fn write() -> Done {
    for file in all()? {
        let path = sh::root().join(&file.path);
        if fs::read_to_string(&path).ok().as_deref() != Some(&file.text) {
            fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(|e| e.to_string())?;
            fs::write(&path, &file.text).map_err(|e| format!("{}: {e}", file.path))?;
            sh::say(&format!("wrote {}\n", file.path));
        }
    }
    Ok(())
}

pub(crate) fn check() -> Done {
    let files = all()?;
    let stale =
        files.iter().filter(|f| fs::read_to_string(sh::root().join(&f.path)).ok().as_ref() != Some(&f.text));
    let mut stale: Vec<String> = stale.map(|f| f.path.clone()).collect();
    // A page of a vendor that is gone.
    for entry in fs::read_dir(sh::root().join("docs/vendors")).into_iter().flatten().flatten() {
        let path = format!("docs/vendors/{}", entry.file_name().to_string_lossy());
        if !files.iter().any(|f| f.path == path) {
            stale.push(format!("{path} (of no vendor: remove it)"));
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("out of date: {}\n`cargo xtask codegen` mends it", stale.join(", ")))
    }
}
