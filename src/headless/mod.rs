//! Subcommands: the console's twins for scripts, over the same services, engines and guard.
//! Data goes to standard output, talk to standard error.

mod classify;
mod find;
mod info;
mod keys;
mod list;
mod metrics;
mod op;
pub mod output;
mod prove;
mod query;

use crate::cli::{Cli, Command, Global};
use crate::model::Failure;
use crate::setup::Setup;
use clap::CommandFactory;

/// Runs a subcommand. Exit codes: 0 ok, 1 statement or operation failed, 2 usage or
/// configuration, 3 connection or credentials, 4 refused by the guard, 130 interrupted.
pub async fn run(global: Global, command: Command) -> u8 {
    let ended = tokio::select! {
        ended = dispatch(&global, command) => ended,
        () = interrupted() => Ok(130),
    };
    ended.unwrap_or_else(|failure| {
        output::complain(&failure);
        failure.exit_code()
    })
}

async fn dispatch(global: &Global, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Classify { language, engine } => classify::run(&language, engine.as_deref()),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "dbdeck", &mut script);
            output::bytes(&script)
        }
        Command::Prove { format } => prove::run(format).await,
        Command::List { service, format, problems } => {
            list::run(&Setup::from_flags(global).await?, service.as_deref(), format, problems).await
        }
        Command::Metrics { resource, window, format } => {
            metrics::run(&Setup::from_flags(global).await?, &resource, &window, format).await
        }
        Command::Query(query) => query::run(&Setup::from_flags(global).await?, &query).await,
        Command::Op { resource, operation, confirm, reason, fields, no_wait } => {
            let asked = op::Asked { resource, operation, confirm, reason, fields, no_wait };
            op::run(&Setup::from_flags(global).await?, asked).await
        }
        Command::Info => {
            let (setup, nowhere) = Setup::to_look_at(global).await?;
            info::run(&setup, nowhere.as_ref())
        }
        Command::Keys { markdown, context } => keys::run(global, markdown, &context),
    }
}

/// Waits for Ctrl-C or SIGTERM, except in `query`, which cancels on the server first.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    // Ctrl-C is for the subcommand that can do better than stop: see `query`.
    term.recv().await;
}
