//! The interface for C++, `include/ccauth.hpp`, in both of its forms.

use ccauth_tests::{Command, Finished, STRICT, c_program, installed, root, sandbox, tool};

/// Runs `tests/cpp/NAME.cpp` where it finds the sandbox.
fn run(name: &str) -> Finished {
    let (dir, sandbox) = (tempfile::tempdir().expect("a temporary directory"), sandbox());
    let program = c_program("c++17", &root().join(format!("tests/cpp/{name}.cpp")), dir.path());
    let command = Command::new(&program).env("SANDBOX", sandbox.url());
    command.env("CA_FILE", sandbox.ca_file()).run()
}

#[test]
fn all_that_a_source_can_do_is_done_and_nothing_is_left_over() {
    let done = run("use");
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
}

#[test]
fn what_fails_is_thrown_or_given_and_is_the_same() {
    let done = run("failures");
    assert_eq!((done.good(), done.err.as_str()), ("ok", ""));
}

#[test]
fn two_files_of_one_program_include_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let uses = "#include <ccauth.hpp>\nint one() { return ccauth::try_shutdown() ? 1 : 0; }\n";
    std::fs::write(path("one.cpp"), uses).unwrap();
    let both = format!(
        "{}int main() {{ return one() + one(); }}\n",
        uses.replace("{ return", "; int two() { return")
    );
    std::fs::write(path("two.cpp"), both).unwrap();
    let (include, lib) = (installed("include").display().to_string(), installed("lib").display().to_string());
    tool("c++", "g++")
        .args(STRICT)
        .args(["-std=c++17", "-pthread", &format!("-I{include}"), "-o", &path("program")])
        .args([
            path("one.cpp"),
            path("two.cpp"),
            format!("-L{lib}"),
            "-lccauth".into(),
            format!("-Wl,-rpath,{lib}"),
        ])
        .run()
        .good();
    assert_eq!(Command::new(path("program")).run().code, Some(2));
}

#[test]
fn what_the_documentation_shows_compiles() {
    let dir = tempfile::tempdir().unwrap();
    let page = std::fs::read_to_string(root().join("docs/C-API.md")).unwrap();
    let block =
        page.split("```cpp\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block in C++");
    let text = format!(
        "#include <ccauth.hpp>\nusing namespace std::chrono_literals;\n\
         struct request {{ void header(std::string_view, std::string_view) {{}} }};\n\
         void shown(request call, std::string_view password);\n\
         void shown(request call, std::string_view password) {{\n{block}}}\n"
    );
    let file = dir.path().join("shown.cpp");
    std::fs::write(&file, text).unwrap();
    let include = format!("-I{}", installed("include").display());
    let compiler = tool("c++", "g++").args(STRICT).args(["-std=c++17", "-fsyntax-only", &include]);
    compiler.args([file]).run().good();
}
