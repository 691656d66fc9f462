//! Beside the statement: values of its parameters, and the server's account of it instead of its
//! rows, where the language has them.

use super::{Ctx, QueryTab};
use crate::model::DialectId;
use crate::query::{Explain, How};

impl QueryTab {
    /// How the statement about to be sent is to be run.
    pub(super) fn how(&self) -> How {
        let params =
            if self.dialect_id() == DialectId::OpenCypher { self.params.clone() } else { Vec::new() };
        How { params, explain: self.run.explain }
    }

    /// Whether the server explains statements of this language by a mode of the call.
    pub(super) fn explains_by_mode(&self) -> bool {
        matches!(self.dialect_id(), DialectId::Gremlin | DialectId::OpenCypher | DialectId::Sparql)
    }

    /// `name = json` sets a parameter, `name` alone drops it, nothing lists them.
    pub(super) fn set_param(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        if self.dialect_id() != DialectId::OpenCypher {
            return ctx.complain("only openCypher takes parameters: write the values into the statement");
        }
        if text.is_empty() {
            let names: Vec<String> = self.params.iter().map(|(name, _)| format!("${name}")).collect();
            let list = if names.is_empty() { "no parameter is set".to_owned() } else { names.join(", ") };
            return ctx.say(list);
        }
        let (name, json) = text.split_once('=').map_or((text, ""), |(name, json)| (name, json.trim()));
        let name = name.trim().trim_start_matches('$');
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) {
            return ctx.complain("a parameter is NAME = JSON, as in :param n = 3");
        }
        if !json.is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(json).is_err() {
            return ctx.complain("the value is no JSON: texts stand in double quotes, as in \"a\"");
        }
        let had = self.params.len();
        self.params.retain(|(known, _)| known != name);
        if !json.is_empty() {
            self.params.push((name.to_owned(), json.to_owned()));
            ctx.say(format!("${name} is set"));
        } else if self.params.len() < had {
            ctx.say(format!("${name} is gone"));
        } else {
            ctx.complain(format!("there is no parameter ${name}"));
        }
    }

    /// Runs the statement and shows what the server says of the run instead of its rows.
    pub(super) fn profile(&mut self, ctx: &mut Ctx<'_>) {
        if !self.explains_by_mode() {
            return ctx.complain("this language has no profile here: :explain shows its plan");
        }
        self.explain_by_mode(Explain::Details, ctx);
    }

    /// Sends the statement at the cursor in an explaining mode.
    pub(super) fn explain_by_mode(&mut self, mode: Explain, ctx: &mut Ctx<'_>) {
        self.run_statement_as(Some(mode), ctx);
    }
}
