//! What is known of each step: whether it reads, and which arguments TinkerPop's grammar (3.7) gives it.

use super::tree::Argument;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Reads; its forms, separated by blanks, one letter an argument (see [`fits`]).
    Reads(&'static str),
    /// Changes the graph, or reaches outside of it: refused in read-only access.
    Writes(&'static str),
}

use Does::{Reads, Writes};

const ADDS: &str = "adds to the graph.";
const CHANGES: &str = "changes the graph.";

/// How a traversal's source is set up.
pub const SOURCE: &[(&str, Does)] = &[
    ("with", Reads("s s,v")),
    ("withBulk", Reads("b")),
    ("withPath", Reads("-")),
    ("withSack", Reads("v v,B")),
    ("withSideEffect", Reads("s,v s,v,B")),
    ("withStrategies", Reads("z*")),
];

/// Steps that start a traversal.
pub const STARTS: &[(&str, Does)] = &[
    ("E", Reads("v*")),
    ("V", Reads("v*")),
    ("addE", Writes(ADDS)),
    ("addV", Writes(ADDS)),
    ("call", Writes("calls a service of the server.")),
    ("inject", Reads("v*")),
    ("io", Writes("reads or writes a file.")),
    ("mergeE", Writes(ADDS)),
    ("mergeV", Writes(ADDS)),
    ("union", Reads("t*")),
];

/// Steps, sorted by name.
pub const STEPS: &[(&str, Does)] = &[
    ("E", Reads("v*")),
    ("V", Reads("v*")),
    ("addE", Writes(ADDS)),
    ("addV", Writes(ADDS)),
    ("aggregate", Reads("s S,s")),
    ("all", Reads("p")),
    ("and", Reads("t*")),
    ("any", Reads("p")),
    ("as", Reads("s,s*")),
    ("asDate", Reads("-")),
    ("asString", Reads("- S")),
    ("barrier", Reads("- i R")),
    ("both", Reads("s*")),
    ("bothE", Reads("s*")),
    ("bothV", Reads("-")),
    ("branch", Reads("t")),
    ("by", Reads("- O F F,O s s,O t t,O")),
    ("call", Writes("calls a service of the server.")),
    ("cap", Reads("s,s*")),
    ("choose", Reads("F p,t p,t,t t t,t t,t,t")),
    ("coalesce", Reads("t*")),
    ("coin", Reads("n")),
    ("combine", Reads("v")),
    ("concat", Reads("t,t* s*")),
    ("conjoin", Reads("s")),
    ("constant", Reads("v")),
    ("count", Reads("- S")),
    ("cyclicPath", Reads("-")),
    ("dateAdd", Reads("U,i")),
    ("dateDiff", Reads("t d")),
    ("dedup", Reads("S,s* s*")),
    ("difference", Reads("v")),
    ("discard", Reads("-")),
    ("disjunct", Reads("v")),
    ("drop", Writes("removes from the graph.")),
    ("element", Reads("-")),
    ("elementMap", Reads("s*")),
    ("emit", Reads("- p t")),
    ("fail", Reads("- s")),
    ("filter", Reads("p t")),
    ("flatMap", Reads("t")),
    ("fold", Reads("- v,B")),
    ("format", Reads("s")),
    ("from", Reads("s")),
    ("group", Reads("- s")),
    ("groupCount", Reads("- s")),
    ("has", Reads("s s,v s,p s,s,v s,s,p s,t T,v T,p T,t")),
    ("hasId", Reads("p v,v*")),
    ("hasKey", Reads("p s,s*")),
    ("hasLabel", Reads("p s,s*")),
    ("hasNot", Reads("s")),
    ("hasValue", Reads("p v,v*")),
    ("id", Reads("-")),
    ("identity", Reads("-")),
    ("in", Reads("s*")),
    ("inE", Reads("s*")),
    ("inV", Reads("-")),
    ("index", Reads("-")),
    ("inject", Reads("v*")),
    ("intersect", Reads("v")),
    ("io", Writes("reads or writes a file.")),
    ("is", Reads("p v")),
    ("key", Reads("-")),
    ("lTrim", Reads("- S")),
    ("label", Reads("-")),
    ("length", Reads("- S")),
    ("limit", Reads("i S,i")),
    ("local", Reads("t")),
    ("loops", Reads("- s")),
    ("map", Reads("t")),
    ("match", Reads("t*")),
    ("math", Reads("s")),
    ("max", Reads("- S")),
    ("mean", Reads("- S")),
    ("merge", Reads("v")),
    ("mergeE", Writes(ADDS)),
    ("mergeV", Writes(ADDS)),
    ("min", Reads("- S")),
    ("none", Reads("- p")),
    ("not", Reads("t")),
    ("option", Reads("p,t v,t t")),
    ("optional", Reads("t")),
    ("or", Reads("t*")),
    ("order", Reads("- S")),
    ("otherV", Reads("-")),
    ("out", Reads("s*")),
    ("outE", Reads("s*")),
    ("outV", Reads("-")),
    ("path", Reads("-")),
    ("product", Reads("v")),
    ("profile", Reads("- s")),
    ("project", Reads("s,s*")),
    ("properties", Reads("s*")),
    ("property", Writes(CHANGES)),
    ("propertyMap", Reads("s*")),
    ("rTrim", Reads("- S")),
    ("range", Reads("i,i S,i,i")),
    ("read", Writes("loads a file into the graph.")),
    ("repeat", Reads("t s,t")),
    ("replace", Reads("s,s S,s,s")),
    ("reverse", Reads("- S")),
    ("sack", Reads("- B")),
    ("sample", Reads("i S,i")),
    ("select", Reads("C P,s P,s,s,s* P,t s s,s,s* t")),
    ("sideEffect", Reads("t")),
    ("simplePath", Reads("-")),
    ("skip", Reads("i S,i")),
    ("split", Reads("s S,s")),
    ("store", Reads("s")),
    ("subgraph", Reads("s")),
    ("substring", Reads("i i,i S,i S,i,i")),
    ("sum", Reads("- S")),
    ("tail", Reads("- i S S,i")),
    ("timeLimit", Reads("i")),
    ("times", Reads("i")),
    ("to", Reads("s D,s*")),
    ("toE", Reads("D,s*")),
    ("toLower", Reads("- S")),
    ("toUpper", Reads("- S")),
    ("toV", Reads("D")),
    ("tree", Reads("- s")),
    ("trim", Reads("- S")),
    ("unfold", Reads("-")),
    ("union", Reads("t*")),
    ("until", Reads("p t")),
    ("value", Reads("-")),
    ("valueMap", Reads("s* b,s*")),
    ("values", Reads("s*")),
    ("where", Reads("p s,p t")),
    ("with", Reads("K K,K K,v")),
    ("write", Writes("writes a file.")),
];

/// How an answer is taken.
pub const TERMINALS: &[(&str, Does)] = &[
    ("explain", Reads("-")),
    ("hasNext", Reads("-")),
    ("iterate", Reads("-")),
    ("next", Reads("- i")),
    ("toBulkSet", Reads("-")),
    ("toList", Reads("-")),
    ("toSet", Reads("-")),
    ("tryNext", Reads("-")),
];

/// Settings of `with` on a source that change no answer of anybody else: TinkerPop's and Neptune's
/// (whose endpoints, machine learning and what empties caches are not among them).
pub const SETTINGS: &[&str] = &[
    "batchSize",
    "evaluationTimeout",
    "materializeProperties",
    "requestId",
    "scriptEvaluationTimeout",
    "userAgent",
    "Neptune#enableResultCache",
    "Neptune#enableResultCacheWithTTL",
    "Neptune#noCacheExceptions",
    "Neptune#noReordering",
    "Neptune#numResultsCached",
    "Neptune#queryId",
    "Neptune#repeatMode",
    "Neptune#typePromotion",
    "Neptune#useDFE",
];

/// Strategies that take nothing away from a reading traversal's safety, and their settings.
pub const STRATEGIES: &[(&str, &[&str])] = &[
    ("EdgeLabelVerificationStrategy", &["logWarning", "throwException"]),
    ("PartitionStrategy", &["partitionKey", "readPartitions", "includeMetaProperties"]),
    ("ProductiveByStrategy", &["productiveKeys"]),
    ("ReadOnlyStrategy", &[]),
    ("ReservedKeysVerificationStrategy", &["keys", "logWarning", "throwException"]),
    ("SeedStrategy", &["seed"]),
    ("SubgraphStrategy", &["vertices", "edges", "vertexProperties", "checkAdjacentVertices"]),
];

/// What `name` does among `steps`.
pub fn does(steps: &[(&str, Does)], name: &str) -> Option<Does> {
    steps.iter().find(|(known, _)| *known == name).map(|(_, does)| *does)
}

/// Whether `args` have one of the forms: arguments separated by commas, a letter each; `*` after the
/// last letter takes any number of it, `-` none at all.
pub fn fits(forms: &str, args: &[Argument]) -> bool {
    forms.split(' ').any(|form| {
        let mut left = args.iter();
        for letter in form.split(',').filter(|letter| *letter != "-") {
            match (letter.strip_suffix('*'), left.as_slice().first()) {
                (Some(many), _) => return left.all(|arg| takes(many, arg)),
                (None, Some(arg)) if takes(letter, arg) => left.next(),
                _ => return false,
            };
        }
        left.as_slice().is_empty()
    })
}

fn takes(letter: &str, argument: &Argument) -> bool {
    use Argument as A;
    let family = match argument {
        A::Constant(constant) => constant.family,
        _ => "",
    };
    match letter {
        "s" => matches!(argument, A::Text(_) | A::Null),
        "i" => matches!(argument, A::Integer { .. }),
        "n" => matches!(argument, A::Integer { .. } | A::Float { .. }),
        "b" => matches!(argument, A::Bool(_)),
        "d" => matches!(argument, A::Date(_)),
        "p" => matches!(argument, A::Predicate(_)),
        "t" => matches!(argument, A::Traversal(_)),
        "z" => matches!(argument, A::Strategy { .. }),
        "v" => match argument {
            A::Predicate(_) | A::Strategy { .. } | A::Cardinal(..) => false,
            A::Constant(_) => matches!(family, "T" | "Direction" | "Pick" | "DT"),
            _ => true,
        },
        "S" => family == "Scope",
        "T" => family == "T",
        "F" => matches!(family, "T" | "Column"),
        "C" => family == "Column",
        "P" => family == "Pop",
        "O" => family == "Order",
        "D" => family == "Direction",
        "B" => family == "Operator",
        "R" => family == "Barrier",
        "U" => family == "DT",
        "K" => family == "WithOptions",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_sorted_and_forms_are_spelt_with_known_letters() {
        assert!(STEPS.is_sorted_by_key(|(name, _)| *name));
        for (name, does) in SOURCE.iter().chain(STARTS).chain(STEPS).chain(TERMINALS) {
            if let Reads(forms) = does {
                assert!(forms.chars().all(|c| "snibdptzvSTFCPODBRUK,*- ".contains(c)), "{name}");
            }
        }
    }

    #[test]
    fn forms_fit_whole() {
        let text = Argument::Text("a".into());
        let int = Argument::Integer { value: 1, suffix: None };
        let one = std::slice::from_ref;
        assert!(fits("s,s*", one(&text)) && fits("s,s*", &[text.clone(), text.clone()]));
        assert!(!fits("s,s*", &[]) && !fits("s,s*", &[text.clone(), int.clone()]));
        assert!(fits("- i", &[]) && fits("- i", one(&int)) && !fits("- i", &[int.clone(), int]));
        assert!(!fits("-", &[text]));
    }
}
