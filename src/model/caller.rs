//! Who we are at a place.

use super::SafeText;

/// The principal behind the credentials in use, as `sts:GetCallerIdentity` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Account id: twelve digits.
    pub account: SafeText,
    /// ARN of the user or of the assumed role's session.
    pub arn: SafeText,
}

impl Caller {
    /// Whether both are the same principal. The session of a role has a new name whenever its
    /// credentials are renewed, so the role decides there.
    pub fn is_same(&self, other: &Self) -> bool {
        self.account == other.account && principal(&self.arn) == principal(&other.arn)
    }
}

/// The ARN without the name of a role's session.
fn principal(arn: &str) -> &str {
    match arn.rsplit_once('/') {
        Some((role, _session)) if arn.contains(":assumed-role/") => role,
        _ => arn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(account: &str, arn: &str) -> Caller {
        Caller { account: account.into(), arn: arn.into() }
    }

    #[test]
    fn a_renewed_session_is_the_same_principal_and_another_role_is_not() {
        let role = |account: &str, rest: &str| {
            caller(account, &format!("arn:aws:sts::{account}:assumed-role/{rest}"))
        };
        assert!(role("1", "dba/a-1").is_same(&role("1", "dba/a-2")));
        assert!(!role("1", "dba/a-1").is_same(&role("1", "admin/a-1")));
        assert!(!role("1", "dba/a-1").is_same(&role("2", "dba/a-1")));
        let user = |name: &str| caller("1", &format!("arn:aws:iam::1:user/{name}"));
        assert!(user("team/ann").is_same(&user("team/ann")));
        assert!(!user("team/ann").is_same(&user("team/bob")));
    }
}
