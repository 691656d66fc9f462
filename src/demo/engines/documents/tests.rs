//! The demo's document engine: what it answers is right, what it does not know it refuses.

use super::*;
use crate::guard::{Access, clear};
use crate::model::{DialectId, Moment};
use crate::query::store::store;

/// The rows of a statement on the catalogue, as text, under their columns' names.
fn asked(database: &'static str, text: &str) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let store_of = if database == CARDS { CARDS_STORE.clone() } else { CATALOGUE_STORE.clone() };
    let doing = "query".to_owned();
    let mut session = DemoSession { store: store_of, database: database.to_owned(), replica: true, doing };
    let statement = Statement { text: text.into(), dialect: DialectId::MongoDb };
    let cleared = clear(&Access::read_only(), Moment::default(), statement)?;
    let (writer, reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    session.answer(&cleared, Limits::default(), &mut sink)?;
    let columns = reader.columns().iter().map(|c| c.name.to_string()).collect();
    let row = |at| {
        let mut row = Vec::new();
        reader.row(at, |_, value| row.push(String::from_utf8_lossy(value.raw).into_owned()));
        row
    };
    Ok((columns, (0..reader.rows()).map(row).collect()))
}

fn rows(text: &str) -> Vec<Vec<String>> {
    asked(CATALOGUE, text).unwrap_or_else(|e| panic!("{text}: {e}")).1
}

fn count(text: &str) -> usize {
    rows(text)[0][0].parse().unwrap()
}

#[test]
fn finding_and_counting_agree() {
    let all = count("db.products.countDocuments()");
    assert_eq!(all, 320);
    assert_eq!(rows("db.products.find()").len(), all);
    for (query, other) in [
        ("{category: 'coffee'}", "{category: {$ne: 'coffee'}}"),
        ("{price: {$gte: 100}}", "{price: {$lt: 100}}"),
        ("{tags: 'sale'}", "{tags: {$nin: ['sale']}}"),
        ("{name: /boot$/}", "{name: {$not: /boot$/}}"),
        ("{'stock.warehouse': 'lisbon'}", "{'stock.warehouse': {$ne: 'lisbon'}}"),
        ("{discontinued: {$exists: true}}", "{discontinued: {$exists: false}}"),
        ("{$or: [{active: false}, {sold: {$lt: 10000}}]}", "{$nor: [{active: false}, {sold: {$lt: 10000}}]}"),
        (
            "{stock: {$elemMatch: {warehouse: 'dublin', quantity: {$gt: 40}}}}",
            "{stock: {$not: {$elemMatch: {warehouse: 'dublin', quantity: {$gt: 40}}}}}",
        ),
        ("{tags: {$size: 2}}", "{$expr: {$ne: [{$size: '$tags'}, 2]}}"),
        ("{'details.frame.material': 'steel'}", "{'details.frame.material': {$ne: 'steel'}}"),
    ] {
        let (a, b) = (
            count(&format!("db.products.countDocuments({query})")),
            count(&format!("db.products.find({other}).count()")),
        );
        assert!(a > 0 && b > 0 && a + b == all, "{query}: {a} and {b}");
        let grouped = format!(
            "db.products.aggregate([{{$match: {query}}}, {{$group: {{_id: null, n: {{$sum: 1}}}}}}])"
        );
        assert_eq!(rows(&grouped)[0], ["", &a.to_string()]);
    }
    assert_eq!(count("db.nothing.countDocuments()"), 0);
}

#[test]
fn rows_come_in_the_order_and_the_shape_asked_for() {
    let (columns, found) = asked(
        CATALOGUE,
        "db.products.find({}, {_id: 0, sku: 1, price: 1}).sort({price: -1, sku: 1}).skip(2).limit(5)",
    )
    .unwrap();
    assert_eq!((columns, found.len()), (vec!["sku".to_owned(), "price".to_owned()], 5));
    let prices: Vec<f64> = found.iter().map(|r| r[1].parse().unwrap()).collect();
    assert!(prices.is_sorted_by(|a, b| a >= b), "{prices:?}");
    let (columns, found) =
        asked(CATALOGUE, "db.products.findOne({}, {'details.weight_g': 0, stock: 0})").unwrap();
    assert!(found.len() == 1 && columns[0] == "_id" && !columns.contains(&"stock".to_owned()), "{columns:?}");
    let nested =
        rows("db.products.find({category: 'bikes'}, {_id: 0, 'details.frame.material': 1}).limit(1)");
    assert!(nested[0][0].starts_with(r#"{"frame":{"material":""#), "{nested:?}");
    let distinct = rows("db.products.distinct('category')");
    assert_eq!(distinct, [["bikes"], ["books"], ["coffee"], ["lamps"], ["shoes"]]);
}

#[test]
fn aggregations_run_stage_by_stage() {
    let by = rows(
        "db.reviews.aggregate([{$group: {_id: '$stars', n: {$sum: 1}, mean: {$avg: '$helpful'}, names: {$addToSet: '$by.name'}}}, {$sort: {_id: 1}}])",
    );
    assert_eq!(by.len(), 5);
    assert_eq!(by.iter().map(|r| r[1].parse::<usize>().unwrap()).sum::<usize>(), 900);
    let units = rows(
        "db.products.aggregate([{$unwind: '$stock'}, {$group: {_id: '$stock.warehouse', units: {$sum: '$stock.quantity'}}}, {$sort: {units: -1}}])",
    );
    assert_eq!(units.len(), 3);
    let best = rows(
        "db.reviews.aggregate([{$match: {stars: {$gte: 4}}}, {$sortByCount: '$sku'}, {$limit: 3}, \
         {$lookup: {from: 'products', localField: '_id', foreignField: 'sku', as: 'what'}}, \
         {$project: {_id: 1, count: 1, name: {$arrayElemAt: ['$what.name', 0]}}}])",
    );
    assert!(best.len() == 3 && best.iter().all(|r| r.len() == 3 && !r[2].is_empty()), "{best:?}");
    let made = rows(
        "db.products.aggregate([{$match: {sku: /-0001$/}}, {$project: {_id: 0, \
         twice: {$multiply: [{$add: [1, 2]}, 2]}, band: {$cond: [{$gt: ['$price', 0]}, 'some', 'none']}, \
         year: {$year: '$added'}, day: {$dateToString: {date: '$added', format: '%Y'}}, \
         up: {$toUpper: {$concat: ['a', '-', 'b']}}, cheap: {$lt: ['$price', 0]}, \
         none: {$ifNull: ['$nothing', 'x']}, many: {$size: '$tags'}}}])",
    );
    assert_eq!((made[0][0].as_str(), made[0][1].as_str(), made[0][4].as_str()), ("6", "some", "A-B"));
    assert_eq!(made[0][2], made[0][3]);
    assert_eq!((made[0][5].as_str(), made[0][6].as_str()), ("false", "x"));
    let facets = rows(
        "db.products.aggregate([{$facet: {n: [{$count: 'n'}], top: [{$sort: {sold: -1}}, {$limit: 1}, {$project: {_id: 0, sku: 1}}]}}])",
    );
    assert_eq!(facets[0][0], r#"[{"n":320}]"#);
}

#[test]
fn what_there_is_is_told() {
    assert_eq!(rows("show dbs")[0][0], "catalogue");
    let names: Vec<String> = rows("show collections").into_iter().map(|r| r[0].clone()).collect();
    assert_eq!(names, ["brands", "products", "reviews"]);
    assert_eq!(rows("db.products.getIndexes()").len(), 3);
    assert_eq!(asked(CARDS, "db.models.countDocuments()").unwrap().1, [["60"]]);
    let (columns, _) = asked(CATALOGUE, "db.products.stats()").unwrap();
    assert!(columns.contains(&"storageSize".to_owned()));
    let plan = rows("db.products.find({sku: 'x'}).explain()");
    assert!(plan[0][0].contains(r#""indexName":"sku_1""#), "{plan:?}");
    let plan = rows("db.products.aggregate([{$match: {price: 1}}]).explain('executionStats')");
    assert!(plan[0][0].contains("COLLSCAN") && plan[0][0].contains(r#""nReturned":0"#), "{plan:?}");
}

#[test]
fn what_is_not_known_is_refused() {
    for text in [
        "db.products.find({place: {$near: [1, 2]}})",
        "db.products.aggregate([{$bucketAuto: {groupBy: '$price', buckets: 3}}])",
        "db.products.aggregate([{$project: {a: {$sqrt: 'x'}}}])",
        "db.products.aggregate([{$project: {a: {$zip: {inputs: []}}}}])",
        "db.products.find().collation({locale: 'en'})",
        "db.products.find({name: {$regex: '(?=x)'}})",
        "db.serverStatus()",
        "db.products.aggregate([{$lookup: {from: 'brands', pipeline: [], as: 'x'}}])",
    ] {
        let failure = asked(CATALOGUE, text).expect_err(text);
        assert_eq!(failure.kind, FailureKind::Rejected, "{text}: {failure}");
    }
    let refused = asked(CATALOGUE, "db.products.drop()").unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
}
