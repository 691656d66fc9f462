//! Runs the binary in a home of its own, with nothing of the machine's AWS setup.

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Standard output, when the run ended well.
    #[track_caller]
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Standard output as JSON, when the run ended well.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.well()).expect("one JSON value and nothing else")
    }

    /// Each line of standard output as JSON.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON on each line")).collect()
    }

    /// Ended with `code`, said all of `words` on standard error, and wrote no data.
    #[track_caller]
    pub fn badly(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is missing: {self:?}");
        }
    }
}

/// Where the demo's PostgreSQL is unpacked once for all tests.
fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// Runs `dbdeck ARGS` with `input` and further variables.
pub fn dbdeck_with(args: &[&str], input: &[u8], variables: &[(&str, &str)]) -> Ended {
    let home = tempfile::tempdir().expect("a home");
    let mut child = Command::new(env!("CARGO_BIN_EXE_dbdeck"))
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_CACHE_HOME", cache())
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_owned();
    // Written apart: a program that answers before it has read all must not block both.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let ended = child.wait_with_output().expect("it ends");
    writer.join().expect("the input is written");
    Ended {
        code: ended.status.code().expect("an exit code"),
        out: String::from_utf8(ended.stdout).expect("UTF-8"),
        err: String::from_utf8(ended.stderr).expect("UTF-8"),
    }
}

/// Runs `dbdeck ARGS`.
pub fn dbdeck(args: &[&str]) -> Ended {
    dbdeck_with(args, b"", &[])
}
