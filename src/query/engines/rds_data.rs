//! The RDS Data API.
use crate::aws::Reach;
use crate::model::{EngineId, Failure, FailureKind, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use std::sync::Arc;
/// Opens RDS Data API sessions.
pub struct RdsData {
    reach: Arc<Reach>,
}
impl RdsData {
    /// Over `reach`.
    pub fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}
impl Engine for RdsData {
    fn id(&self) -> EngineId {
        EngineId::RdsData
    }
    fn open<'a>(
        &'a self,
        _: &'a Target,
        _: &'a Login,
        _: bool,
        _: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        let _ = &self.reach;
        Box::pin(async { Err(Failure::new(FailureKind::Usage, "open", "not yet")) })
    }
}
