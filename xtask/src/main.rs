//! The maintainers' commands.

mod diff;
mod fetch;
mod import;
mod list;
mod output;
mod record;
mod regen;
mod store;
mod verify;
mod write_version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The maintainers' commands
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Breaking(diff::Breaking),
    Changelog(diff::Changelog),
    Diff(diff::Diff),
    Fetch(Box<fetch::Fetch>),
    Import(import::Import),
    List(list::List),
    Record(Box<record::Record>),
    Regen(regen::Regen),
    Since(diff::Since),
    Verify(Box<verify::Verify>),
}

/// The tool failed: for those commands where 1 says that something was found.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let (result, failure) = match Cli::parse().command {
        Command::Breaking(command) => (command.run(), ExitCode::from(TROUBLE)),
        Command::Changelog(command) => (command.run(), ExitCode::from(TROUBLE)),
        Command::Diff(command) => (command.run(), ExitCode::from(TROUBLE)),
        Command::Since(command) => (command.run(), ExitCode::from(TROUBLE)),
        Command::Verify(command) => (command.run(), ExitCode::from(TROUBLE)),
        Command::Fetch(command) => (command.run(), ExitCode::FAILURE),
        Command::Record(command) => (command.run(), ExitCode::FAILURE),
        Command::Import(command) => (command.run().map(done), ExitCode::FAILURE),
        Command::List(command) => (command.run().map(done), ExitCode::FAILURE),
        Command::Regen(command) => (command.run().map(done), ExitCode::FAILURE),
    };
    result.unwrap_or_else(|error| {
        output::tell("error", format_args!("{error:#}"));
        failure
    })
}
