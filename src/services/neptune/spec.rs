//! What Neptune declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Neptune user guide, "Neptune CloudWatch metrics"; Neptune Analytics user guide,
//! "Monitoring with CloudWatch". Neptune publishes a metric only while it is not zero.

use crate::guard::raw::CANCEL_API;
use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};
use crate::services::rds::spec::{DELETE_FIELDS, DELETE_RECOVERY};

/// A DB cluster.
pub const CLUSTER: &str = "cluster";
/// A member: the writer or a reader.
pub const INSTANCE: &str = "instance";
/// A global database over clusters of several regions.
pub const GLOBAL: &str = "global";
/// A Neptune Analytics graph.
pub const GRAPH: &str = "graph";

const CLUSTERS: &[&str] = &[CLUSTER];
const INSTANCES: &[&str] = &[INSTANCE];
const GRAPHS: &[&str] = &[GRAPH];

/// Neptune.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("neptune"),
    title: "Neptune",
    short: &["nep"],
    kinds: &[
        KindSpec { id: CLUSTER, title: "DB clusters" },
        KindSpec { id: INSTANCE, title: "Cluster members" },
        KindSpec { id: GLOBAL, title: "Global databases" },
        KindSpec { id: GRAPH, title: "Analytics graphs" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeGlobalClusters",
        "rds:DescribeDBClusterEndpoints",
        "rds:DescribePendingMaintenanceActions",
        "rds:DescribeDBMajorEngineVersions",
        "rds:DescribeEvents",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "neptunedata:GetEngineStatus",
        "neptunedata:GetPropertygraphSummary",
        "neptunedata:GetRDFGraphSummary",
        "neptunedata:ListGremlinQueries",
        "neptunedata:ListOpenCypherQueries",
        "neptune-graph:ListGraphs",
        "neptune-graph:GetGraph",
        "neptune-graph:GetGraphSummary",
        "neptune-graph:ListGraphSnapshots",
        "neptune-graph:ListQueries",
        "neptune-graph:ListTagsForResource",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("engine", "ENGINE", 17, false, 1),
    column("role", "ROLE", 8, false, 0),
    column("class", "CLASS", 15, false, 2),
    column("ncu", "NCU RANGE", 9, false, 3),
    column("members", "MEMBERS", 7, true, 4),
    column("storage", "STORAGE", 9, false, 8),
    column("az", "AZ", 12, false, 7),
    column("iam", "IAM", 3, false, 5),
    column("maintenance", "MAINTENANCE", 12, false, 9),
    column("backups", "BACKUPS", 7, true, 10),
    column("encrypted", "ENCR", 4, false, 11),
    column("public", "PUBLIC", 6, false, 6),
    column("protected", "PROT", 4, false, 12),
];

const fn metric(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    column: bool,
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat,
        unit,
        column,
        ..MetricSpec::of("AWS/Neptune", &["DBInstanceIdentifier"], INSTANCES)
    }
}

const fn of_cluster(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    period_s: u32,
) -> MetricSpec {
    let metric = metric(id, title, name, stat, unit, false);
    MetricSpec { dimensions: &["DBClusterIdentifier"], kinds: CLUSTERS, period_s, ..metric }
}

const fn of_graph(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
) -> MetricSpec {
    let metric = metric(id, title, name, stat, unit, false);
    MetricSpec { dimensions: &["GraphIdentifier"], kinds: GRAPHS, ..metric }
}

use Stat::{Average, Maximum, Minimum, Sum};
use Unit::{Bytes, Count, CountPerSecond, Milliseconds, Percent};

