//! Which locks stand in front of a view, by name: what the status line counts and `dbdeck info`
//! tells. A lock is counted when it is known to stand, never because it usually does.

use crate::model::SafeText;

/// How a lock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is in the way of every change.
    Stands,
    /// Nothing was sent yet, so there is nothing to lock: it is reported when a session opens.
    NotYet,
    /// It is not there: the others hold alone.
    Missing,
}

impl Standing {
    /// One word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::NotYet => "not yet",
            Self::Missing => "missing",
        }
    }
}

/// One lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name.
    pub name: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What it does, or in the words of the session what it found.
    pub what: SafeText,
}

const fn layer(name: &'static str, standing: Standing, what: SafeText) -> Layer {
    Layer { name, standing, what }
}

/// The locks in front of a table of resources: nothing but AWS calls leaves it.
pub fn of_fleet() -> Vec<Layer> {
    let stands = |name, what: &str| layer(name, Standing::Stands, SafeText::new(what));
    vec![
        stands("check", "only what the guard cleared reaches a service or an engine"),
        stands("AWS client", "every typed call is looked up in the table of operations"),
        stands("gate", "no request leaves without the stamp of that look-up"),
    ]
}

/// The locks in front of a query tab, with what its session reported; nothing reported means
/// that no session is open.
pub fn of_session(reported: &[SafeText]) -> Vec<Layer> {
    let stands = |name, what: &str| layer(name, Standing::Stands, SafeText::new(what));
    let words: Vec<&str> = reported.iter().map(SafeText::as_str).collect();
    let (standing, words) = match words.as_slice() {
        [] => (Standing::NotYet, "no session is open yet".to_owned()),
        words if is_locked(words) => (Standing::Stands, words.join(", ")),
        words => (Standing::Missing, words.join(", ")),
    };
    vec![
        stands("grammar", "only statements known to be pure reads are cleared"),
        stands(
            "transport",
            "one cleared statement a message: a socket takes no second, an API call is stamped",
        ),
        layer("session", standing, SafeText::new(words)),
    ]
}

/// Whether the session itself would refuse a change: a read-only transaction or a server that
/// takes none. A weak role is no lock, and what says nothing of the kind is not counted.
fn is_locked(words: &[&str]) -> bool {
    words.iter().all(|w| !w.starts_with("no session lock"))
        && words.iter().any(|w| {
            w.starts_with("read-only transaction")
                || w.starts_with("read-only session")
                || w.starts_with("the server is")
        })
}

/// How many stand, of how many.
pub fn count(layers: &[Layer]) -> (usize, usize) {
    (layers.iter().filter(|l| l.standing == Standing::Stands).count(), layers.len())
}

/// How they stand as one, the worst first.
pub fn worst(layers: &[Layer]) -> Standing {
    let any = |standing| layers.iter().any(|l| l.standing == standing);
    if any(Standing::Missing) {
        Standing::Missing
    } else if any(Standing::NotYet) {
        Standing::NotYet
    } else {
        Standing::Stands
    }
}

/// All in one line: `2/3: grammar stands, transport stands, session missing`.
pub fn line(layers: &[Layer]) -> String {
    let (stand, all) = count(layers);
    let words: Vec<String> = layers.iter().map(|l| format!("{} {}", l.name, l.standing.word())).collect();
    format!("{stand}/{all}: {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(words: &[&str]) -> Vec<Layer> {
        of_session(&words.iter().map(|w| SafeText::new(*w)).collect::<Vec<_>>())
    }

    #[test]
    fn a_fleet_has_all_three() {
        assert_eq!(count(&of_fleet()), (3, 3));
        assert_eq!(worst(&of_fleet()), Standing::Stands);
    }

    #[test]
    fn a_session_counts_only_what_it_reports() {
        for (words, stand, standing) in [
            (&[][..], 2, Standing::NotYet),
            (
                &["read-only transaction around each statement", "role without superuser rights"],
                3,
                Standing::Stands,
            ),
            (&["the server is a reader"], 3, Standing::Stands),
            (&["no session lock: the guard and the IAM policy hold"], 2, Standing::Missing),
            (&["role without superuser rights"], 2, Standing::Missing),
            (&["role not checked: the server did not answer"], 2, Standing::Missing),
        ] {
            let layers = reported(words);
            assert_eq!(count(&layers), (stand, 3), "{words:?}");
            assert_eq!(worst(&layers), standing, "{words:?}");
        }
    }

    #[test]
    fn a_lock_and_its_denial_are_no_lock() {
        let layers = reported(&["read-only transaction", "no session lock: it was lost"]);
        assert_eq!(line(&layers), "2/3: grammar stands, transport stands, session missing");
    }
}
