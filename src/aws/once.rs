//! Single-flight memory for identical Describe calls: two tabs that need the same listing
//! cost one.
