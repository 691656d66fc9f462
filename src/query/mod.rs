//! The query side: languages (pure) and engines (I/O).

pub mod dialect;
