//! `list`: the fleet as records.

use super::find;
use super::output::{self, Records};
use crate::cli::OutputFormat;
use crate::model::{Failure, FailureKind, Place, Resource, ResourceId, SafeText};
use crate::services::{self, Part, Service};
use crate::setup::Setup;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// Lists `service`, or all services, at every place. A place that fails is told on standard
/// error and the rest is still listed; the exit code is that of the first failure.
pub async fn run(
    setup: &Setup,
    service: Option<&str>,
    format: OutputFormat,
    problems: bool,
) -> Result<u8, Failure> {
    let services: Vec<&dyn Service> = match service {
        Some(name) => vec![find::service(name)?],
        None => services::ALL.to_vec(),
    };
    // What AWS ended lists nothing: asked for by name, it says why.
    if let Some(banner) = service.and_then(|_| services.first()?.spec().banner) {
        output::say(&format!("dbdeck: {banner}"));
    }
    let asked = services.iter().flat_map(|s| setup.places.iter().map(move |p| (*s, p)));
    let answers = join_all(asked.map(|(service, place)| at(setup, service, place))).await;
    // Not every Region and not every stand-in has every service. Where others answered, one that
    // is not there is told and is no failure, unless it was asked for by name.
    let there: HashSet<&Place> = answers.iter().filter(|(.., ended)| ended.is_ok()).map(|a| a.0).collect();
    let mut failed = None;
    let mut rows = Vec::new();
    // Two services on one control plane miss the same extra: once is enough.
    let mut told = HashSet::new();
    for (place, listed, asides, ended) in &answers {
        for aside in asides.iter().filter(|aside| told.insert(aside.to_string())) {
            output::complain(aside);
        }
        match ended {
            Ok(true) => {
                output::say("dbdeck: the listing was cut: more resources exist than the page cap allows");
            }
            Ok(false) => {}
            Err(failure) => {
                output::complain(failure);
                let absent = listed.is_empty() && is_absent(failure) && there.contains(place);
                if service.is_some() || !absent {
                    failed.get_or_insert(failure);
                }
            }
        }
        rows.extend(listed.values().filter(|r| !problems || !r.problems.is_empty()));
    }
    let code = match format {
        OutputFormat::Table => for_people(&rows).write(format)?,
        _ => records(&rows).write(format)?,
    };
    match failed {
        // Denied or unreachable in one place of many: partly told, so not a success.
        Some(failure) if failure.kind != FailureKind::Bug => Ok(failure.exit_code().max(code)),
        Some(failure) => Err(failure.clone()),
        None => Ok(code),
    }
}

/// Whether this is how a service that does not exist at a place fails: its name does not resolve,
/// or what is there does not know the operation.
fn is_absent(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Rejected => true,
        FailureKind::Unreachable => failure.because.as_str().contains("dns error"),
        _ => false,
    }
}

type Listed = BTreeMap<ResourceId, Resource>;

async fn at<'p>(
    setup: &Setup,
    service: &dyn Service,
    place: &'p Place,
) -> (&'p Place, Listed, Vec<Failure>, Result<bool, Failure>) {
    let kept = Mutex::new((Listed::new(), false, Vec::new()));
    let take = |part: Part| {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.extend(part.resources.into_iter().map(|r| (r.id.clone(), r)));
        kept.1 = part.more;
        kept.2.extend(part.aside);
    };
    let ended = match setup.reaches.at(place).await {
        Ok(reach) => service.list(&reach, &take).await,
        Err(failure) => Err(failure),
    };
    let (listed, more, asides) = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    (place, listed, asides, ended.map(|()| more))
}

/// What names a row and how it is: the first six columns of both forms.
fn named(r: &Resource) -> Vec<Value> {
    vec![
        r.id.service.0.into(),
        r.id.kind.into(),
        safe(&r.id.name),
        r.health.word().as_str().into(),
        (*r.id.place.region).into(),
        (*r.id.place.profile).into(),
    ]
}

fn safe(text: &str) -> Value {
    SafeText::new(text).as_str().into()
}

/// The columns that people look for, the long ones last.
fn for_people(rows: &[&Resource]) -> Records {
    let heads = vec!["service", "kind", "id", "status", "region", "profile", "parent", "arn", "problems"];
    let row = |r: &&Resource| {
        let problems = r.problems.iter().map(|p| p.what.as_str()).collect::<Vec<_>>().join("; ");
        let mut cells = named(r);
        cells.extend([safe(r.parent.as_deref().unwrap_or_default()), safe(&r.arn), problems.into()]);
        cells
    };
    Records { heads, rows: rows.iter().map(row).collect() }
}

fn records(rows: &[&Resource]) -> Records {
    let heads =
        vec!["service", "kind", "id", "status", "region", "profile", "arn", "parent", "problems", "details"];
    let row = |r: &&Resource| {
        let problems: Vec<Value> = r.problems.iter().map(|p| p.what.as_str().into()).collect();
        let mut cells = named(r);
        let parent = r.parent.as_deref().map_or(Value::Null, safe);
        cells.extend([safe(&r.arn), parent, problems.into(), details(r)]);
        cells
    };
    Records { heads, rows: rows.iter().map(row).collect() }
}

/// The service's own columns, by column id.
fn details(resource: &Resource) -> Value {
    let columns = services::find(resource.id.service.0).map_or(&[][..], |s| s.spec().columns);
    let pairs = columns.iter().zip(&resource.cells).map(|(c, cell)| (c.id.to_owned(), output::json(cell)));
    json!(pairs.collect::<serde_json::Map<_, _>>())
}
