//! The Redshift Data API: SQL over AWS's own HTTPS, for provisioned clusters and Serverless.
//!
//! A statement is submitted and then asked about until it ends; its rows come page by page.
//! Reads of one tab run in one server session: `BEGIN READ ONLY`, the statement, `ROLLBACK`,
//! which is sent whatever happened in between. Where a server refuses the first, the session
//! says that only the guard and the database user's grants hold.

mod life;
mod place;
mod said;
mod session;
#[cfg(test)]
mod tests;
mod value;

use crate::aws::Reach;
use crate::model::{EngineId, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
pub(super) use life::token;
use place::Place;
use session::DataSession;
use std::sync::Arc;

/// Opens Redshift Data API sessions.
pub struct RedshiftData {
    reach: Arc<Reach>,
}

impl RedshiftData {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

impl Engine for RedshiftData {
    fn id(&self) -> EngineId {
        EngineId::RedshiftData
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("Redshift Data API: opening a session".into()));
            let doing = format!("query {} over the Redshift Data API", target.resource.name);
            let place = Place::of(target, login, &doing)?;
            let access = self.reach.access().clone();
            let session =
                DataSession::open(self.reach.redshift_data(), access, place, changes, doing).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}
