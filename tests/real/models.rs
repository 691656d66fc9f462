//! The endpoint made of AWS's own models: its log of calls, and what it holds against a request.

use std::time::Duration;

use aws_credential_types::Credentials;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::servers;

/// One call as the model server saw it.
#[derive(Debug, Deserialize)]
pub struct Call {
    /// The service, by botocore's name; nothing when it could not be told.
    pub service: Option<String>,
    /// The operation.
    pub operation: Option<String>,
    /// The wire protocol.
    pub protocol: Option<String>,
    /// Whether the request was one that AWS's model allows.
    pub valid: bool,
    /// Why not.
    pub why: String,
    /// `output`, or the name of the fault that came instead.
    pub answered: String,
}

/// The calls made so far at `url`, one of [`servers::model`] and [`servers::hostile`].
pub async fn calls(url: &str) -> Vec<Call> {
    let (address, path) = url.trim_start_matches("http://").split_once('/').expect("a URL with a path");
    let mut stream = TcpStream::connect(address).await.expect("the model server listens");
    let request = format!("GET /{path}/_model/calls HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut answer = String::new();
    let reading = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(30), reading).await.expect("in time").expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    serde_json::from_str(body).expect("a log of calls")
}

fn cloudwatch(url: &str) -> aws_sdk_cloudwatch::Client {
    let config = aws_sdk_cloudwatch::Config::builder()
        .behavior_version(aws_sdk_cloudwatch::config::BehaviorVersion::latest())
        .region(aws_sdk_cloudwatch::config::Region::new(servers::REGION))
        .retry_config(aws_sdk_cloudwatch::config::retry::RetryConfig::disabled())
        .credentials_provider(Credentials::new("123456789012", "test", None, None, "test"))
        .endpoint_url(url);
    aws_sdk_cloudwatch::Client::from_conf(config.build())
}

#[tokio::test]
async fn a_request_is_judged_by_the_services_model() {
    let url = servers::model(900_001);
    let client = cloudwatch(&url);
    let page =
        client.list_metrics().namespace("AWS/RDS").send().await.expect("an answer in the SDK's protocol");
    assert!(!page.metrics().is_empty());
    // The model asks for at least one character.
    client.list_metrics().namespace("").send().await.expect("it is answered all the same");
    let calls = calls(&url).await;
    let valid: Vec<bool> = calls.iter().map(|call| call.valid).collect();
    assert_eq!(valid, [true, false], "{calls:?}");
    assert_eq!(calls[0].service.as_deref(), Some("cloudwatch"));
    assert_eq!(calls[0].operation.as_deref(), Some("ListMetrics"));
    assert_eq!(calls[0].protocol.as_deref(), Some("smithy-rpc-v2-cbor"));
    assert!(calls[1].why.contains("amespace"), "{}", calls[1].why);
}

#[tokio::test]
async fn a_hostile_seed_answers_the_same_each_time_and_seeds_differ() {
    let mut seen = Vec::new();
    for seed in [900_001, 900_002, 900_003, 900_004, 900_005, 900_006] {
        let url = servers::hostile(seed);
        let mut answers = Vec::new();
        for _ in 0..2 {
            let answer = cloudwatch(&url).list_metrics().send().await;
            answers.push(answer.map(|page| format!("{page:?}")).map_err(|_| "refused"));
        }
        assert_eq!(answers[0], answers[1], "seed {seed}");
        seen.push(answers.remove(0));
        let told = calls(&url).await;
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].answered, told[1].answered);
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() > 3, "{seen:?}");
}
