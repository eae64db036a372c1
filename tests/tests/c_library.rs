//! The C library as it is handed out: its names, what it asks of the loader, and what it tells of the machine that
//! built it.

use std::collections::BTreeSet;
use std::path::Path;

use ccauth_tests::{Command, VENDORS, functions, installed, root, sandbox, tool};

const SHARED: &str = "lib/libccauth.so";
const STATIC: &str = "lib/libccauth.a";

fn text(program: &str, args: &[&str]) -> String {
    tool(program, "binutils").args(args).run().good().to_owned()
}

fn names(path: &str, dynamic: &[&str]) -> BTreeSet<String> {
    let file = installed(path).display().to_string();
    let symbols = text(
        "nm",
        &[&["--defined-only", "--extern-only", "--format=just-symbols"], dynamic, &[&file]].concat(),
    );
    symbols.lines().filter(|line| !line.is_empty() && !line.ends_with(".o:")).map(str::to_owned).collect()
}

#[test]
fn both_libraries_define_what_the_header_declares_and_nothing_else() {
    let declared: BTreeSet<String> = functions().into_iter().map(|function| function.name).collect();
    assert_eq!(names(SHARED, &["--dynamic"]), declared);
    assert_eq!(names(STATIC, &[]), declared);
}

#[test]
fn the_shared_one_has_a_name_of_its_own_stays_loaded_and_needs_the_c_library_alone() {
    let dynamic = text("readelf", &["--dynamic", "--wide", &installed(SHARED).display().to_string()]);
    assert!(dynamic.contains("Library soname: [libccauth.so.0]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
    let needed = dynamic.lines().filter(|line| line.contains("(NEEDED)"));
    let needed: Vec<&str> = needed.filter_map(|line| line.split(['[', ']']).nth(1)).collect();
    let allowed = ["libc.so.6", "libgcc_s.so.1", "libm.so.6"];
    assert!(needed.iter().all(|name| allowed.contains(name) || name.starts_with("ld-linux")), "{needed:?}");
    let full = installed(SHARED);
    assert_eq!(full.file_name().unwrap().to_str(), Some(concat!("libccauth.so.", env!("CARGO_PKG_VERSION"))));
}

/// The places of this machine that stand in `bytes`.
fn places(bytes: &[u8]) -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let root = root().canonicalize().expect("the root");
    let places = [format!("{}/", root.display()), format!("{home}/.cargo/"), format!("{home}/.rustup/")];
    let holds = |place: &String| bytes.windows(place.len()).any(|window| window == place.as_bytes());
    places.into_iter().filter(holds).collect()
}

#[test]
fn neither_tells_where_it_was_built() {
    for path in [SHARED, STATIC] {
        assert_eq!(places(&std::fs::read(installed(path)).unwrap()), [""; 0], "{path}");
    }
    assert_eq!(
        places(concat!(env!("CARGO_MANIFEST_DIR"), "/src").as_bytes()).len(),
        1,
        "a path would be seen"
    );
}

/// Builds an example against the static library, with these objects beside it.
fn linked(dir: &Path, name: &str, more: &[&str]) -> Command {
    let program = dir.join(name).display().to_string();
    let (include, library) =
        (format!("-I{}", installed("include").display()), installed(STATIC).display().to_string());
    let source = root().join(format!("examples-c/{name}.c")).display().to_string();
    let files = ["-std=c99", &include, "-o", &program, &source];
    let system = [library.as_str(), "-lpthread", "-ldl", "-lm", "-lgcc_s"];
    tool("cc", "gcc").args([&files[..], more, &system].concat()).run().good();
    Command::new(&program)
}

#[test]
fn the_static_one_links_also_beside_names_of_what_is_within_it() {
    let dir = tempfile::tempdir().unwrap();
    assert!(linked(dir.path(), "discovery", &[]).run().good().starts_with("ccauth "));
    // Names that ring, and Rust's runtime in another archive, give to the outside.
    let clash = dir.path().join("clash.c");
    let names =
        ["rust_eh_personality", "ring_core_0_17_14__bn_mul_mont", "__rust_alloc", "rust_begin_unwind"];
    let text: String = names.iter().map(|name| format!("int {name}(void) {{ return 7; }}\n")).collect();
    std::fs::write(&clash, text).unwrap();
    let sandbox = sandbox();
    let five = linked(dir.path(), "five_vendors", &[&clash.display().to_string()]);
    let five = five.env("SANDBOX", sandbox.url()).env("CA_FILE", sandbox.ca_file()).run();
    assert_eq!(five.good().lines().count(), VENDORS.len(), "{}", five.out);
}
