//! What every service must keep: its declarations fit each other and the guard's table, and no
//! answer of AWS breaks a row.

use super::{ALL, find};
use crate::guard::operations::{Effect, effect};
use crate::guard::raw::CANCEL_API;
use crate::model::{FieldKind, Tier};
use std::collections::HashSet;

fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for id in ids {
        assert!(seen.insert(id), "{what}: {id} twice");
    }
}

#[test]
fn ids_are_unique_and_services_are_found_by_every_name() {
    unique("services", ALL.iter().flat_map(|s| s.spec().short.iter().copied().chain([s.spec().id.0])));
    for service in ALL {
        let spec = service.spec();
        unique(spec.title, spec.columns.iter().map(|c| c.id));
        unique(spec.title, spec.kinds.iter().map(|k| k.id));
        unique(spec.title, spec.metrics.iter().map(|m| m.id));
        unique(spec.title, spec.operations.iter().map(|o| o.id));
        for name in spec.short.iter().chain([&spec.id.0]) {
            assert_eq!(find(name).map(|s| s.spec().id), Some(spec.id), "{name}");
        }
    }
}

#[test]
fn the_guard_knows_every_call_for_what_it_is() {
    for spec in ALL.iter().map(|s| s.spec()) {
        for read in spec.reads {
            assert!(matches!(effect(read), Effect::Read | Effect::DataRead), "{read} is no read");
        }
        for operation in spec.operations {
            assert_eq!(effect(operation.api), Effect::Write, "{}", operation.api);
        }
    }
}

#[test]
fn operations_and_metrics_are_of_kinds_that_exist() {
    for spec in ALL.iter().map(|s| s.spec()) {
        let kinds: HashSet<_> = spec.kinds.iter().map(|k| k.id).collect();
        for operation in spec.operations {
            assert!(!operation.kinds.is_empty() && operation.kinds.iter().all(|k| kinds.contains(k)));
            unique(operation.id, operation.fields.iter().map(|f| f.id));
        }
        for metric in spec.metrics {
            assert!(!metric.kinds.is_empty() && metric.kinds.iter().all(|k| kinds.contains(k)));
            assert!(!metric.dimensions.is_empty() && metric.period_s % 60 == 0 && metric.period_s > 0);
        }
        // What AWS ended has nothing to ask for.
        if spec.reads.is_empty() {
            assert!(spec.metrics.is_empty() && spec.operations.is_empty() && spec.banner.is_some());
            continue;
        }
        let columns = spec.metrics.iter().filter(|m| m.column).count();
        assert!((2..=4).contains(&columns), "{}: {columns} sparkline columns", spec.title);
    }
}

#[test]
fn every_command_line_is_whole() {
    for operation in ALL.iter().flat_map(|s| s.spec().operations) {
        let full = operation.cli_form("the-name", |id| {
            let field = operation.fields.iter().find(|f| f.id == id)?;
            Some(match field.kind {
                FieldKind::Flag => "no",
                FieldKind::Number => "7",
                FieldKind::Choice(words) => words.first().copied().unwrap_or_default(),
                FieldKind::Text | FieldKind::Reader => "filled-in",
            })
        });
        // What no SDK has a call for, AWS's command line has no command for either.
        let tool = if operation.api == CANCEL_API { "curl https://" } else { "aws " };
        assert!(full.starts_with(tool) && full.contains(" the-name"), "{full}");
        assert!(!full.contains(['{', '}', '[', ']', '?', '!']), "{}: {full}", operation.id);
        let bare = operation.cli_form("the-name", |_| None);
        assert!(!bare.contains("''"), "{bare}");
    }
}

#[test]
fn what_loses_something_is_confirmed_in_full_and_keeps_a_copy_by_default() {
    for operation in ALL.iter().flat_map(|s| s.spec().operations) {
        if operation.api.contains(":Delete") {
            assert_eq!(operation.tier, Tier::Loss, "{}", operation.id);
        }
        let skips = operation.fields.iter().any(|f| f.id.starts_with("skip-") && f.kind == FieldKind::Flag);
        let reason = operation.fields.iter().any(|f| f.id == "skip-reason");
        assert_eq!(skips, reason, "{}: a copy is waived with a reason only", operation.id);
        if skips {
            let line = operation.cli_form("db", |_| None);
            let copies = [
                "snapshot-identifier",
                "final-snapshot-name",
                "create-backup",
                "create-db-backup",
                "--no-skip-snapshot",
            ];
            assert!(copies.iter().any(|copy| line.contains(copy)), "{line}");
        }
    }
}