static METRICS: &[MetricSpec] = &[
    metric("cpu", "CPU", "CPUUtilization", Average, Percent, true),
    metric("requests", "REQ/S", "TotalRequestsPerSec", Average, CountPerSecond, true),
    metric("pending", "QUEUE", "MainRequestQueuePendingRequests", Maximum, Count, true),
    metric("lag", "LAG", "ClusterReplicaLag", Maximum, Milliseconds, true),
    metric("free-memory", "Freeable memory", "FreeableMemory", Minimum, Bytes, false),
    metric("cache-hits", "Buffer cache hits", "BufferCacheHitRatio", Average, Percent, false),
    metric("client-errors", "Client errors", "TotalClientErrorsPerSec", Average, CountPerSecond, false),
    metric("server-errors", "Server errors", "TotalServerErrorsPerSec", Average, CountPerSecond, false),
    metric("gremlin", "Gremlin requests", "GremlinRequestsPerSec", Average, CountPerSecond, false),
    metric("opencypher", "openCypher requests", "OpenCypherRequestsPerSec", Average, CountPerSecond, false),
    metric("sparql", "SPARQL requests", "SparqlRequestsPerSec", Average, CountPerSecond, false),
    metric("loader", "Loader requests", "LoaderRequestsPerSec", Average, CountPerSecond, false),
    metric("websockets", "Gremlin sockets", "GremlinWebSocketOpenConnections", Sum, Count, false),
    metric("bolt", "Bolt connections", "OpenCypherBoltOpenConnections", Sum, Count, false),
    // For reads, "rolled back" is the normal end.
    metric("committed", "Transactions committed", "NumTxCommitted", Sum, Count, false),
    metric("rolled-back", "Transactions rolled back", "NumTxRolledBack", Sum, Count, false),
    metric("ncu", "NCU", "ServerlessDatabaseCapacity", Maximum, Count, false),
    metric("ncu-use", "NCU %", "NCUUtilization", Maximum, Percent, false),
    of_cluster("lag-max", "Largest replica lag", "ClusterReplicaLagMaximum", Maximum, Milliseconds, 60),
    of_cluster("undo-log", "Undo log", "UndoLogListSize", Maximum, Count, 60),
    of_cluster("cluster-ncu", "NCU, highest", "ServerlessDatabaseCapacity", Maximum, Count, 60),
    of_cluster("volume", "Volume used", "VolumeBytesUsed", Average, Bytes, 300),
    of_cluster("volume-left", "Volume left", "VolumeBytesLeftTotal", Average, Bytes, 300),
    of_cluster("volume-reads", "Volume reads", "VolumeReadIOPs", Sum, Count, 300),
    of_cluster("volume-writes", "Volume writes", "VolumeWriteIOPs", Sum, Count, 300),
    of_cluster("global-lag", "Global lag", "GlobalDbProgressLag", Maximum, Milliseconds, 60),
    of_graph("graph-cpu", "CPU", "CPUUtilization", Average, Percent),
    of_graph("graph-storage", "Storage in use", "GraphStorageUsagePercent", Maximum, Percent),
    of_graph("graph-size", "Graph size", "GraphSizeBytes", Average, Bytes),
    of_graph("graph-requests", "openCypher requests", "NumOpenCypherRequestsPerSec", Average, CountPerSecond),
    of_graph("graph-errors", "Client errors", "NumOpenCypherClientErrorsPerSec", Average, CountPerSecond),
    of_graph("graph-queued", "Queued requests", "NumQueuedRequestsPerSec", Average, CountPerSecond),
    of_graph("graph-edges", "Edges", "NumEdges", Average, Count),
    of_graph("graph-vectors", "Vectors", "NumVectors", Average, Count),
    of_graph("graph-vertex-properties", "Vertex properties", "NumVertexProperties", Average, Count),
    of_graph("graph-edge-properties", "Edge properties", "NumEdgeProperties", Average, Count),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        impact: Impact("writes stop until the chosen reader has become the writer, typically under a minute"),
        recovery: Recovery("fail over again, to the old writer"),
        fields: &[field("target", "New writer", FieldKind::Reader, false)],
        cli: "aws neptune failover-db-cluster --db-cluster-identifier {name} [--target-db-instance-identifier {target}]{?target}",
        ..OperationSpec::new("failover", "Fail over", CLUSTERS, "rds:FailoverDBCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("billing by the hour begins again for all members"),
        recovery: Recovery("stop it again"),
        cli: "aws neptune start-db-cluster --db-cluster-identifier {name}",
        ..OperationSpec::new("start", "Start cluster", CLUSTERS, "rds:StartDBCluster", Tier::Reversible)
    },
    OperationSpec {
        impact: Impact("all connections of all members end; it starts again by itself after seven days"),
        recovery: Recovery("start it again; endpoints and data stay"),
        cli: "aws neptune stop-db-cluster --db-cluster-identifier {name}",
        ..OperationSpec::new("stop", "Stop cluster", CLUSTERS, "rds:StopDBCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot identifier", FieldKind::Text, false)],
        cli: "aws neptune create-db-cluster-snapshot --db-cluster-identifier {name} --db-cluster-snapshot-identifier {snapshot}",
        ..OperationSpec::new(
            "snapshot",
            "Snapshot",
            CLUSTERS,
            "rds:CreateDBClusterSnapshot",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact(
            "serverless members scale within the new range at once; a lower ceiling may slow queries, and raising the floor costs more",
        ),
        recovery: Recovery("change it back to the range it has now, shown in the detail view"),
        fields: &[
            field("min-ncu", "Lowest NCU (1 to 128, in halves)", FieldKind::Text, true),
            field("max-ncu", "Highest NCU (2.5 to 128, in halves)", FieldKind::Text, true),
        ],
        cli: "aws neptune modify-db-cluster --db-cluster-identifier {name} --serverless-v2-scaling-configuration MinCapacity={min-ncu},MaxCapacity={max-ncu} --apply-immediately",
        ..OperationSpec::new(
            "ncu-range",
            "Change NCU range",
            CLUSTERS,
            "rds:ModifyDBCluster",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the cluster volume is gone; its members must be deleted first"),
        recovery: DELETE_RECOVERY,
        fields: DELETE_FIELDS,
        cli: "aws neptune delete-db-cluster --db-cluster-identifier {name} [--final-db-snapshot-identifier {final-snapshot}]{!skip-final-snapshot} [--skip-final-snapshot]{?skip-final-snapshot}",
        ..OperationSpec::new("delete", "Delete cluster", CLUSTERS, "rds:DeleteDBCluster", Tier::Loss)
    },
    OperationSpec {
        impact: Impact("connections to this member end; rebooting the writer restarts the readers too"),
        recovery: Recovery("none needed: it comes back by itself"),
        cli: "aws neptune reboot-db-instance --db-instance-identifier {name}",
        ..OperationSpec::new("reboot", "Reboot member", INSTANCES, "rds:RebootDBInstance", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact(
            "this member is gone; data stays in the cluster volume; deleting the writer fails over",
        ),
        recovery: Recovery("add an instance of the same class to the cluster"),
        cli: "aws neptune delete-db-instance --db-instance-identifier {name} --skip-final-snapshot",
        ..OperationSpec::new("delete-member", "Delete member", INSTANCES, "rds:DeleteDBInstance", Tier::Loss)
    },
    OperationSpec {
        impact: Impact("the query ends with an error for whoever runs it; the detail view lists the ids"),
        recovery: Recovery("run the query again"),
        fields: &[field("query", "Query id", FieldKind::Text, true)],
        cli: "aws neptunedata cancel-gremlin-query --query-id {query} --endpoint-url https://ENDPOINT:8182 # of {name}",
        ..OperationSpec::new(
            "cancel-gremlin",
            "Cancel a Gremlin query",
            INSTANCES,
            "neptunedata:CancelGremlinQuery",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the query ends with an error for whoever runs it; the detail view lists the ids"),
        recovery: Recovery("run the query again"),
        fields: &[field("query", "Query id", FieldKind::Text, true)],
        cli: "aws neptunedata cancel-open-cypher-query --query-id {query} --endpoint-url https://ENDPOINT:8182 # of {name}",
        ..OperationSpec::new(
            "cancel-opencypher",
            "Cancel an openCypher query",
            INSTANCES,
            "neptunedata:CancelOpenCypherQuery",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the query ends with an error for whoever runs it; the detail view lists the ids"),
        recovery: Recovery("run the query again"),
        fields: &[field("query", "Query id", FieldKind::Text, true)],
        // AWS's own tool has no command for it; this is the user guide's.
        cli: "curl https://ENDPOINT:8182/sparql/status -d cancelQuery -d queryId={query} # of {name}, signed for neptune-db where IAM is on",
        ..OperationSpec::new(
            "cancel-sparql",
            "Cancel a SPARQL query",
            INSTANCES,
            CANCEL_API,
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("billing for its full memory begins again"),
        recovery: Recovery("stop it again"),
        cli: "aws neptune-graph start-graph --graph-identifier {name}",
        ..OperationSpec::new(
            "start-graph",
            "Start graph",
            GRAPHS,
            "neptune-graph:StartGraph",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact("queries end and none are taken; a part of its memory's price is still billed"),
        recovery: Recovery("start it again; endpoint and data stay"),
        cli: "aws neptune-graph stop-graph --graph-identifier {name}",
        ..OperationSpec::new("stop-graph", "Stop graph", GRAPHS, "neptune-graph:StopGraph", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("none on readers; the graph takes no other change meanwhile, and storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot name", FieldKind::Text, false)],
        cli: "aws neptune-graph create-graph-snapshot --graph-identifier {name} --snapshot-name {snapshot}",
        ..OperationSpec::new(
            "snapshot-graph",
            "Snapshot graph",
            GRAPHS,
            "neptune-graph:CreateGraphSnapshot",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact(
            "the graph is away for minutes while it moves; too little memory for its data is rejected",
        ),
        recovery: Recovery("change it back to the memory it has now, shown in the detail view"),
        fields: &[field("memory", "Provisioned memory in m-NCU (16 to 24576)", FieldKind::Number, true)],
        cli: "aws neptune-graph update-graph --graph-identifier {name} --provisioned-memory {memory}",
        ..OperationSpec::new(
            "graph-memory",
            "Change memory",
            GRAPHS,
            "neptune-graph:UpdateGraph",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the graph is gone; Neptune keeps a final snapshot unless that is waived"),
        recovery: Recovery("restore the final snapshot, which is made by default, into a new graph"),
        fields: &[
            field("skip-snapshot", "Skip the final snapshot", FieldKind::Flag, false),
            field("skip-reason", "Why skip it", FieldKind::Text, false),
        ],
        cli: "aws neptune-graph delete-graph --graph-identifier {name} [--no-skip-snapshot]{!skip-snapshot} [--skip-snapshot]{?skip-snapshot}",
        ..OperationSpec::new("delete-graph", "Delete graph", GRAPHS, "neptune-graph:DeleteGraph", Tier::Loss)
    },
    OperationSpec {
        impact: Impact("the query ends with an error for whoever runs it; the detail view lists the ids"),
        recovery: Recovery("run the query again"),
        fields: &[field("query", "Query id", FieldKind::Text, true)],
        cli: "aws neptune-graph cancel-query --graph-identifier {name} --query-id {query}",
        ..OperationSpec::new(
            "cancel-query",
            "Cancel a query",
            GRAPHS,
            "neptune-graph:CancelQuery",
            Tier::Disruptive,
        )
    },
];
