//! Files that come from the code: written by `codegen`, compared by `codegen --check`.

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
    ];
    files.extend(vendors::pages());
    Ok(files)
}

/// The README's table of vendors, between its markers.
fn readme() -> Result<Generated, String> {
    let path = "README.md".to_owned();
    let text = fs::read_to_string(sh::root().join(&path)).map_err(|e| format!("{path}: {e}"))?;
    let (start, end) = ("<!-- generated: vendors -->\n", "<!-- end -->");
    let (head, rest) = text.split_once(start).ok_or("README.md lacks the marker of the vendors' table")?;
    let (_, tail) = rest.split_once(end).ok_or("README.md lacks the end of the vendors' table")?;
    Ok(Generated { path, text: format!("{head}{start}\n{}\n{end}{tail}", vendors::table("docs/vendors/")) })
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
