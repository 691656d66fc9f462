//! The Redshift Data API: statements that really run on the warehouse.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::engines::warehouse::{Run, Stage, Warehouse};
use crate::demo::world::Region;
use aws_sdk_redshiftdata::operation as op;
use aws_sdk_redshiftdata::types::{ColumnMetadata, Field, StatementStatusString, StatusString};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// Rows of one page of a result.
const PAGE: usize = 1_000;

/// Answers a Redshift Data call of `region`.
pub fn answer(warehouse: &Warehouse, region: Option<&Region>, operation: &str, input: &Input) -> Reply {
    match operation {
        "ExecuteStatement" => on(input, |i| execute(warehouse, region, i)),
        "DescribeStatement" => on(input, |i| describe(warehouse, i)),
        "GetStatementResult" => on(input, |i| result(warehouse, i)),
        "CancelStatement" => on(input, |i: &op::cancel_statement::CancelStatementInput| {
            let id = i.id().unwrap_or_default();
            if !warehouse.cancel(id) {
                let words = "Could not cancel a query that is already in an end state";
                return Err(op::cancel_statement::CancelStatementError::generic(invalid(words)));
            }
            Ok(op::cancel_statement::CancelStatementOutput::builder().status(true).build())
        }),
        _ => Reply::Unknown,
    }
}

fn invalid(words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code("ValidationException").message(words).build()
}

fn missing() -> ErrorMetadata {
    ErrorMetadata::builder().code("ResourceNotFoundException").message("Query does not exist.").build()
}

/// Whether what the first statement of a session names is there and takes statements.
fn named(
    region: Option<&Region>,
    input: &op::execute_statement::ExecuteStatementInput,
) -> Result<(), String> {
    let redshift = region.map(|r| &r.redshift);
    match (input.cluster_identifier(), input.workgroup_name(), input.session_id()) {
        (None, None, Some(_)) => Ok(()),
        (Some(id), None, None) => {
            let cluster = redshift.and_then(|r| r.clusters.get(id));
            let cluster = cluster.ok_or_else(|| format!("Cluster {id} does not exist in this region."))?;
            match cluster.cluster_status() {
                Some("available") => Ok(()),
                status => Err(format!("Cluster {id} is {}.", status.unwrap_or("not available"))),
            }
        }
        (None, Some(name), None) => {
            let there = redshift.is_some_and(|r| r.workgroups.contains_key(name));
            there.then_some(()).ok_or_else(|| format!("Workgroup {name} does not exist in this region."))
        }
        _ => {
            Err("Name a ClusterIdentifier, a WorkgroupName or a SessionId, and only one of them.".to_owned())
        }
    }
}

fn execute(
    warehouse: &Warehouse,
    region: Option<&Region>,
    input: &op::execute_statement::ExecuteStatementInput,
) -> Result<op::execute_statement::ExecuteStatementOutput, op::execute_statement::ExecuteStatementError> {
    let refuse = |words: String| op::execute_statement::ExecuteStatementError::generic(invalid(&words));
    named(region, input).map_err(refuse)?;
    let kept = input.session_keep_alive_seconds().is_some_and(|s| s > 0);
    let sql = input.sql().unwrap_or_default();
    let id = warehouse.submit(sql, input.session_id(), kept, input.client_token()).map_err(refuse)?;
    let session = warehouse.run(&id).map(|r| r.session).filter(|_| kept || input.session_id().is_some());
    Ok(op::execute_statement::ExecuteStatementOutput::builder()
        .id(id)
        .set_session_id(session)
        .set_database(input.database().map(str::to_owned))
        .status(StatementStatusString::Submitted)
        .build())
}

