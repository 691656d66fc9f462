//! `prove`: tries each layer of the guard and prints what it did.

use super::output::{self, Records};
use crate::cli::OutputFormat;
use crate::guard::proof;
use crate::model::Failure;

/// Tries the layers. Exit code 4 when one of them let something through.
pub async fn run(format: OutputFormat) -> Result<u8, Failure> {
    let layers = proof::prove().await?;
    let row = |layer: &proof::Layer| {
        vec![
            layer.name.into(),
            if layer.holds() { "holds" } else { "FAILS" }.into(),
            format!("{} of {}", layer.refused, layer.tried).into(),
            format!("{} of {}", layer.allowed, layer.reads).into(),
            layer.reached.into(),
            layer.refuses.into(),
        ]
    };
    let heads = vec!["layer", "verdict", "changes refused", "reads allowed", "connections", "refuses"];
    Records { heads, rows: layers.iter().map(row).collect() }.write(format)?;
    output::say(
        "dbdeck: the session layer is tried per connection: a query tab shows which locks its session has",
    );
    Ok(if layers.iter().all(proof::Layer::holds) { 0 } else { 4 })
}
