//! Every example of the facade runs to its end against its own sandbox and says something.

use ccauth_tests::{Command, built, root};

#[test]
fn every_example_of_the_facade_runs() {
    let sources = std::fs::read_dir(root().join("crates/ccauth/examples")).unwrap();
    let mut names: Vec<String> = sources
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let finished = Command::new(built(&format!("examples/{name}"))).run();
        assert_eq!(finished.code, Some(0), "{name}: {}", finished.err);
        assert!(!finished.out.trim().is_empty(), "{name} says nothing");
    }
}
