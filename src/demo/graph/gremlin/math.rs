//! `math`: a calculator's expressions over what labels name.

use super::EvaluateError;
use super::plan::Op;
use super::run::Run;
use super::traverser::Traverser;
use super::value::Value;

/// Deepest nesting of an expression.
const DEEPEST: usize = 100;

/// The result for one traverser; `None` when a name stands for nothing.
pub fn math<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Option<Value>, EvaluateError> {
    let text = op.texts().first().copied().unwrap_or_default();
    let tokens = tokens(text).ok_or_else(|| bad(text))?;
    let mut names: Vec<(&str, f64)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let called = tokens.get(at + 1).is_some_and(|next| *next == "(");
        let name = token.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !called
            && constant(token).is_none();
        if !name || names.iter().any(|(known, _)| known == token) {
            continue;
        }
        let value =
            if *token == "_" { Some(traverser.value.clone()) } else { run.scoped(traverser, token, "last")? };
        let Some(value) = value else { return Ok(None) };
        let Some(value) = run.projected(op, names.len(), traverser, value)? else { return Ok(None) };
        let wants = EvaluateError::Kind { step: "math".to_owned(), wants: "numbers" };
        names.push((token, value.number().ok_or(wants)?.0));
    }
    let mut parser = Parser { tokens: &tokens, at: 0, names: &names, depth: 0 };
    let result = parser.sum().filter(|_| parser.at == tokens.len()).ok_or_else(|| bad(text))?;
    Ok(Some(Value::Double(result)))
}

fn bad(text: &str) -> EvaluateError {
    EvaluateError::Value(format!("math({text})"))
}

fn constant(name: &str) -> Option<f64> {
    match name {
        "pi" | "π" => Some(std::f64::consts::PI),
        "e" => Some(std::f64::consts::E),
        _ => None,
    }
}

fn tokens(text: &str) -> Option<Vec<&str>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() || first == '.' {
            rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())
        } else if first.is_alphabetic() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if "+-*/%^(),".contains(first) {
            1
        } else {
            return None;
        };
        out.push(rest.get(..length)?);
        rest = rest.get(length..)?.trim_start();
    }
    Some(out)
}

struct Parser<'t> {
    tokens: &'t [&'t str],
    at: usize,
    names: &'t [(&'t str, f64)],
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &'t str {
        self.tokens.get(self.at).copied().unwrap_or_default()
    }

    fn takes(&mut self, any: &[&str]) -> Option<&'t str> {
        let token = self.peek();
        any.contains(&token).then(|| {
            self.at += 1;
            token
        })
    }

    fn sum(&mut self) -> Option<f64> {
        let mut total = self.product()?;
        while let Some(sign) = self.takes(&["+", "-"]) {
            let next = self.product()?;
            total = if sign == "+" { total + next } else { total - next };
        }
        Some(total)
    }

    fn product(&mut self) -> Option<f64> {
        let mut total = self.signed()?;
        while let Some(sign) = self.takes(&["*", "/", "%"]) {
            let next = self.signed()?;
            total = match sign {
                "*" => total * next,
                "/" => total / next,
                _ => total % next,
            };
        }
        Some(total)
    }

    fn signed(&mut self) -> Option<f64> {
        let mut negative = false;
        while let Some(sign) = self.takes(&["-", "+"]) {
            negative ^= sign == "-";
        }
        let value = self.power()?;
        Some(if negative { -value } else { value })
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.atom()?;
        if self.takes(&["^"]).is_none() {
            return Some(base);
        }
        self.deeper(|parser| Some(base.powf(parser.signed()?)))
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Option<f64>) -> Option<f64> {
        self.depth += 1;
        let value = if self.depth > DEEPEST { None } else { read(self) };
        self.depth -= 1;
        value
    }

    fn atom(&mut self) -> Option<f64> {
        let token = self.peek();
        self.at += 1;
        if token == "(" {
            let value = self.deeper(Self::sum)?;
            return self.takes(&[")"]).map(|_| value);
        }
        if self.takes(&["("]).is_some() {
            let value = self.deeper(Self::sum)?;
            self.takes(&[")"])?;
            return function(token, value);
        }
        let named = self.names.iter().find(|(name, _)| *name == token).map(|(_, value)| *value);
        named.or_else(|| constant(token)).or_else(|| token.parse().ok())
    }
}

fn function(name: &str, x: f64) -> Option<f64> {
    Some(match name {
        "abs" => x.abs(),
        "acos" => x.acos(),
        "asin" => x.asin(),
        "atan" => x.atan(),
        "cbrt" => x.cbrt(),
        "ceil" => x.ceil(),
        "cos" => x.cos(),
        "cosh" => x.cosh(),
        "exp" => x.exp(),
        "floor" => x.floor(),
        "log" => x.ln(),
        "log10" => x.log10(),
        "log2" => x.log2(),
        "signum" => {
            if x == 0.0 {
                0.0
            } else {
                x.signum()
            }
        }
        "sin" => x.sin(),
        "sinh" => x.sinh(),
        "sqrt" => x.sqrt(),
        "tan" => x.tan(),
        "tanh" => x.tanh(),
        _ => return None,
    })
}
