//! Every flag and subcommand, as clap types.

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A terminal console for exploring and operating AWS databases.
///
/// Without a subcommand it opens the console. Try it without an account: `dbdeck --demo`.
#[derive(Debug, Parser)]
#[command(name = "dbdeck", version, max_term_width = 100)]
pub struct Cli {
    /// Flags that every front end takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do instead of opening the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every front end takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Profile of the shared AWS files; repeat it or give a comma list for several accounts
    #[arg(short, long, global = true, value_delimiter = ',', value_name = "NAME")]
    pub profile: Vec<String>,
    /// Region; repeat it or give a comma list for several
    #[arg(short, long, global = true, value_delimiter = ',', value_name = "REGION")]
    pub region: Vec<String>,
    /// Seal the session: nothing in this process can allow changes
    #[arg(
        long,
        visible_alias = "readonly",
        global = true,
        env = "DBDECK_READ_ONLY",
        value_parser = FalseyValueParser::new(),
        action = clap::ArgAction::SetTrue
    )]
    pub read_only: bool,
    /// The built-in estate: no account, no network
    #[arg(long, global = true)]
    pub demo: bool,
    /// How many resources the built-in estate has at least: the named ones are always there
    #[arg(long, global = true, value_name = "N", requires = "demo")]
    pub demo_size: Option<usize>,
    /// Send every AWS call to this URL instead (the SDK's AWS_ENDPOINT_URL_RDS and its like work too)
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// PEM file of further certificate authorities to trust (also AWS_CA_BUNDLE)
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// Configuration file instead of the user's
    #[arg(long, global = true, env = "DBDECK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Theme: dark, light, high-contrast, ansi16 or one of yours
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keymap: default, vim or one of yours
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Editor style of query tabs
    #[arg(long, global = true, value_name = "STYLE")]
    pub editor: Option<Editor>,
    /// Plain ASCII: no box drawing, no Braille
    #[arg(long, global = true)]
    pub ascii: bool,
    /// View to open first: a service name such as aurora or ddb
    #[arg(short = 'c', long, global = true, value_name = "VIEW")]
    pub view: Option<String>,
}

/// Editor style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Editor {
    /// Modal.
    Vim,
    /// What you type goes in.
    Plain,
}

/// Form of headless output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Aligned columns for people.
    #[default]
    Table,
    /// Comma-separated values.
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// What to do instead of opening the console.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List resources: of one service, or of all
    List {
        /// Service: rds, aurora, dynamodb (or ddb), redshift (or rs) …
        service: Option<String>,
        /// Form of the output
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
        /// Only those with something wrong
        #[arg(long)]
        problems: bool,
    },
    /// CloudWatch metrics of one resource
    Metrics {
        /// SERVICE:ID, as in rds:orders
        resource: String,
        /// How far back: 1h, 3h, 1d or 1w
        #[arg(long, default_value = "1h", value_name = "WINDOW")]
        window: String,
        /// Form of the output
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Run a statement on the database behind a resource
    Query(Query),
    /// Operate a resource and follow the operation to its end
    Op {
        /// SERVICE:ID, as in rds:orders
        resource: String,
        /// Operation; without it, the operations of the resource are listed
        operation: Option<String>,
        /// The resource's identifier, typed again: allows this one operation
        #[arg(long, value_name = "IDENTIFIER")]
        confirm: Option<String>,
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// A field of the operation, as in class=db.r6g.large (repeat it)
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        fields: Vec<String>,
        /// Start it and return without following it
        #[arg(long)]
        no_wait: bool,
    },
    /// Judge statements: JSON lines {"statement": …} in, verdicts out, same order
    Classify {
        /// sql, partiql, gremlin, opencypher, sparql, redis, memcached, mongodb, cql, influxql, flux or aws-api
        #[arg(long)]
        language: String,
        /// For sql: postgres, aurora-postgres, redshift, dsql, mysql, aurora-mysql, mariadb, sqlserver, oracle, db2,
        /// timestream or timestream-influxdb. The others have one each: dynamodb, neptune, elasticache, documentdb,
        /// keyspaces, timestream-influxdb, sdk
        #[arg(long)]
        engine: Option<String>,
    },
    /// Show each layer of the guard and what it refuses, by trying
    Prove {
        /// Form of the output
        #[arg(long, value_enum, default_value_t)]
        format: OutputFormat,
    },
    /// Every path and setting in use
    Info,
    /// The live keymap, with warnings about keys that terminals cannot send
    Keys {
        /// As a Markdown table, all keys of a command in one row
        #[arg(long)]
        markdown: bool,
        /// Only these contexts, as in global,fleet
        #[arg(long, value_delimiter = ',', value_name = "CONTEXT")]
        context: Vec<String>,
    },
    /// Completion script for a shell
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Run a statement on the database behind a resource.
#[derive(Args, Clone, Debug)]
pub struct Query {
    /// SERVICE:ID[/DATABASE], as in aurora:model-registry or rds:orders/postgres
    pub resource: String,
    /// The statement; - or nothing reads it from standard input
    pub statement: Option<String>,
    /// Language, where the resource speaks more than one
    #[arg(long)]
    pub language: Option<String>,
    /// A parameter of the statement: a name and a JSON value (openCypher); may stand several times
    #[arg(long = "param", value_name = "NAME=JSON")]
    pub params: Vec<String>,
    /// The server's account of the statement instead of its rows: static (does not run it), dynamic or
    /// details (run it); Neptune only
    #[arg(long, value_name = "MODE")]
    pub explain: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
    /// Take at most so many rows; a cut is always told
    #[arg(long, value_name = "N")]
    pub max_rows: Option<u64>,
    /// Connect here instead (a tunnel's near end); TLS still checks the endpoint's own name
    #[arg(long, value_name = "HOST:PORT")]
    pub address: Option<String>,
    /// Database user
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Read the password from this file descriptor (one line)
    #[arg(long, value_name = "FD", conflicts_with_all = ["secret", "iam"])]
    pub password_fd: Option<i32>,
    /// Log in with this Secrets Manager secret (ARN or name)
    #[arg(long, value_name = "ARN", conflicts_with = "iam")]
    pub secret: Option<String>,
    /// Log in with an IAM token
    #[arg(long)]
    pub iam: bool,
    /// Use the RDS or Redshift Data API instead of a connection
    #[arg(long)]
    pub data_api: bool,
    /// Connect by the database's own protocol where an AWS API is the default (Redshift);
    /// --address implies it
    #[arg(long, conflicts_with = "data_api")]
    pub wire: bool,
    /// Use the writer endpoint (reads go to a reader by default)
    #[arg(long)]
    pub writer: bool,
    /// Allow changes for this one statement, and say why
    #[arg(long, value_name = "REASON")]
    pub elevate: Option<String>,
}
