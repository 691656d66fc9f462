//! `op`: one operation on one resource, confirmed by its identifier, followed to its end.

use super::find::{self, Found};
use super::output::{self, Records};
use crate::aws::caller;
use crate::cli::OutputFormat;
use crate::clock;
use crate::guard::clear;
use crate::model::{Caller, Failure, FailureKind, Operation, OperationSpec, Outcome, SafeText};
use crate::setup::Setup;
use std::time::Duration;

/// What was asked on the command line.
pub struct Asked {
    /// SERVICE:ID.
    pub resource: String,
    /// Operation id; `None` lists them.
    pub operation: Option<String>,
    /// The identifier typed again.
    pub confirm: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// FIELD=VALUE.
    pub fields: Vec<String>,
    /// Do not follow.
    pub no_wait: bool,
}

/// How long one operation may change things, in ms: starting it is one call.
const WINDOW_MS: u64 = 60_000;

/// Runs the operation.
pub async fn run(setup: &Setup, asked: Asked) -> Result<u8, Failure> {
    let found = find::resource(setup, &asked.resource).await?;
    // Who may not be told can still operate; who is told must be the same when the call goes out.
    let planned = match &asked.operation {
        Some(_) => caller::ask(&found.reach).await.ok(),
        None => None,
    };
    let id = &found.detail.resource.id;
    let offered: Vec<&OperationSpec> =
        found.service.spec().operations.iter().filter(|o| o.kinds.contains(&id.kind)).collect();
    let Some(name) = &asked.operation else { return offer(&offered) };
    let Some(spec) = offered.iter().find(|o| o.id == name.as_str()) else {
        let names: Vec<_> = offered.iter().map(|o| o.id).collect();
        return Err(Failure::new(
            FailureKind::Usage,
            format!("operate {}", asked.resource),
            format!("no operation {name}"),
        )
        .hint(format!("one of: {}", names.join(", "))));
    };
    let operation =
        Operation { id: spec.id, api: spec.api, on: id.clone(), fields: fields(spec, &asked.fields)? };
    confirm(setup, spec, &operation, &asked)?;
    if let Some(caller) = &planned {
        output::say(&format!(
            "dbdeck: {} {} at {} as {}",
            spec.title, asked.resource, operation.on.place, caller.arn
        ));
    }
    perform(&found, operation, &asked, planned.as_ref()).await
}

fn offer(offered: &[&OperationSpec]) -> Result<u8, Failure> {
    let rows = offered.iter().map(|o| {
        let fields: Vec<_> = o.fields.iter().map(|f| f.id).collect();
        vec![
            o.id.into(),
            o.title.into(),
            o.api.into(),
            o.impact.0.into(),
            o.recovery.0.into(),
            fields.join(" ").into(),
        ]
    });
    Records { heads: vec!["operation", "title", "api", "impact", "recovery", "fields"], rows: rows.collect() }
        .write(OutputFormat::Table)
}

fn fields(spec: &OperationSpec, given: &[String]) -> Result<Vec<(&'static str, String)>, Failure> {
    let usage = |why: String| Failure::new(FailureKind::Usage, format!("fill in {}", spec.id), why);
    let mut filled = Vec::new();
    for pair in given {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| usage(format!("{pair} is not FIELD=VALUE")))?;
        let field = spec.fields.iter().find(|f| f.id == name).ok_or_else(|| {
            let names: Vec<_> = spec.fields.iter().map(|f| f.id).collect();
            usage(format!("no field {name}; there are: {}", names.join(", ")))
        })?;
        filled.push((field.id, value.to_owned()));
    }
    for field in spec.fields.iter().filter(|f| f.required) {
        if !filled.iter().any(|(id, value)| *id == field.id && !value.is_empty()) {
            return Err(usage(format!("{} is needed: --set {}=…", field.title, field.id)));
        }
    }
    Ok(filled)
}

/// `--confirm IDENTIFIER` elevates for this one operation, unless access is sealed.
fn confirm(setup: &Setup, spec: &OperationSpec, operation: &Operation, asked: &Asked) -> Result<(), Failure> {
    let access = setup.reaches.access();
    if access.read().is_sealed() {
        let now = clock::now();
        return clear(&access.read(), now, operation.clone()).map(|_| ()).map_err(Failure::from);
    }
    match &asked.confirm {
        Some(typed) if **typed == *operation.on.name => {}
        typed => {
            let why = if typed.is_some() { "the identifier does not match" } else { "not confirmed" };
            return Err(Failure::new(FailureKind::Refused, format!("{} {}", spec.id, asked.resource), why)
                .hint(format!(
                    "{}; repeat it with --confirm {}",
                    spec.impact.0,
                    SafeText::new(&operation.on.name)
                )));
        }
    }
    let reason = asked.reason.clone().unwrap_or_else(|| format!("op {} {}", spec.id, asked.resource));
    access.elevate(&reason, WINDOW_MS).map_err(|why| Failure::new(FailureKind::Refused, "allow changes", why))
}

async fn perform(
    found: &Found,
    operation: Operation,
    asked: &Asked,
    planned: Option<&Caller>,
) -> Result<u8, Failure> {
    let access = found.reach.access().clone();
    let cleared = clear(&access.read(), clock::now(), operation.clone())?;
    if let Some(planned) = planned {
        caller::still(&found.reach, planned).await?;
    }
    let started = found.service.perform(&found.reach, &cleared).await;
    // The window closes as soon as the one call is out.
    access.lower();
    let mut outcome = started?;
    tell(&outcome);
    while !outcome.done && !asked.no_wait {
        tokio::time::sleep(Duration::from_secs(if found.reach.is_demo() { 1 } else { 5 })).await;
        let mut next = found.service.follow(&found.reach, &operation).await?;
        // Only the first answer tells what is left behind.
        next.made = next.made.or(outcome.made.take());
        if (next.done, &next.stage, next.percent) != (outcome.done, &outcome.stage, outcome.percent) {
            tell(&next);
        }
        outcome = next;
    }
    let made = outcome.made.as_ref().map(SafeText::as_str);
    let record = serde_json::json!({
        "operation": operation.id, "resource": asked.resource, "done": outcome.done,
        "stage": outcome.stage.as_str(), "made": made,
    });
    output::bytes(format!("{record}\n").as_bytes())
}

fn tell(outcome: &Outcome) {
    let percent = outcome.percent.map(|p| format!(" {p} %")).unwrap_or_default();
    output::say(&format!("dbdeck: {}{percent}", outcome.stage));
}
