//! The present and what lies so long before or after it: `new Date()`, `ISODate()` and
//! `new Date(Date.now() - 24 * 60 * 60 * 1000)`, as the shell's users write them. The one thing that is worked out
//! before a command is sent, because it names no data: whole numbers of milliseconds and the time of sending.

use super::lex::Kind;
use super::literal::Reader;
use super::tree::Value;
use super::{Refusal, unsure};

/// What milliseconds add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    ms: i64,
    /// How often the present is in it.
    presents: i64,
}

impl Reader<'_> {
    /// The value of `new Date(…)` or `ISODate(…)`, whose name was read, when it is the present or reckoned from it.
    /// `None`, with nothing read, for any other.
    pub fn present(&mut self) -> Result<Option<Value>, Refusal> {
        let bare = self.peek() == "(" && self.peek_at(1) == ")";
        if !bare && !self.names_present(1) {
            return Ok(None);
        }
        self.expect("(")?;
        if bare {
            self.expect(")")?;
            return Ok(Some(Value::Present(0)));
        }
        let span = self.span();
        let sum = self.sum()?;
        self.expect(")")?;
        if sum.presents != 1 {
            return Err(unsure("mongodb.value", span, "This is not a time: the present stands in it once."));
        }
        Ok(Some(Value::Present(sum.ms)))
    }

    /// Whether the tokens from the `n`th on begin with the present.
    fn names_present(&self, n: usize) -> bool {
        let at = |k: usize, word: &str| self.peek_at(n + k) == word;
        let call = |k: usize| at(k, "(") && at(k + 1, ")");
        at(0, "Date") && at(1, ".") && at(2, "now") && call(3) || at(0, "new") && at(1, "Date") && call(2)
    }

    fn sum(&mut self) -> Result<Sum, Refusal> {
        let mut sum = self.product()?;
        while matches!(self.peek(), "+" | "-") {
            let minus = self.peek() == "-";
            self.step();
            let span = self.span();
            let next = self.product()?;
            let ms = if minus { sum.ms.checked_sub(next.ms) } else { sum.ms.checked_add(next.ms) };
            let presents = if minus { sum.presents - next.presents } else { sum.presents + next.presents };
            let large = || unsure("mongodb.value", span, "The number is too large.");
            sum = Sum { ms: ms.ok_or_else(large)?, presents };
        }
        Ok(sum)
    }

    fn product(&mut self) -> Result<Sum, Refusal> {
        let mut product = self.factor()?;
        while self.peek() == "*" {
            self.step();
            let span = self.span();
            let next = self.factor()?;
            let wrong = |why| unsure("mongodb.value", span, why);
            if product.presents + next.presents != 0 {
                return Err(wrong("A time is not multiplied."));
            }
            product.ms = product.ms.checked_mul(next.ms).ok_or_else(|| wrong("The number is too large."))?;
        }
        Ok(product)
    }

    fn factor(&mut self) -> Result<Sum, Refusal> {
        if self.names_present(0) {
            for _ in 0..if self.peek() == "new" { 4 } else { 5 } {
                self.step();
            }
            return Ok(Sum { ms: 0, presents: 1 });
        }
        if self.eat("(") {
            let sum = self.sum()?;
            self.expect(")")?;
            return Ok(sum);
        }
        let plain = self.kind() == Some(Kind::Number) && self.peek().bytes().all(|b| b.is_ascii_digit());
        let ms = plain.then(|| self.peek().parse().ok()).flatten();
        let ms = ms.ok_or_else(|| self.surprise("a whole number of milliseconds"))?;
        self.step();
        Ok(Sum { ms, presents: 0 })
    }
}
