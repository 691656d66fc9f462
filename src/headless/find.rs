//! From `SERVICE:ID` to a resource: asks each place of the session for exactly that one.

use crate::aws::Reach;
use crate::model::{Detail, Failure, FailureKind, ResourceId};
use crate::services::{self, Service};
use crate::setup::Setup;
use std::sync::Arc;

/// A resource that was found, and how it is reached.
pub struct Found {
    /// Its service.
    pub service: &'static dyn Service,
    /// What AWS says about it.
    pub detail: Detail,
    /// The place it was found at.
    pub reach: Arc<Reach>,
}

/// The service named by an argument.
///
/// # Errors
/// When there is none; the hint lists all.
pub fn service(name: &str) -> Result<&'static dyn Service, Failure> {
    services::find(name).ok_or_else(|| {
        let all: Vec<_> = services::ALL.iter().map(|s| s.spec().id.0).collect();
        Failure::new(FailureKind::Usage, "find the service", format!("there is no service {name}"))
            .hint(format!("one of: {}", all.join(", ")))
    })
}

/// The resource named `SERVICE:ID`, at the first place of the session that has it.
///
/// # Errors
/// Not found anywhere, or the first failure met when no place could answer.
pub async fn resource(setup: &Setup, named: &str) -> Result<Found, Failure> {
    let (service_name, name) =
        named.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or_else(|| {
            Failure::new(FailureKind::Usage, "find the resource", format!("{named} is not SERVICE:ID"))
                .hint("as in rds:orders or dynamodb:ml-features")
        })?;
    let service = service(service_name)?;
    let mut trouble = None;
    for place in &setup.places {
        let reach = setup.reaches.at(place).await?;
        for kind in service.spec().kinds {
            let id = ResourceId {
                service: service.spec().id,
                kind: kind.id,
                place: place.clone(),
                name: name.into(),
            };
            match service.locate(&reach, &id).await {
                Ok(detail) => return Ok(Found { service, detail, reach }),
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => {
                    trouble.get_or_insert(failure);
                }
            }
        }
    }
    Err(trouble.unwrap_or_else(|| {
        let places: Vec<_> = setup.places.iter().map(ToString::to_string).collect();
        Failure::new(FailureKind::NotFound, format!("find {named}"), format!("not in {}", places.join(", ")))
            .hint("`dbdeck list` shows what is there; give --profile or --region for other places")
    }))
}
