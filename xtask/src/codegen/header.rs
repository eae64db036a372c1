//! include/ccauth.h, by cbindgen from ffi/.

use cbindgen::{Builder, Config};

use crate::sh;

pub(crate) fn text() -> Result<String, String> {
    let home = sh::root().join("ffi");
    let config = Config::from_file(home.join("cbindgen.toml"))?;
    let bindings =
        Builder::new().with_crate(&home).with_config(config).generate().map_err(|e| e.to_string())?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).map_err(|e| e.to_string())
}
