//! Single-flight memory for identical calls: two tabs that need the same page cost one call.

use crate::clock;
use crate::model::{Failure, Moment};
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How long an answer is good for somebody else who asks the same, in ms. Shorter than any
/// refresh, long enough for two tabs that open together.
pub const FRESH_MS: u64 = 2_000;

type Answer = Option<(Moment, Arc<dyn Any + Send + Sync>)>;

/// Remembers answers for a while and joins identical questions under way.
pub struct Memo {
    seats: Mutex<HashMap<String, Arc<Seat>>>,
    fresh_ms: u64,
}

impl Default for Memo {
    fn default() -> Self {
        Self::keeping(FRESH_MS)
    }
}

/// One question: who asks it holds the lock, the others wait for it.
#[derive(Default)]
struct Seat {
    said: tokio::sync::Mutex<Said>,
    /// How many times it was asked in vain.
    failures: AtomicUsize,
}

/// What the last one who asked was told.
#[derive(Default)]
struct Said {
    answer: Answer,
    failure: Option<Failure>,
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

impl Memo {
    /// One whose answers are good for so many ms.
    pub fn keeping(fresh_ms: u64) -> Self {
        Self { seats: Mutex::default(), fresh_ms }
    }

    /// The answer to the question called `key`: a fresh one that is at hand, the one under
    /// way, or what `ask` brings. A failure goes to all who waited for it, since each try of
    /// theirs would take as long, and is not remembered.
    ///
    /// # Errors
    /// Those of `ask`.
    pub async fn get<T, F>(&self, key: String, ask: F) -> Result<Arc<T>, Failure>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, Failure>>,
    {
        self.sweep();
        let seat = self.seats.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        let before = seat.failures.load(Ordering::SeqCst);
        let mut said = seat.said.lock().await;
        if let Some(known) = self.good(&said.answer) {
            return Ok(known);
        }
        if let Some(failure) = said.failure.as_ref().filter(|_| seat.failures.load(Ordering::SeqCst) > before)
        {
            return Err(failure.clone());
        }
        match ask.await {
            Ok(new) => {
                let new = Arc::new(new);
                *said = Said { answer: Some((clock::now(), new.clone())), failure: None };
                Ok(new)
            }
            Err(failure) => {
                seat.failures.fetch_add(1, Ordering::SeqCst);
                said.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    /// Lets go of answers that are no longer good for anybody: pages of a listing are large.
    pub fn sweep(&self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.retain(|_, seat| {
            Arc::strong_count(seat) > 1 || seat.said.try_lock().is_ok_and(|said| self.is_fresh(&said.answer))
        });
    }

    /// The answer to the question called `key`, when a fresh one is at hand.
    pub fn at_hand<T: Send + Sync + 'static>(&self, key: &str) -> Option<Arc<T>> {
        let seat = self.seats.lock().unwrap_or_else(PoisonError::into_inner).get(key)?.clone();
        let said = seat.said.try_lock().ok()?;
        self.good(&said.answer)
    }

    fn good<T: Send + Sync + 'static>(&self, answer: &Answer) -> Option<Arc<T>> {
        let (_, known) = answer.as_ref().filter(|_| self.is_fresh(answer))?;
        known.clone().downcast().ok()
    }

    fn is_fresh(&self, answer: &Answer) -> bool {
        answer.as_ref().is_some_and(|(at, _)| clock::now().ms_since(*at) < self.fresh_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[tokio::test]
    async fn identical_questions_cost_one() {
        let (memo, asked) = (Memo::default(), AtomicUsize::new(0));
        let ask = || async {
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(7)
        };
        let both = tokio::join!(memo.get("a".into(), ask()), memo.get("a".into(), ask()));
        assert_eq!((both.0.ok().as_deref(), both.1.ok().as_deref()), (Some(&7), Some(&7)));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        memo.get("b".into(), ask()).await.expect("another question");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn who_waited_for_a_failure_does_not_ask_again() {
        let (memo, asked) = (Memo::default(), AtomicUsize::new(0));
        let ask = || async {
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Err::<u8, _>(Failure::new(FailureKind::Throttled, "list", "slow down"))
        };
        let get = || memo.get("a".into(), ask());
        let all = tokio::join!(get(), get(), get());
        assert!(all.0.is_err() && all.1.is_err() && all.2.is_err());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert!(get().await.is_err(), "who comes later asks");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn failures_are_asked_again() {
        let memo = Memo::default();
        let failing = async { Err::<u8, _>(Failure::new(FailureKind::Throttled, "list", "slow down")) };
        assert!(memo.get("a".into(), failing).await.is_err());
        assert_eq!(memo.get("a".into(), async { Ok(1_u8) }).await.ok().as_deref(), Some(&1));
    }
}
