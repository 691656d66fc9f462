//! Where statements go: the line that says it and the form that changes it.

use super::foresee::Forecast;
use super::{Ctx, QueryTab};
use crate::app::effect::Effect;
use crate::model::{DialectId, EndpointRole, EngineId, Target};
use std::sync::Arc;

/// The port that an address without one means.
pub const fn port_of(target: &Target) -> u16 {
    if matches!(target.backend.dialect, DialectId::Redshift) { 5439 } else { target.engine.port() }
}

/// The fields of the form, top to bottom.
pub const FIELDS: [&str; 6] = ["Engine", "Endpoint", "Database", "User", "Address", "Secret"];

/// The longest name of a secret that is taken: an ARN's.
const LONGEST_SECRET: usize = 2_048;

/// The form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetForm {
    /// The target as edited so far.
    pub target: Target,
    /// The focused field.
    pub field: usize,
    /// Texts of the fields that take text: database, user, address, secret.
    pub texts: [String; 4],
    /// What is wrong with the last try.
    pub wrong: Option<&'static str>,
}

impl TargetForm {
    /// The form for `target`.
    pub fn new(target: &Target) -> Self {
        let text = |t: &Option<Arc<str>>| t.as_deref().unwrap_or_default().to_owned();
        let address = target.address.as_ref().map(|(h, p)| format!("{h}:{p}")).unwrap_or_default();
        Self {
            texts: [text(&target.database), text(&target.user), address, text(&target.secret)],
            target: target.clone(),
            field: 0,
            wrong: None,
        }
    }

    /// The words of each field.
    pub fn values(&self) -> [String; 6] {
        let [database, user, address, secret] = self.texts.clone();
        let (engine, endpoint) = (self.target.engine.title().to_owned(), endpoint_words(&self.target));
        [engine, endpoint, database, user, address, secret]
    }

    /// The text of the focused field, when it takes text.
    pub fn text(&mut self) -> Option<&mut String> {
        self.texts.get_mut(self.field.checked_sub(2)?)
    }

    /// Moves to the next or previous field.
    pub fn step(&mut self, forward: bool) {
        let n = FIELDS.len();
        self.field = (self.field + if forward { 1 } else { n - 1 }) % n;
    }

    /// Takes the next choice of a field that has choices.
    pub fn choose(&mut self) {
        match self.field {
            0 => next_engine(&mut self.target),
            1 => next_endpoint(&mut self.target),
            _ => {}
        }
    }

    /// The target as filled in; `None`, with the reason kept, when something is wrong.
    pub fn finish(&mut self) -> Option<Target> {
        let [database, user, address, secret] = &self.texts;
        let mut target = self.target.clone();
        match parse_address(address, port_of(&target)) {
            Ok(address) => set_address(&mut target, address),
            Err(wrong) => {
                self.wrong = Some(wrong);
                self.field = 4;
                return None;
            }
        }
        let text = |t: &String| (!t.trim().is_empty()).then(|| Arc::from(t.trim()));
        target.database = text(database);
        target.user = text(user);
        match parse_secret(secret, &target) {
            Ok(secret) => set_secret(&mut target, secret),
            Err(wrong) => {
                self.wrong = Some(wrong);
                self.field = 5;
                return None;
            }
        }
        Some(target)
    }
}

/// Reads `HOST:PORT` or `HOST`; empty means no override.
///
/// # Errors
/// A sentence for the person.
pub fn parse_address(text: &str, port: u16) -> Result<Option<(Arc<str>, u16)>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '/' | '@' | '\'' | '"')) {
        return Err("an address is HOST or HOST:PORT");
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && (!host.contains(':') || host.starts_with('[')) => {
            let port: u16 = port.parse().map_err(|_| "the port is a number up to 65535")?;
            let host = host.trim_start_matches('[').trim_end_matches(']');
            Ok(Some((host.into(), port)))
        }
        Some(("", _)) => Err("an address is HOST or HOST:PORT"),
        _ => Ok(Some((text.into(), port))),
    }
}

/// Reads the name of a secret to log in to `target` by; empty means none.
///
/// # Errors
/// A sentence for the person.
pub fn parse_secret(text: &str, target: &Target) -> Result<Option<Arc<str>>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let api = matches!(target.engine, EngineId::RdsData | EngineId::RedshiftData);
    if !(api || target.engine.is_wire()) || target.backend.dialect == DialectId::Dsql {
        return Err("it takes no secret: the login is AWS's own signature");
    }
    // What Secrets Manager allows in a name, and the colons of an ARN.
    let sound = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-:".contains(c);
    if text.len() > LONGEST_SECRET || !text.chars().all(sound) {
        return Err("a secret is the ARN or the name of one in Secrets Manager");
    }
    Ok(Some(text.into()))
}

/// Takes a secret to log in by. It knows its own user: the default one steps back, and comes
/// again when no secret is chosen any more.
pub fn set_secret(target: &mut Target, secret: Option<Arc<str>>) {
    if secret.is_some() && target.user == target.backend.user {
        target.user = None;
    } else if secret.is_none() && target.secret.is_some() && target.user.is_none() {
        target.user = target.backend.user.clone();
    }
    target.secret = secret;
}