fn describe(
    warehouse: &Warehouse,
    input: &op::describe_statement::DescribeStatementInput,
) -> Result<op::describe_statement::DescribeStatementOutput, op::describe_statement::DescribeStatementError> {
    let refuse = op::describe_statement::DescribeStatementError::generic;
    let id = input.id().unwrap_or_default();
    let run = warehouse.run(id).ok_or_else(|| refuse(missing()))?;
    let status = match run.stage {
        Stage::Submitted => StatusString::Submitted,
        Stage::Picked => StatusString::Picked,
        Stage::Started => StatusString::Started,
        Stage::Finished => StatusString::Finished,
        Stage::Failed => StatusString::Failed,
        Stage::Aborted => StatusString::Aborted,
    };
    let rows = match &run.columns {
        Some(_) => i64::try_from(run.rows.len()).unwrap_or(i64::MAX),
        None => run.tag.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(-1),
    };
    let built = op::describe_statement::DescribeStatementOutput::builder()
        .id(id)
        .status(status)
        .set_error(run.error.clone())
        .duration(i64::try_from(run.took().as_nanos()).unwrap_or(i64::MAX))
        .has_result_set(run.columns.is_some())
        .result_rows(rows)
        .result_size(size(&run))
        .query_string(&run.sql)
        .session_id(&run.session)
        .build();
    built.map_err(|e| refuse(invalid(&e.to_string())))
}

fn size(run: &Run) -> i64 {
    let bytes: usize = run.rows.iter().flatten().flatten().map(String::len).sum();
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn result(
    warehouse: &Warehouse,
    input: &op::get_statement_result::GetStatementResultInput,
) -> Result<
    op::get_statement_result::GetStatementResultOutput,
    op::get_statement_result::GetStatementResultError,
> {
    let refuse = op::get_statement_result::GetStatementResultError::generic;
    let run = warehouse.run(input.id().unwrap_or_default());
    let run = run.filter(|r| r.stage == Stage::Finished).ok_or_else(|| refuse(missing()))?;
    let columns = run.columns.clone().ok_or_else(|| refuse(invalid("Query does not have result.")))?;
    let from = input.next_token().and_then(|t| t.parse().ok()).unwrap_or(0_usize);
    let records = run.rows.iter().skip(from).take(PAGE).map(|row| {
        let cells = row.iter().zip(&columns);
        cells.map(|(cell, (_, oid))| field(cell.as_deref(), *oid)).collect::<Vec<_>>()
    });
    let next = (from + PAGE < run.rows.len()).then(|| (from + PAGE).to_string());
    let metadata = columns.iter().map(|(name, oid)| {
        ColumnMetadata::builder().name(name).label(name).type_name(type_name(*oid)).nullable(1).build()
    });
    let built = op::get_statement_result::GetStatementResultOutput::builder()
        .set_records(Some(records.collect()))
        .set_column_metadata(Some(metadata.collect()))
        .total_num_rows(i64::try_from(run.rows.len()).unwrap_or(i64::MAX))
        .set_next_token(next)
        .build();
    built.map_err(|e| refuse(invalid(&e.to_string())))
}

/// Redshift's name for the PostgreSQL type; what only PostgreSQL has is text there.
const fn type_name(oid: u32) -> &'static str {
    match oid {
        16 => "bool",
        20 => "int8",
        21 => "int2",
        23 => "int4",
        26 => "oid",
        114 | 3802 => "super",
        700 => "float4",
        701 => "float8",
        1042 => "bpchar",
        1082 => "date",
        1083 => "time",
        1114 => "timestamp",
        1184 => "timestamptz",
        1700 => "numeric",
        _ => "varchar",
    }
}

fn field(cell: Option<&str>, oid: u32) -> Field {
    let Some(text) = cell else { return Field::IsNull(true) };
    match oid {
        16 => Field::BooleanValue(text == "t"),
        20 | 21 | 23 | 26 => {
            text.parse().map_or_else(|_| Field::StringValue(text.to_owned()), Field::LongValue)
        }
        700 | 701 => text.parse().map_or_else(|_| Field::StringValue(text.to_owned()), Field::DoubleValue),
        _ => Field::StringValue(text.to_owned()),
    }
}
