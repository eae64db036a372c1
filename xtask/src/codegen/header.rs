//! include/ccauth.h, by cbindgen from ffi/.

use std::fmt::Write as _;

use cbindgen::{Builder, Config};
use ccauth::ErrorKind;

use crate::sh;

pub(crate) fn text() -> Result<String, String> {
    let home = sh::root().join("ffi");
    let mut config = Config::from_file(home.join("cbindgen.toml"))?;
    config.after_includes = Some(constants());
    let bindings =
        Builder::new().with_crate(&home).with_config(config).generate().map_err(|e| e.to_string())?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).map_err(|e| e.to_string())
}

/// What comes from elsewhere than ffi/: the version of the workspace, and the kinds of failures.
fn constants() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let number = version.split('.').fold(0, |number, part| number << 8 | part.parse::<u32>().unwrap_or(0));
    let mut text = format!(
        "
/** The version of this header; ccauth_version_string() tells the library's. */
#define CCAUTH_VERSION \"{version}\"

/** The same as 0x00MMmmpp; see ccauth_version_number(). */
#define CCAUTH_VERSION_NUMBER 0x{number:08x}

/** In the place of a length: the string ends with a NUL. */
#define CCAUTH_NTS ((size_t)-1)

/** The statuses. docs/ERRORS.md has the finer causes and their cures. */
enum {{
  /** Success. */
  CCAUTH_OK = 0,
"
    );
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "  /** {} */\n  CCAUTH_E_{} = {},", kind.summary(), kind.name(), kind.code());
    }
    let end = text.trim_end().trim_end_matches(',').len();
    text.truncate(end);
    text + "\n};"
}
