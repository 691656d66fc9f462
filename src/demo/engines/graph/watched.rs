//! The store that grafeo reads, watched: every read is a step, and a query that was stopped, is
//! past its deadline or has taken all its steps ends at its next step.
//!
//! grafeo looks at its own deadline only between batches of rows, and a join can stay within one
//! batch for minutes. So the end comes from below: the step unwinds the query's thread. The thread
//! is the query's own and is watched only while it runs one.

use grafeo_common::types::{ArcStr, EdgeId, EpochId, NodeId, PropertyKey, TransactionId, Value};
use grafeo_common::utils::hash::FxHashMap;
use grafeo_core::Statistics;
use grafeo_core::graph::lpg::{CompareOp, Edge, Node};
use grafeo_core::graph::{Direction, GraphStore, GraphStoreSearch};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Steps between two looks at the clock.
const BETWEEN_LOOKS: usize = 512;

/// Steps of reading a whole element: it may stay in a row of the answer, and takes as much memory
/// as some properties do.
const ELEMENT: usize = 16;

/// Why a query was ended: what its thread unwinds with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody stopped it.
    Stopped,
    /// It was past its deadline.
    Late,
    /// It had taken all its steps.
    Greedy,
}

/// What ends a query.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Set to stop it.
    pub stop: Arc<AtomicBool>,
    /// When it is late.
    pub deadline: Instant,
    /// How many steps it may still take.
    pub steps: usize,
}

struct Watching {
    watch: Watch,
    until_look: usize,
}

thread_local! {
    static WATCHING: RefCell<Option<Watching>> = const { RefCell::new(None) };
}

/// Runs `query` on this thread under `watch`.
pub fn watched<T>(watch: Watch, query: impl FnOnce() -> T) -> Result<T, Ended> {
    WATCHING.set(Some(Watching { watch, until_look: 0 }));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(query));
    WATCHING.set(None);
    outcome.map_err(|payload| match payload.downcast_ref::<Ended>() {
        Some(ended) => *ended,
        // A panic of the engine's own.
        None => std::panic::resume_unwind(payload),
    })
}

/// Counts `reads` reads, and ends the query when it must not go on.
fn step(reads: usize) {
    let ended = WATCHING.with_borrow_mut(|watching| {
        let Watching { watch, until_look } = watching.as_mut()?;
        let Some(left) = watch.steps.checked_sub(reads) else { return Some(Ended::Greedy) };
        watch.steps = left;
        if let Some(left) = until_look.checked_sub(reads) {
            *until_look = left;
            return None;
        }
        *until_look = BETWEEN_LOOKS;
        if watch.stop.load(Ordering::Relaxed) {
            return Some(Ended::Stopped);
        }
        (Instant::now() >= watch.deadline).then_some(Ended::Late)
    });
    if let Some(ended) = ended {
        std::panic::resume_unwind(Box::new(ended));
    }
}

/// The store.
pub struct Watched(pub Arc<dyn GraphStoreSearch>);

impl GraphStore for Watched {
    fn get_node(&self, id: NodeId) -> Option<Node> {
        step(ELEMENT);
        self.0.get_node(id)
    }

    fn get_edge(&self, id: EdgeId) -> Option<Edge> {
        step(ELEMENT);
        self.0.get_edge(id)
    }

    fn get_node_versioned(&self, id: NodeId, epoch: EpochId, transaction_id: TransactionId) -> Option<Node> {
        step(ELEMENT);
        self.0.get_node_versioned(id, epoch, transaction_id)
    }

    fn get_edge_versioned(&self, id: EdgeId, epoch: EpochId, transaction_id: TransactionId) -> Option<Edge> {
        step(ELEMENT);
        self.0.get_edge_versioned(id, epoch, transaction_id)
    }

    fn get_node_at_epoch(&self, id: NodeId, epoch: EpochId) -> Option<Node> {
        step(ELEMENT);
        self.0.get_node_at_epoch(id, epoch)
    }

    fn get_edge_at_epoch(&self, id: EdgeId, epoch: EpochId) -> Option<Edge> {
        step(ELEMENT);
        self.0.get_edge_at_epoch(id, epoch)
    }

    fn get_node_property(&self, id: NodeId, key: &PropertyKey) -> Option<Value> {
        step(1);
        self.0.get_node_property(id, key)
    }

    fn get_edge_property(&self, id: EdgeId, key: &PropertyKey) -> Option<Value> {
        step(1);
        self.0.get_edge_property(id, key)
    }

    fn get_node_property_batch(&self, ids: &[NodeId], key: &PropertyKey) -> Vec<Option<Value>> {
        step(ids.len());
        self.0.get_node_property_batch(ids, key)
    }

    fn get_nodes_properties_batch(&self, ids: &[NodeId]) -> Vec<FxHashMap<PropertyKey, Value>> {
        step(ids.len());
        self.0.get_nodes_properties_batch(ids)
    }

    fn get_nodes_properties_selective_batch(
        &self,
        ids: &[NodeId],
        keys: &[PropertyKey],
    ) -> Vec<FxHashMap<PropertyKey, Value>> {
        step(ids.len());
        self.0.get_nodes_properties_selective_batch(ids, keys)
    }

    fn get_edges_properties_selective_batch(
        &self,
        ids: &[EdgeId],
        keys: &[PropertyKey],
    ) -> Vec<FxHashMap<PropertyKey, Value>> {
        step(ids.len());
        self.0.get_edges_properties_selective_batch(ids, keys)
    }

    fn neighbors(&self, node: NodeId, direction: Direction) -> Vec<NodeId> {
        step(1);
        self.0.neighbors(node, direction)
    }

    fn edges_from(&self, node: NodeId, direction: Direction) -> Vec<(NodeId, EdgeId)> {
        step(1);
        self.0.edges_from(node, direction)
    }

