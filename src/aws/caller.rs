//! Asks AWS who we are: for the status line, and again before anything is changed.

use super::Reach;
use super::failure::failure;
use crate::model::{Caller, Failure, FailureKind, SafeText};

/// Who the credentials of this place are (`sts:GetCallerIdentity`, which needs no permission).
///
/// # Errors
/// No credentials, or no answer.
pub async fn ask(reach: &Reach) -> Result<Caller, Failure> {
    let answer = reach.sts().get_caller_identity().send().await;
    let who = answer.map_err(|e| failure(&format!("ask who we are at {}", reach.place()), &e))?;
    let told = |word: Option<&str>| SafeText::new(word.unwrap_or("?"));
    Ok(Caller { account: told(who.account()), arn: told(who.arn()) })
}

/// Holds a change back when the credentials are not those of `planned` any more: a profile
/// edited, a session that has ended and another one in its place. Asks AWS once.
///
/// # Errors
/// Somebody else by now, or AWS does not tell.
pub async fn still(reach: &Reach, planned: &Caller) -> Result<(), Failure> {
    let now = ask(reach).await?;
    if now.is_same(planned) {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Refused,
        format!("make the change at {}", reach.place()),
        format!(
            "nothing was sent: it was confirmed as {}, and the credentials are {} now",
            planned.arn, now.arn
        ),
    )
    .hint("see which profile is meant, then open the operation again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::scripted::{Scene, answer, error};
    use aws_sdk_sts::operation::get_caller_identity::{GetCallerIdentityError, GetCallerIdentityOutput};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Told as these, one after the other; nobody after the last.
    async fn scene(arns: &'static [&'static str]) -> Scene {
        let at = AtomicUsize::new(0);
        Scene::new(move |_, _| match arns.get(at.fetch_add(1, Ordering::Relaxed)) {
            Some(arn) => answer(GetCallerIdentityOutput::builder().account("1").arn(*arn).build()),
            None => error(GetCallerIdentityError::generic, "ExpiredToken"),
        })
        .await
    }

    #[tokio::test]
    async fn somebody_else_does_not_make_the_change() {
        let role = "arn:aws:sts::1:assumed-role/dba/a-1";
        let scene = scene(&[
            "arn:aws:sts::1:assumed-role/dba/a-1",
            "arn:aws:sts::1:assumed-role/dba/a-2",
            "arn:aws:sts::1:assumed-role/admin/a-2",
        ])
        .await;
        let planned = ask(&scene.reach).await.unwrap();
        assert_eq!(planned.arn.as_str(), role);
        still(&scene.reach, &planned).await.unwrap();
        let refused = still(&scene.reach, &planned).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused);
        assert!(refused.to_string().contains("assumed-role/admin"), "{refused}");
        // Not told: not made.
        assert!(still(&scene.reach, &planned).await.is_err());
    }
}
