//! The program under test: the binary as a person's script would run it, in an environment of its own.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::servers;

/// How long a run may take: it hangs when it takes this long.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// The data.
    pub stdout: String,
    /// The talk.
    pub stderr: String,
}

impl Ended {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("no JSON ({why}): {self:?}"))
    }

    /// A character of what it wrote that a terminal would obey.
    pub fn dirt(&self) -> Option<char> {
        let mut written = self.stdout.chars().chain(self.stderr.chars());
        written.find(|c| (c.is_control() && *c != '\n') || turns_direction(*c))
    }

    /// The run, when it ended as it should.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A running dbdeck.
pub struct Run {
    child: Child,
    // Its home: it goes when the run is over.
    _home: TempDir,
}

/// Starts dbdeck with `arguments`, AWS being at `endpoint` and `account` the account; `input` is its standard input.
pub async fn start(endpoint: &str, account: &str, arguments: &[&str], input: &str) -> Run {
    start_with(endpoint, account, arguments, input, &[("AWS_CA_BUNDLE", &servers::ca())]).await
}

/// The same with nothing but `more` in its environment beside what every run has.
pub async fn start_with(
    endpoint: &str,
    account: &str,
    arguments: &[&str],
    input: &str,
    more: &[(&str, &str)],
) -> Run {
    let all: Vec<&str> = arguments.iter().copied().chain(["--endpoint-url", endpoint]).collect();
    spawn(account, &all, input, more).await
}

/// The same with no endpoint named by a flag: `more` says where AWS is.
pub async fn start_anywhere(account: &str, arguments: &[&str], more: &[(&str, &str)]) -> Run {
    spawn(account, arguments, "", more).await
}

async fn spawn(account: &str, arguments: &[&str], input: &str, more: &[(&str, &str)]) -> Run {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbdeck"));
    command
        .args(arguments)
        .args(["--region", servers::REGION])
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", "")
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(more.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().expect("dbdeck starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may end without reading, when it refuses its arguments.
    let _unread = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    Run { child, _home: home }
}

/// Runs dbdeck to its end.
pub async fn run(endpoint: &str, account: &str, arguments: &[&str], input: &str) -> Ended {
    start(endpoint, account, arguments, input).await.end().await
}

impl Run {
    /// Sends it a signal, by name.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it still runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(sent.is_ok_and(|status: ExitStatus| status.success()), "the signal is sent");
    }

    /// Waits for its end.
    pub async fn end(self) -> Ended {
        let output = tokio::time::timeout(PATIENCE, self.child.wait_with_output());
        let output = output.await.expect("it ends").expect("it can be waited for");
        let text = |bytes| String::from_utf8(bytes).expect("dbdeck writes UTF-8");
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
