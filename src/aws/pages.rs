//! Paging that ends: a page cap and a memory of tokens seen, so that a repeated token or a
//! cycle (A, B, A, B) ends the listing and says that more exists.
