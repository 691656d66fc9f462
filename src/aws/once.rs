//! Single-flight memory for identical Describe calls: two tabs that need the same listing
//! cost one.

/// Remembers answers for a moment and joins identical questions under way.
#[derive(Debug, Default)]
pub struct Memo {}
