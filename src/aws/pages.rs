//! Paging that ends: a page cap and a memory of tokens seen, so that a repeated token or a
//! cycle (A, B, A, B) ends the listing and says that more exists.

use std::collections::HashSet;

/// The most pages of one listing. At 100 resources a page that is a fleet of 100,000.
pub const MOST: usize = 1_000;

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the listing is whole.
    Done,
    /// Ask for the page with this token.
    Page(String),
    /// More exists, but the listing ends here: the cap is reached, or the service repeats
    /// itself.
    Cut,
}

/// Follows the tokens of one listing.
#[derive(Clone, Debug)]
pub struct Pages {
    seen: HashSet<String>,
    most: usize,
    read: usize,
}

impl Default for Pages {
    fn default() -> Self {
        Self::at_most(MOST)
    }
}

impl Pages {
    /// Follows at most `most` pages.
    pub fn at_most(most: usize) -> Self {
        Self { seen: HashSet::new(), most, read: 0 }
    }

    /// What follows the page that was just read and came with `token`.
    pub fn after(&mut self, token: Option<&str>) -> Next {
        self.read += 1;
        match token {
            // Some services end with an empty token instead of none.
            None | Some("") => Next::Done,
            Some(_) if self.read >= self.most => Next::Cut,
            Some(token) if !self.seen.insert(token.to_owned()) => Next::Cut,
            Some(token) => Next::Page(token.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows `tokens` cyclically and says after how many pages it ended, and how.
    fn follow(tokens: &[Option<&str>], mut pages: Pages) -> (usize, Next) {
        for (read, token) in tokens.iter().cycle().enumerate() {
            match pages.after(*token) {
                Next::Page(_) => {}
                end => return (read + 1, end),
            }
        }
        panic!("a cycle of tokens has no end")
    }

    #[test]
    fn ends_without_a_token_or_with_an_empty_one() {
        assert_eq!(follow(&[Some("a"), Some("b"), None], Pages::default()), (3, Next::Done));
        assert_eq!(follow(&[Some("a"), Some("")], Pages::default()), (2, Next::Done));
    }

    #[test]
    fn a_service_that_repeats_itself_is_cut() {
        assert_eq!(follow(&[Some("a")], Pages::default()), (2, Next::Cut));
        assert_eq!(follow(&[Some("a"), Some("b")], Pages::default()), (3, Next::Cut));
    }

    #[test]
    fn the_cap_holds() {
        let many: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
        let tokens: Vec<_> = many.iter().map(|t| Some(t.as_str())).collect();
        assert_eq!(follow(&tokens, Pages::at_most(10)), (10, Next::Cut));
    }
}
