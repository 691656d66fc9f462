//! The nouns: plain data that every layer shares. No SDK type, no terminal type, no I/O.

pub mod caller;
pub mod capacity;
pub mod cell;
pub mod failure;
pub mod metric;
pub mod moment;
pub mod operation;
pub mod place;
pub mod reading;
pub mod resource;
pub mod rows;
pub mod safe;
pub mod spec;
pub mod statement;
pub mod task;

pub use caller::Caller;
pub use capacity::Capacity;
pub use cell::Cell;
pub use failure::{Failure, FailureKind};
pub use metric::{MetricSpec, Sample, SeriesId, Stat, Unit};
pub use moment::Moment;
pub use operation::{
    Field, FieldKind, Impact, Operation, OperationSpec, Outcome, Recovery, Tier, field, shell_word,
};
pub use place::Place;
pub use reading::Reading;
pub use resource::{Backend, Detail, Endpoint, EndpointRole, Health, Problem, Resource, ResourceId, Section};
pub use rows::{Column, Limits, Summary, Tag, Value};
pub use safe::SafeText;
pub use spec::{ColumnSpec, KindSpec, ServiceId, ServiceSpec, column};
pub use statement::{DialectId, EngineId, Statement, Target};
pub use task::Task;