    fn out_degree(&self, node: NodeId) -> usize {
        step(1);
        self.0.out_degree(node)
    }

    fn in_degree(&self, node: NodeId) -> usize {
        step(1);
        self.0.in_degree(node)
    }

    fn has_backward_adjacency(&self) -> bool {
        step(1);
        self.0.has_backward_adjacency()
    }

    fn node_ids(&self) -> Vec<NodeId> {
        step(1);
        self.0.node_ids()
    }

    fn all_node_ids(&self) -> Vec<NodeId> {
        step(1);
        self.0.all_node_ids()
    }

    fn nodes_by_label(&self, label: &str) -> Vec<NodeId> {
        step(1);
        self.0.nodes_by_label(label)
    }

    fn nodes_by_label_count(&self, label: &str) -> usize {
        step(1);
        self.0.nodes_by_label_count(label)
    }

    fn node_count(&self) -> usize {
        step(1);
        self.0.node_count()
    }

    fn edge_count(&self) -> usize {
        step(1);
        self.0.edge_count()
    }

    fn edge_type(&self, id: EdgeId) -> Option<ArcStr> {
        step(1);
        self.0.edge_type(id)
    }

    fn edge_type_versioned(
        &self,
        id: EdgeId,
        epoch: EpochId,
        transaction_id: TransactionId,
    ) -> Option<ArcStr> {
        step(1);
        self.0.edge_type_versioned(id, epoch, transaction_id)
    }

    fn has_property_index(&self, property: &str) -> bool {
        step(1);
        self.0.has_property_index(property)
    }

    fn find_nodes_by_property(&self, property: &str, value: &Value) -> Vec<NodeId> {
        step(1);
        self.0.find_nodes_by_property(property, value)
    }

    fn find_nodes_by_properties(&self, conditions: &[(&str, Value)]) -> Vec<NodeId> {
        step(1);
        self.0.find_nodes_by_properties(conditions)
    }

    fn find_nodes_in_range(
        &self,
        property: &str,
        min: Option<&Value>,
        max: Option<&Value>,
        min_inclusive: bool,
        max_inclusive: bool,
    ) -> Vec<NodeId> {
        step(1);
        self.0.find_nodes_in_range(property, min, max, min_inclusive, max_inclusive)
    }

    fn node_property_might_match(&self, property: &PropertyKey, op: CompareOp, value: &Value) -> bool {
        step(1);
        self.0.node_property_might_match(property, op, value)
    }

    fn edge_property_might_match(&self, property: &PropertyKey, op: CompareOp, value: &Value) -> bool {
        step(1);
        self.0.edge_property_might_match(property, op, value)
    }

    fn statistics(&self) -> Arc<Statistics> {
        step(1);
        self.0.statistics()
    }

    fn estimate_label_cardinality(&self, label: &str) -> f64 {
        step(1);
        self.0.estimate_label_cardinality(label)
    }

    fn estimate_avg_degree(&self, edge_type: &str, outgoing: bool) -> f64 {
        step(1);
        self.0.estimate_avg_degree(edge_type, outgoing)
    }

    fn current_epoch(&self) -> EpochId {
        step(1);
        self.0.current_epoch()
    }

    fn all_labels(&self) -> Vec<String> {
        step(1);
        self.0.all_labels()
    }

    fn all_edge_types(&self) -> Vec<String> {
        step(1);
        self.0.all_edge_types()
    }

    fn all_property_keys(&self) -> Vec<String> {
        step(1);
        self.0.all_property_keys()
    }

    fn is_node_visible_at_epoch(&self, id: NodeId, epoch: EpochId) -> bool {
        step(1);
        self.0.is_node_visible_at_epoch(id, epoch)
    }

    fn is_node_visible_versioned(&self, id: NodeId, epoch: EpochId, transaction_id: TransactionId) -> bool {
        step(1);
        self.0.is_node_visible_versioned(id, epoch, transaction_id)
    }

    fn is_edge_visible_at_epoch(&self, id: EdgeId, epoch: EpochId) -> bool {
        step(1);
        self.0.is_edge_visible_at_epoch(id, epoch)
    }

    fn is_edge_visible_versioned(&self, id: EdgeId, epoch: EpochId, transaction_id: TransactionId) -> bool {
        step(1);
        self.0.is_edge_visible_versioned(id, epoch, transaction_id)
    }

    fn filter_visible_node_ids(&self, ids: &[NodeId], epoch: EpochId) -> Vec<NodeId> {
        step(ids.len());
        self.0.filter_visible_node_ids(ids, epoch)
    }

    fn filter_visible_node_ids_versioned(
        &self,
        ids: &[NodeId],
        epoch: EpochId,
        transaction_id: TransactionId,
    ) -> Vec<NodeId> {
        step(ids.len());
        self.0.filter_visible_node_ids_versioned(ids, epoch, transaction_id)
    }

    fn get_node_history(&self, id: NodeId) -> Vec<(EpochId, Option<EpochId>, Node)> {
        step(1);
        self.0.get_node_history(id)
    }

    fn get_edge_history(&self, id: EdgeId) -> Vec<(EpochId, Option<EpochId>, Edge)> {
        step(1);
        self.0.get_edge_history(id)
    }
}

impl GraphStoreSearch for Watched {
    fn find_nodes_in_range_iter<'a>(
        &'a self,
        property: &'a str,
        min: Option<&'a Value>,
        max: Option<&'a Value>,
        min_inclusive: bool,
        max_inclusive: bool,
    ) -> Box<dyn Iterator<Item = NodeId> + 'a> {
        step(1);
        self.0.find_nodes_in_range_iter(property, min, max, min_inclusive, max_inclusive)
    }
}
