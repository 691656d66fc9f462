//! Reads the flags, picks a front end, and maps its outcome to an exit code; nothing else.

use clap::Parser;
use dbdeck::cli::Cli;
use dbdeck::headless::{self, output};
use dbdeck::run;
use dbdeck::setup::Setup;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One provider for every TLS connection; a second call could only find the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            output::say(&format!("dbdeck: start: {e}"));
            return ExitCode::from(1);
        }
    };
    let code = runtime.block_on(async {
        match cli.command {
            Some(command) => headless::run(cli.global, command).await,
            None => console(cli).await,
        }
    });
    // Nothing that still runs in the background may hold the terminal.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn console(cli: Cli) -> u8 {
    let ended = match Setup::from_flags(&cli.global).await {
        Ok(setup) => run::run(setup).await,
        Err(failure) => Err(failure),
    };
    ended.unwrap_or_else(|failure| {
        output::complain(&failure);
        failure.exit_code()
    })
}
