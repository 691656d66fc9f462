//! DynamoDB in the process: dynoxide, one in-memory database per region.
//!
//! Only calls on items and statements come here; tables as the control plane shows them are
//! the estate's own. A region's database opens and fills when it is first asked, and a table
//! of a scaled estate when it is first named, so that an estate of any size starts at once.

use super::seeds::{self, TableSeed};
use crate::demo::ACCOUNT;
use dynoxide::{Database, DynoxideError, ImportOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Prefix of `X-Amz-Target` before the operation's name.
const TARGET_PREFIX: &str = "DynamoDB_20120810.";

/// Where dynoxide says its tables live; its answers are rewritten to the estate's place.
const ARN_OF_ENGINE: &str = ":dynamodb:dynoxide:000000000000:";

/// The tables of one region, opened when first needed.
pub struct Tables {
    region: String,
    open: Mutex<Option<Opened>>,
}

struct Opened {
    database: Database,
    filled: HashSet<String>,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Tables {
    /// The tables of `region`, not yet open.
    pub fn new(region: impl Into<String>) -> Self {
        Self { region: region.into(), open: Mutex::new(None) }
    }

    /// Answers one serialised JSON request: HTTP status and body, as DynamoDB would.
    /// `seeds` are the tables that exist now; those that `body` names are filled first.
    pub fn answer(&self, target: &str, body: &[u8], seeds: &[TableSeed]) -> (u16, Vec<u8>) {
        match self.try_answer(target, body, seeds) {
            Ok(json) => (200, self.at_home(&json).into_bytes()),
            Err(e) => (e.status_code(), self.at_home(&e.to_json()).into_bytes()),
        }
    }

    /// Forgets a table and its items.
    pub fn drop_table(&self, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = open.as_mut()
            && opened.filled.remove(name)
        {
            let body = serde_json::json!({ "TableName": name }).to_string();
            // A table that is gone already is what was asked for.
            let _ = dispatch(&opened.database, "DeleteTable", body.as_bytes());
        }
    }

    fn try_answer(&self, target: &str, body: &[u8], seeds: &[TableSeed]) -> dynoxide::Result<String> {
        let operation = target.strip_prefix(TARGET_PREFIX).unwrap_or(target);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = match open.as_mut() {
            Some(opened) => opened,
            None => open.insert(Opened { database: Database::memory()?, filled: HashSet::new() }),
        };
        let text = String::from_utf8_lossy(body);
        for seed in seeds {
            if text.contains(&*seed.name) && !opened.filled.contains(&*seed.name) {
                fill(&opened.database, seed)?;
                opened.filled.insert(seed.name.to_string());
            }
        }
        let database = opened.database.clone();
        // The database has its own lock: a slow scan must not hold ours.
        drop(open);
        dispatch(&database, operation, body)
    }

    /// ARNs in an answer, moved from dynoxide's region and account to the estate's.
    fn at_home(&self, json: &str) -> String {
        json.replace(ARN_OF_ENGINE, &format!(":dynamodb:{}:{ACCOUNT}:", self.region))
    }
}

/// Makes the table of `seed` and puts its items in.
fn fill(database: &Database, seed: &TableSeed) -> dynoxide::Result<()> {
    dispatch(database, "CreateTable", seed.definition().to_string().as_bytes())?;
    if let Some(attribute) = seed.ttl {
        let body = serde_json::json!({
            "TableName": &*seed.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        dispatch(database, "UpdateTimeToLive", body.to_string().as_bytes())?;
    }
    let items = seeds::items(seed).into_iter().map(read_item).collect::<dynoxide::Result<Vec<_>>>()?;
    database.import_items(&seed.name, items, ImportOptions::default())?;
    Ok(())
}

fn read_item(item: serde_json::Value) -> dynoxide::Result<dynoxide::Item> {
    serde_json::from_value(item).map_err(|e| DynoxideError::SerializationException(e.to_string()))
}

fn call<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<String> {
    let bad = |e: serde_json::Error| DynoxideError::SerializationException(e.to_string());
    let answer = run(serde_json::from_slice(body).map_err(bad)?)?;
    serde_json::to_string(&answer).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}

fn dispatch(db: &Database, operation: &str, body: &[u8]) -> dynoxide::Result<String> {
    match operation {
        "CreateTable" => call(body, |q| db.create_table(q)),
        "DeleteTable" => call(body, |q| db.delete_table(q)),
        "UpdateTimeToLive" => call(body, |q| db.update_time_to_live(q)),
        "ExecuteStatement" => call(body, |q| db.execute_statement(q)),
        "BatchExecuteStatement" => call(body, |q| db.batch_execute_statement(q)),
        "ExecuteTransaction" => call(body, |q| db.execute_transaction(q)),
        "GetItem" => call(body, |q| db.get_item(q)),
        "BatchGetItem" => call(body, |q| db.batch_get_item(q)),
        "TransactGetItems" => call(body, |q| db.transact_get_items(q)),
        "Query" => call(body, |q| db.query(q)),
        "Scan" => call(body, |q| db.scan(q)),
        "PutItem" => call(body, |q| db.put_item(q)),
        "UpdateItem" => call(body, |q| db.update_item(q)),
        "DeleteItem" => call(body, |q| db.delete_item(q)),
        "BatchWriteItem" => call(body, |q| db.batch_write_item(q)),
        "TransactWriteItems" => call(body, |q| db.transact_write_items(q)),
        other => Err(DynoxideError::ValidationException(format!(
            "the demo estate does not answer {other}: its DynamoDB runs statements and item calls"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn run(tables: &Tables, seeds: &[TableSeed], operation: &str, body: &Value) -> (u16, Value) {
        let (status, bytes) =
            tables.answer(&format!("{TARGET_PREFIX}{operation}"), body.to_string().as_bytes(), seeds);
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn a_users_features_come_back_with_the_units_they_cost() {
        let tables = Tables::new("eu-west-1");
        let seeds = seeds::of_region("eu-west-1");
        let (status, body) = run(
            &tables,
            &seeds,
            "ExecuteStatement",
            &json!({ "Statement": "select * from \"ml-features\" where user_id = 'u-1'",
                     "ReturnConsumedCapacity": "TOTAL" }),
        );
        assert_eq!(status, 200, "{body}");
        let items = body["Items"].as_array().unwrap();
        assert!(items.len() >= 5, "{body}");
        assert!(items.iter().all(|i| i["user_id"]["S"] == "u-1"));
        assert!(items.iter().any(|i| i["value"].get("L").is_some()), "a list: {body}");
        assert!(items.iter().any(|i| i["value"].get("M").is_some()), "a map: {body}");
        assert!(items.iter().any(|i| i["value"].get("SS").is_some()), "a set: {body}");
        assert!(body["ConsumedCapacity"]["CapacityUnits"].as_f64().unwrap() > 0.0);
    }

    #[test]
    fn an_index_can_be_asked_and_a_page_carries_its_token() {
        let tables = Tables::new("eu-west-1");
        let seeds = seeds::of_region("eu-west-1");
        let (status, body) = run(
            &tables,
            &seeds,
            "ExecuteStatement",
            &json!({ "Statement": "select user_id, feature_name from \"ml-features\".\"by-feature\" \
                                   where feature_name = 'sessions_7d'", "Limit": 3 }),
        );
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["Items"].as_array().unwrap().len(), 3);
        assert!(body["NextToken"].is_string());
    }

    #[test]
    fn every_table_of_every_region_takes_its_seed() {
        for region in crate::demo::REGIONS {
            let tables = Tables::new(region);
            let seeds = seeds::of_region(region);
            for seed in &seeds {
                let (status, body) =
                    run(&tables, &seeds, "Scan", &json!({ "TableName": &*seed.name, "Select": "COUNT" }));
                assert_eq!(status, 200, "{body}");
                assert_eq!(body["Count"].as_u64().unwrap(), seed.count(), "{}", seed.name);
            }
        }
    }

    #[test]
    fn a_dropped_table_is_not_found() {
        let tables = Tables::new("eu-west-1");
        let seeds = seeds::of_region("eu-west-1");
        let scan = json!({ "TableName": "sessions" });
        assert_eq!(run(&tables, &seeds, "Scan", &scan).0, 200);
        tables.drop_table("sessions");
        let left: Vec<_> = seeds.into_iter().filter(|s| &*s.name != "sessions").collect();
        let (status, body) = run(&tables, &left, "Scan", &scan);
        assert_eq!(status, 400);
        assert!(body["__type"].as_str().unwrap().ends_with("ResourceNotFoundException"), "{body}");
    }
}
