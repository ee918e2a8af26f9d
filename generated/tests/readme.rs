//! The first program of the README is the one that is compiled, and runs.

use std::process::ExitCode;

#[path = "../examples/first.rs"]
mod first;

#[test]
fn the_readme_shows_the_first_program() {
    let readme = include_str!("../../README.md");
    let program = include_str!("../examples/first.rs");
    assert!(readme.contains(&format!("```rust\n{program}```\n")));
}

#[test]
fn the_first_program_runs() {
    assert_eq!(first::main(), ExitCode::SUCCESS);
}
