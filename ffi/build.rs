//! What the linker is to write into the shared library.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The number of the C interface, which programs record when they are linked. It is its own: within one,
        // things are only added.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libccauth.so.0");
        // Its threads run code of the library, and a thread cannot be unloaded.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
