//! The real clock: the one place where a [`Moment`] comes from.

use crate::model::Moment;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The wall clock at the first reading and the monotonic clock since: never steps back.
static START: OnceLock<(u64, Instant)> = OnceLock::new();

/// Now.
pub fn now() -> Moment {
    let (wall_ms, start) = START.get_or_init(|| {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (u64::try_from(wall.as_millis()).unwrap_or(0), Instant::now())
    });
    let since = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Moment::from_epoch_ms(wall_ms.saturating_add(since))
}
