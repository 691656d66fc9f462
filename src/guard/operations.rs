//! The table of AWS operations: what each does. One that is not listed is a write.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What an AWS operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Reads the control plane.
    Read,
    /// Returns customer rows or log text.
    DataRead,
    /// Returns secrets or tokens: only opening a connection may ask for them.
    Login,
    /// Carries a statement: the statement is judged by its own grammar.
    Statement,
    /// Opens or undoes the transaction around a judged statement.
    Wrapper,
    /// Changes something.
    Write,
    /// Not in the table: treated as a write.
    Unknown,
}

impl Effect {
    /// Stable id of the rule that decides on it.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Read => "aws.read",
            Self::DataRead => "aws.data-read",
            Self::Login => "aws.login",
            Self::Statement => "aws.statement",
            Self::Wrapper => "aws.wrapper",
            Self::Write => "aws.write",
            Self::Unknown => "aws.unknown",
        }
    }

    /// What it does, in one sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Read => "it reads the control plane",
            Self::DataRead => "it returns rows or log text and changes nothing",
            Self::Login => "it returns secrets or tokens, which only opening a connection may ask for",
            Self::Statement => "it carries a statement, which may change data",
            Self::Wrapper => "it is allowed only around a judged statement",
            Self::Write => "it changes something in the account",
            Self::Unknown => "it is not in the table of operations, so it counts as a change",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "read" => Self::Read,
            "data" => Self::DataRead,
            "login" => Self::Login,
            "statement" => Self::Statement,
            "wrapper" => Self::Wrapper,
            _ => Self::Write,
        }
    }
}

type Table = HashMap<(&'static str, &'static str), Effect>;

/// Parsed once from the embedded table.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        for line in include_str!("operations.txt").lines().filter(|l| !l.starts_with('#')) {
            let mut words = line.split_ascii_whitespace();
            if let (Some(service), Some(effect)) = (words.next(), words.next()) {
                table.extend(words.map(|operation| ((service, operation), Effect::from_word(effect))));
            }
        }
        table
    })
}

/// Operations that AWS has and no SDK: requests that [`super::raw`] composes, by the names of
/// their rights in IAM. Source: Neptune user guide, "IAM data-access policy actions".
const WITHOUT_SDK: &[(&str, Effect)] = &[("neptune-db:CancelQuery", Effect::Write)];

/// What `api`, as in `rds:DescribeDBInstances`, does.
pub fn effect(api: &str) -> Effect {
    if let Some((_, effect)) = WITHOUT_SDK.iter().find(|(name, _)| *name == api) {
        return *effect;
    }
    let Some((service, operation)) = api.split_once(':') else { return Effect::Unknown };
    table().get(&(service, operation)).copied().unwrap_or(Effect::Unknown)
}

/// Every operation of the table with what it does, as `service:Operation`, sorted.
pub fn all() -> Vec<(String, Effect)> {
    let mut all: Vec<_> = table().iter().map(|((s, o), e)| (format!("{s}:{o}"), *e)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// The table's name for what an SDK client calls its service: `RDS Data` is `rds-data`.
pub fn service_name(sdk: &str) -> String {
    match sdk {
        "Application Auto Scaling" => "application-autoscaling".into(),
        "Cost Explorer" => "ce".into(),
        "Secrets Manager" => "secretsmanager".into(),
        "SimpleDB" => "sdb".into(),
        "DynamoDB Streams" => "dynamodbstreams".into(),
        "Resource Groups Tagging API" => "resourcegroupstaggingapi".into(),
        "CloudWatch Logs" => "logs".into(),
        other => other.to_ascii_lowercase().replace(' ', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let all = all();
        assert_eq!(all.len(), 1_511);
        let count = |e| all.iter().filter(|(_, x)| *x == e).count();
        assert_eq!(count(Effect::Read), 599);
        assert_eq!(count(Effect::Unknown), 0);
        assert!(count(Effect::Write) >= 843);
    }

    #[test]
    fn names_are_not_evidence() {
        assert_eq!(effect("rds:DescribeDBInstances"), Effect::Read);
        assert_eq!(effect("rds:DeleteDBInstance"), Effect::Write);
        assert_eq!(effect("sts:GetSessionToken"), Effect::Write);
        assert_eq!(effect("secretsmanager:GetSecretValue"), Effect::Login);
        assert_eq!(effect("rds-data:CommitTransaction"), Effect::Write);
        assert_eq!(effect("dynamodb:ExecuteStatement"), Effect::Statement);
        assert_eq!(effect("neptune-db:CancelQuery"), Effect::Write);
        for unknown in [
            "neptune-db:cancelquery",
            "rds:DescribeSomethingNew",
            "rds:describedbinstances",
            "",
            ":",
            "rds:",
            "DescribeDBInstances",
        ] {
            assert_eq!(effect(unknown), Effect::Unknown, "{unknown}");
        }
    }
}
