//! The statement inside a call: which typed inputs of the SDK carry one, and in which language.

use super::intercept::Purpose;
use crate::model::DialectId;
use aws_sdk_dynamodb::operation::execute_statement::ExecuteStatementInput as PartiQl;
use aws_sdk_neptunedata::operation::execute_gremlin_profile_query::ExecuteGremlinProfileQueryInput as GremlinProfile;
use aws_sdk_neptunedata::operation::execute_gremlin_query::ExecuteGremlinQueryInput as Gremlin;
use aws_sdk_neptunedata::operation::execute_open_cypher_explain_query::ExecuteOpenCypherExplainQueryInput as CypherExplain;
use aws_sdk_neptunedata::operation::execute_open_cypher_query::ExecuteOpenCypherQueryInput as Cypher;
use aws_sdk_neptunegraph::operation::execute_query::ExecuteQueryInput as Analytics;
use aws_sdk_rdsdata::operation::execute_statement::ExecuteStatementInput as RdsData;
use aws_sdk_redshiftdata::operation::execute_statement::ExecuteStatementInput as RedshiftData;
use aws_sdk_timestreamquery::operation::query::QueryInput as Timestream;
use aws_smithy_runtime_api::client::interceptors::context::Input;

/// The one statement that the RDS Data API engine sends on its own, to arm its transaction.
pub const READ_ONLY_WRAPPER: &str = "SET TRANSACTION READ ONLY";

/// What the Redshift Data API engine sends on its own around a statement, in one session.
pub const REDSHIFT_WRAPPERS: &[&str] = &["BEGIN READ ONLY", "ROLLBACK"];

/// A statement as a call carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried<'a> {
    /// Its text; empty when the call has none.
    pub text: &'a str,
    /// Its language, when the call itself says which; else that of the client's purpose.
    pub language: Option<DialectId>,
    /// Which API carries it.
    pub by: Carrier,
}

/// An API that carries statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// `dynamodb:ExecuteStatement`.
    DynamoDb,
    /// `rds-data:ExecuteStatement`.
    RdsData,
    /// `redshift-data:ExecuteStatement`.
    RedshiftData,
    /// `neptunedata:Execute*`.
    Neptune,
    /// `neptune-graph:ExecuteQuery`.
    NeptuneAnalytics,
    /// `timestream-query:Query`.
    Timestream,
}

/// The statement inside `input`; `None` when it is no call that is known to carry one alone.
pub fn carried(input: &Input) -> Option<Carried<'_>> {
    if let Some(i) = input.downcast_ref::<PartiQl>() {
        return Some(of(i.statement(), Some(DialectId::PartiQl), Carrier::DynamoDb));
    }
    if let Some(i) = input.downcast_ref::<RdsData>() {
        return Some(of(i.sql(), None, Carrier::RdsData));
    }
    if let Some(i) = input.downcast_ref::<RedshiftData>() {
        return Some(of(i.sql(), Some(DialectId::Redshift), Carrier::RedshiftData));
    }
    if let Some(i) = input.downcast_ref::<Analytics>() {
        return Some(of(i.query_string(), Some(DialectId::OpenCypher), Carrier::NeptuneAnalytics));
    }
    if let Some(i) = input.downcast_ref::<Timestream>() {
        return Some(of(i.query_string(), Some(DialectId::Timestream), Carrier::Timestream));
    }
    graph(input)
}

fn graph(input: &Input) -> Option<Carried<'_>> {
    let (text, language) = if let Some(i) = input.downcast_ref::<Gremlin>() {
        (i.gremlin_query(), DialectId::Gremlin)
    } else if let Some(i) = input.downcast_ref::<GremlinProfile>() {
        (i.gremlin_query(), DialectId::Gremlin)
    } else if let Some(i) = input.downcast_ref::<Cypher>() {
        (i.open_cypher_query(), DialectId::OpenCypher)
    } else {
        (input.downcast_ref::<CypherExplain>()?.open_cypher_query(), DialectId::OpenCypher)
    };
    Some(of(text, Some(language), Carrier::Neptune))
}

fn of(text: Option<&str>, language: Option<DialectId>, by: Carrier) -> Carried<'_> {
    Carried { text: text.unwrap_or_default(), language, by }
}

/// Whether the engine of this carrier sends `carried` on its own, around a judged statement.
pub fn is_wrapper(carried: &Carried<'_>, purpose: Purpose) -> bool {
    matches!(purpose, Purpose::DataApi(_))
        && match carried.by {
            Carrier::RdsData => carried.text == READ_ONLY_WRAPPER,
            Carrier::RedshiftData => REDSHIFT_WRAPPERS.contains(&carried.text),
            _ => false,
        }
}
