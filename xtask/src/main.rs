//! The maintainers' commands.

mod import;
mod list;
mod regen;
mod store;

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
    Import(import::Import),
    List(list::List),
    Regen(regen::Regen),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Import(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Regen(command) => command.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
