//! Reads the flags, picks a front end, and maps its outcome to an exit code.

fn main() {}
