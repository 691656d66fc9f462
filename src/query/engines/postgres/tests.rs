//! The session against scripted servers.
