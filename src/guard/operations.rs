//! The table of AWS operations: what each does. One that is not listed is a write.

/// What an AWS operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Reads the control plane.
    Read,
    /// Returns customer rows, secrets or tokens: allowed only inside connection code.
    DataRead,
    /// Carries a statement: the statement is judged too.
    Statement,
    /// Changes something.
    Write,
    /// Not in the table: treated as a write.
    Unknown,
}

impl Effect {
    /// Stable id of the rule that refuses it.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Read => "aws.read",
            Self::DataRead => "aws.data-read",
            Self::Statement => "aws.statement",
            Self::Write => "aws.write",
            Self::Unknown => "aws.unknown",
        }
    }

    /// Why it is refused, in one sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Read => "reads only",
            Self::DataRead => "returns data or secrets, which only opening a connection may ask for",
            Self::Statement => "carries a statement, which must be judged by its own grammar",
            Self::Write => "changes something in the account",
            Self::Unknown => "is not in the table of operations, so it counts as a change",
        }
    }
}

/// What `api`, as in `rds:DescribeDBInstances`, does.
pub fn effect(api: &str) -> Effect {
    let _ = api;
    Effect::Unknown
}
