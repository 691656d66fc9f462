//! What may happen: one decision, applied at three places that do not trust each other.
//!
//! 1. [`Cleared`]: engines and services accept only a cleared statement or operation, and only
//!    [`clear`] makes one. Forgetting the guard is a compile error.
//! 2. The AWS client: an interceptor looks at the typed operation and its input and stamps the
//!    request; the connector under every client sends nothing without the stamp.
//! 3. The database session: a read-only transaction around one statement, re-armed each time.
//!
//! The rule is the same everywhere: deny by default; what is unknown is refused.

pub mod access;
pub mod carried;
pub mod gate;
pub mod intercept;
pub mod live;
pub mod operations;
pub mod proof;
pub mod raw;
pub mod session;
pub mod statement;

pub use access::{Access, Mode};
pub use live::LiveAccess;
pub use statement::{Api, Askable, Cleared, Refusal, clear};
