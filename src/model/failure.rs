//! What went wrong, as plain data: made once at each edge, shown anywhere.

use super::SafeText;
use std::fmt;

/// The class of a failure: decides the exit code, the colour and whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Credentials are there but may not do this.
    Denied,
    /// No credentials, or they have expired.
    Login,
    /// AWS asked us to slow down.
    Throttled,
    /// The thing named does not exist.
    NotFound,
    /// The guard said no; nothing was sent.
    Refused,
    /// No route, no answer, broken connection, failed TLS.
    Unreachable,
    /// Somebody cancelled it.
    Cancelled,
    /// The server understood and rejected the statement or the change.
    Rejected,
    /// The answer made no sense: a server that lies, or an endpoint that is not what it says.
    Garbled,
    /// What the person gave (flag, file, statement) is not usable.
    Usage,
    /// Ours.
    Bug,
}

/// A failure: what was being done, why it failed and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Class.
    pub kind: FailureKind,
    /// What was being done, as in `list RDS instances in eu-west-1`.
    pub doing: SafeText,
    /// Why it failed: the server's own words where there are any, sanitised, no secrets.
    pub because: SafeText,
    /// The next step for the person, when we know one.
    pub hint: Option<SafeText>,
    /// AWS request id, for a support case.
    pub request_id: Option<SafeText>,
}

impl Failure {
    /// A failure of `kind` while `doing`, `because` of something.
    pub fn new(kind: FailureKind, doing: impl AsRef<str>, because: impl AsRef<str>) -> Self {
        Self {
            kind,
            doing: SafeText::new(doing),
            because: SafeText::new(because),
            hint: None,
            request_id: None,
        }
    }

    /// The same with the next step for the person.
    #[must_use]
    pub fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hint = Some(SafeText::new(hint));
        self
    }

    /// The same with an AWS request id.
    #[must_use]
    pub fn request_id(mut self, id: Option<impl AsRef<str>>) -> Self {
        self.request_id = id.map(SafeText::new);
        self
    }

    /// The exit code of a headless command that ends with this failure.
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            FailureKind::Rejected | FailureKind::NotFound | FailureKind::Garbled | FailureKind::Bug => 1,
            FailureKind::Usage => 2,
            FailureKind::Denied | FailureKind::Login | FailureKind::Throttled | FailureKind::Unreachable => 3,
            FailureKind::Refused => 4,
            FailureKind::Cancelled => 130,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.because)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