/// A secret as it is told: its name, without the account and region of an ARN.
fn secret_words(target: &Target) -> String {
    let name = |secret: &Arc<str>| secret.rsplit(':').next().unwrap_or_default().to_owned();
    target.secret.as_ref().map(|secret| format!(", by secret {}", name(secret))).unwrap_or_default()
}

/// The endpoint in words: its role and host, or what stands in for one.
pub fn endpoint_words(target: &Target) -> String {
    match (&target.endpoint, target.engine) {
        (Some(e), engine) if engine.has_endpoint() => {
            let role = match e.role {
                EndpointRole::Writer => "writer",
                EndpointRole::Reader => "reader",
                EndpointRole::Instance => "instance",
                EndpointRole::Custom => "custom",
            };
            format!("{role} {}:{}", e.host, e.port)
        }
        (None, engine) if engine.has_endpoint() => "no endpoint yet".to_owned(),
        _ => format!("AWS API in {}", target.resource.place.region),
    }
}

/// Switches between the wire and the data API, where the database offers both.
pub fn next_engine(target: &mut Target) {
    if !target.engine.is_wire() {
        to_wire(target);
    } else if let Some(api) = target.backend.api() {
        target.engine = api;
        target.endpoint = None;
        target.address = None;
    }
}

fn to_wire(target: &mut Target) {
    if let Some(wire) = target.backend.wire() {
        target.engine = wire;
        target.endpoint = target.backend.endpoints.first().cloned();
    }
}

/// Takes an address to connect to; one that is given means the wire.
pub fn set_address(target: &mut Target, address: Option<(Arc<str>, u16)>) {
    if address.is_some() && !target.engine.is_wire() {
        to_wire(target);
    }
    target.address = address;
}

/// Takes the backend's next endpoint.
pub fn next_endpoint(target: &mut Target) {
    if !target.engine.has_endpoint() {
        return;
    }
    let all = &target.backend.endpoints;
    let at = all.iter().position(|e| target.endpoint.as_ref() == Some(e));
    target.endpoint = all.get(at.map_or(0, |i| (i + 1) % all.len().max(1))).cloned();
}

impl QueryTab {
    /// Changes where statements go: the open session is for the old place, so it ends.
    pub(super) fn retarget(&mut self, ctx: &mut Ctx<'_>, change: impl FnOnce(&mut Target)) {
        if self.running() {
            return ctx.complain("a statement is running: cancel it before changing where statements go");
        }
        let before = self.target.clone();
        change(&mut self.target);
        if before != self.target {
            self.locks.clear();
            self.unwatch(ctx);
            ctx.effects.push(Effect::CloseSession(self.id));
            ctx.say(format!(
                "statements go to {}, {}{}",
                self.target.engine.title(),
                endpoint_words(&self.target),
                secret_words(&self.target)
            ));
        }
    }

    /// Takes up the language named, or the next one the database speaks. The text stays.
    pub(super) fn speak(&mut self, name: &str, ctx: &mut Ctx<'_>) {
        if self.running() {
            return ctx.complain("a statement is running: cancel it before changing the language");
        }
        let all = self.target.backend.languages();
        let asked = if name.is_empty() {
            let at = all.iter().position(|l| *l == self.language).map_or(0, |at| at + 1);
            all.get(at % all.len().max(1))
        } else {
            all.iter().find(|l| l.language().eq_ignore_ascii_case(name))
        };
        match asked {
            Some(language) if *language != self.language => {
                self.language = *language;
                self.unwatch(ctx);
                self.run.forget();
                self.forecast = Forecast::default();
                self.editor.completion = None;
                self.recall = None;
                ctx.say(format!("statements are {} from now on", language.language()));
            }
            _ => {
                let names: Vec<&str> = all.iter().map(|l| l.language()).collect();
                let only = if names.len() > 1 { "" } else { "only " };
                ctx.say(format!("{} speaks {only}{}", self.title, names.join(", ")));
            }
        }
    }

    /// Logs in by the secret that is named; by nothing of the kind when none is.
    pub(super) fn take_secret(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        match parse_secret(text, &self.target) {
            Ok(secret) => self.retarget(ctx, |t| set_secret(t, secret)),
            Err(wrong) => ctx.complain(wrong),
        }
    }

    /// Logs in as the AWS identity where the row does not say that it may, or no longer.
    pub(super) fn switch_iam(&mut self, ctx: &mut Ctx<'_>) {
        let on = !self.target.backend.iam_login;
        self.retarget(ctx, |t| {
            t.backend.iam_login = on;
            if on {
                set_secret(t, None);
            }
        });
        if self.target.backend.iam_login == on {
            ctx.say(if on { "logging in as the AWS identity (IAM)" } else { "no IAM login any more" });
        }
    }

    pub(super) fn readdress(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        match parse_address(text, port_of(&self.target)) {
            Ok(address) => self.retarget(ctx, |t| set_address(t, address)),
            Err(wrong) => ctx.complain(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(parse_address("", 1), Ok(None));
        assert_eq!(parse_address("127.0.0.1:6000", 1), Ok(Some(("127.0.0.1".into(), 6000))));
        assert_eq!(parse_address("db", 5432), Ok(Some(("db".into(), 5432))));
        assert_eq!(parse_address("[::1]:99", 1), Ok(Some(("::1".into(), 99))));
        for wrong in [":5", "a:x", "a:70000", "a b", "x/y", "u@h"] {
            assert!(parse_address(wrong, 1).is_err(), "{wrong}");
        }
    }
}
