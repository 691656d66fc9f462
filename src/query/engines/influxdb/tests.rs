//! InfluxDB's answers as rows.

use super::answer;
use crate::model::{Column, Failure, FailureKind, Tag};
use crate::query::graph::{Cell, Take};

#[derive(Default)]
struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<(Tag, String)>>,
}

impl Take for Rows {
    fn columns(&mut self, columns: &[Column]) {
        self.columns = columns.iter().map(|c| c.name.to_string()).collect();
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<bool, Failure> {
        self.rows.push(cells.iter().map(|(tag, text)| (*tag, text.to_string())).collect());
        Ok(true)
    }
}

impl Rows {
    fn texts(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }
}

#[test]
fn series_become_rows_with_their_tags() {
    let body = r#"{"results":[{"statement_id":0,"series":[
        {"name":"cpu","tags":{"host":"a"},"columns":["time","mean"],"values":[["2026-11-21T12:00:00Z",0.10],["2026-11-21T12:01:00Z",null]]},
        {"name":"cpu","tags":{"host":"b"},"columns":["time","mean"],"values":[["2026-11-21T12:00:00Z",12345678901234567890.5]],"partial":true}],
        "messages":[{"level":"warning","text":"old"}],"partial":true}]}"#;
    let (mut rows, mut notes) = (Rows::default(), Vec::new());
    answer::influxql(body, &mut rows, &mut notes).expect("rows");
    assert_eq!(rows.columns, ["name", "host", "time", "mean"]);
    assert_eq!(rows.texts()[0], ["cpu", "a", "2026-11-21T12:00:00Z", "0.10"]);
    assert_eq!(rows.rows[0][2].0, Tag::Time);
    assert_eq!(rows.rows[1][3], (Tag::Null, String::new()));
    assert_eq!(rows.texts()[2][3], "12345678901234567890.5", "the server's own digits");
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn an_error_beside_status_200_is_one() {
    let body = r#"{"results":[{"statement_id":0,"error":"database not found: x"}]}"#;
    let failed = answer::influxql(body, &mut Rows::default(), &mut Vec::new()).expect_err("an error");
    assert_eq!((failed.kind, failed.because.as_str()), (FailureKind::Rejected, "database not found: x"));
    for (status, kind) in
        [(401, FailureKind::Denied), (400, FailureKind::Rejected), (503, FailureKind::Unreachable)]
    {
        let failed = answer::rejected("query x", status, br#"{"code":"invalid","message":"no\u001b[2J"}"#);
        assert_eq!(failed.kind, kind);
        assert!(!failed.because.as_str().contains('\u{1b}'));
    }
    let nobody = answer::rejected("query x", 404, b"<html>");
    assert!(nobody.because.as_str().contains("HTTP 404: <html>"));
}

#[test]
fn annotated_csv_is_read_table_by_table() {
    let body = "#datatype,string,long,dateTime:RFC3339,double,string\r\n#group,false,false,false,false,true\r\n#default,_result,,,,\r\n,result,table,_time,_value,host\r\n,,0,2026-11-21T12:00:00Z,1.5,a\r\n,,0,2026-11-21T12:01:00Z,,\"b,\"\"c\"\r\n\r\n#datatype,string,long,boolean\r\n#group,false,false,false\r\n#default,_result,,\r\n,result,table,ok\r\n,,1,true\r\n";
    let mut rows = Rows::default();
    answer::flux(body, &mut rows).expect("rows");
    assert_eq!(rows.columns, ["result", "table", "_time", "_value", "host", "ok"]);
    assert_eq!(rows.texts()[0], ["_result", "0", "2026-11-21T12:00:00Z", "1.5", "a"]);
    assert_eq!(rows.rows[1][3].0, Tag::Null);
    assert_eq!(rows.texts()[1][4], "b,\"c");
    assert_eq!(rows.rows[2][5], (Tag::Bool, "true".to_owned()));
    assert_eq!(rows.rows[2][2].0, Tag::Absent);
    let error = "#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,bucket not found,897\r\n";
    let failed = answer::flux(error, &mut Rows::default()).expect_err("an error");
    assert_eq!(failed.because.as_str(), "bucket not found");
}

#[test]
fn json_lines_are_rows() {
    let body = "{\"room\":\"Kitchen\",\"temp\":21.0,\"time\":\"2026-11-21T12:00:00\"}\n{\"room\":null,\"temp\":1,\"time\":\"x\",\"more\":[1,\"a\"]}\n";
    let mut rows = Rows::default();
    answer::lines(body, &mut rows).expect("rows");
    assert_eq!(rows.columns, ["room", "temp", "time", "more"]);
    assert_eq!(rows.rows[0][2].0, Tag::Time);
    assert_eq!(rows.rows[1][3], (Tag::Json, "[1,\"a\"]".to_owned()));
    assert!(answer::lines("[1]", &mut Rows::default()).is_err());
}

#[test]
fn organisations_are_named() {
    assert_eq!(answer::organisations(br#"{"orgs":[{"id":"1","name":"acme"}]}"#), ["acme"]);
    assert!(answer::organisations(b"nothing").is_empty());
}
