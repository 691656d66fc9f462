//! The key browser: `BROWSE [pattern] [COUNT n]` walks by SCAN over every primary, never by KEYS, and
//! tells each key's type, time to live and memory.

use super::cluster::Nodes;
use super::resp::{Reply, push};
use crate::model::{Column, Failure, FailureKind, SafeText, Tag};
use crate::query::dialect::redis::browse_parts;
use crate::query::dialect::redis::inline::Arg;
use crate::query::engines::intake::Intake;
use crate::query::engines::redis::shape::value_of;

/// Keys that are shown when no number is given.
const USUAL: u64 = 1_000;
/// Keys that one step of the walk looks at.
const STEP: &str = "500";
/// Steps without an end that are taken at most: a server that never ends its walk.
const STEPS: u32 = 1_000_000;

/// Walks, and takes a row for each key.
///
/// # Errors
/// Those of the nodes.
pub async fn run(nodes: &mut Nodes, args: &[Arg], intake: &mut Intake<'_>) -> Result<Vec<SafeText>, Failure> {
    let (pattern, most) = browse_parts(args).unwrap_or_default();
    let pattern = pattern.map_or_else(|| b"*".to_vec(), |p| p.bytes.clone());
    let most = most.unwrap_or(USUAL);
    let column = |name: &str, tag| Column { name: name.into(), type_name: "".into(), tag };
    intake.columns(vec![
        column("key", Tag::Text),
        column("type", Tag::Text),
        column("ttl_ms", Tag::Number),
        column("bytes", Tag::Number),
    ]);
    let mut looked = 0_u64;
    for node in nodes.primaries() {
        let mut cursor = b"0".to_vec();
        for _ in 0..STEPS {
            let scan: [&[u8]; 6] = [b"SCAN", &cursor, b"MATCH", &pattern, b"COUNT", STEP.as_bytes()];
            let step = nodes.own(&node, &scan).await?;
            let [Reply::Text(next), Reply::List(keys)] = step.list() else { return Err(refused(&step)) };
            looked += 1;
            let keys: Vec<Vec<u8>> = keys
                .iter()
                .filter_map(|k| if let Reply::Text(key) = k { Some(key.clone()) } else { None })
                .collect();
            let facts = facts(nodes, &node, &keys).await?;
            for (key, facts) in keys.iter().zip(facts.chunks(3)) {
                if intake.rows >= most {
                    return Ok(vec![
                        format!("the first {most} keys; BROWSE pattern COUNT n shows more").into(),
                    ]);
                }
                if !intake.admit(key.len()) {
                    return Ok(Vec::new());
                }
                let name = Reply::Text(key.clone());
                let (tag, raw) = value_of(&name);
                intake.value(tag, &raw);
                for (n, fact) in facts.iter().enumerate() {
                    match fact {
                        // Without expiry, or gone meanwhile.
                        Reply::Int(..0) => intake.value(Tag::Null, b""),
                        // One that may not be asked for says nothing.
                        Reply::Error(_) => intake.value(Tag::Absent, b""),
                        fact => {
                            let (tag, raw) = value_of(fact);
                            intake.value(if n == 0 { Tag::Text } else { tag }, &raw);
                        }
                    }
                }
                intake.end_row()?;
            }
            intake.publish();
            if next == b"0" {
                break;
            }
            cursor.clone_from(next);
        }
    }
    Ok(vec![format!("walked by SCAN in {looked} steps").into()])
}

/// Type, time to live and memory of each key, in one go.
async fn facts(nodes: &mut Nodes, node: &super::Node, keys: &[Vec<u8>]) -> Result<Vec<Reply>, Failure> {
    let mut commands = Vec::new();
    for key in keys {
        push::<&[u8]>(&mut commands, &[b"TYPE", key]);
        push::<&[u8]>(&mut commands, &[b"PTTL", key]);
        push::<&[u8]>(&mut commands, &[b"MEMORY", b"USAGE", key]);
    }
    if keys.is_empty() { Ok(Vec::new()) } else { nodes.pipeline(node, &commands, 3 * keys.len()).await }
}

fn refused(step: &Reply) -> Failure {
    match step {
        Reply::Error(error) => Failure::new(FailureKind::Rejected, "walk over the keys", error)
            .hint("SCAN must be allowed to the user"),
        _ => Failure::new(
            FailureKind::Garbled,
            "walk over the keys",
            "the server answered SCAN with something else",
        ),
    }
}
