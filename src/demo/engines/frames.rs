//! PostgreSQL protocol 3 as bytes: cut answers into messages, make the few that the bridge
//! itself says. The rule: a length from outside is checked before it is believed.

/// Splits `bytes` into messages: the type byte and the body. Stops at the first broken one.
pub fn messages(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&kind, rest) = bytes.split_first()?;
        let (len, _) = rest.split_first_chunk::<4>()?;
        let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
        let body = rest.get(4..len)?;
        bytes = rest.get(len..)?;
        Some((kind, body))
    })
}

/// Appends a message. A body longer than the protocol can say is cut by nobody: callers
/// pass only short bodies or bodies that arrived in a message.
pub fn push(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.push(kind);
    let len = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(body);
}

/// A simple `Query` message.
pub fn query(sql: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(sql.len() + 6);
    push(&mut out, b'Q', &with_nul(sql));
    out
}

/// An `ErrorResponse`.
pub fn error(severity: &str, code: &str, text: &str, hint: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in [(b'S', severity), (b'V', severity), (b'C', code), (b'M', text), (b'H', hint)] {
        body.push(field);
        body.extend_from_slice(&with_nul(value));
    }
    body.push(0);
    let mut out = Vec::new();
    push(&mut out, b'E', &body);
    out
}

/// `ReadyForQuery`, idle.
pub fn ready(out: &mut Vec<u8>) {
    push(out, b'Z', b"I");
}

/// `ParameterStatus`.
pub fn parameter(out: &mut Vec<u8>, name: &str, value: &str) {
    let mut body = with_nul(name);
    body.extend_from_slice(&with_nul(value));
    push(out, b'S', &body);
}

/// The text columns of a `DataRow`.
pub fn row(mut body: &[u8]) -> Vec<String> {
    let mut cells = Vec::new();
    let Some((_, rest)) = body.split_first_chunk::<2>() else { return cells };
    body = rest;
    while let Some((len, rest)) = body.split_first_chunk::<4>() {
        // -1 is null: an empty text will do for what the bridge asks.
        let len = usize::try_from(i32::from_be_bytes(*len)).unwrap_or(0);
        let Some((cell, rest)) = rest.split_at_checked(len) else { break };
        cells.push(String::from_utf8_lossy(cell).into_owned());
        body = rest;
    }
    cells
}

/// The text of an `ErrorResponse`: severity, code and message.
pub fn error_text(body: &[u8]) -> String {
    body.split(|b| *b == 0)
        .filter_map(|field| field.split_first())
        .filter(|(kind, _)| matches!(kind, b'M' | b'C'))
        .map(|(_, text)| String::from_utf8_lossy(text))
        .collect::<Vec<_>>()
        .join(": ")
}

/// The name and value pairs of a startup message's body.
pub fn startup(body: &[u8]) -> Vec<(String, String)> {
    let mut words = body.split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into_owned());
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        if name.is_empty() {
            break;
        }
        pairs.push((name, value));
    }
    pairs
}

/// The settings that startup options ask for, as in `-c a=b --c-d=e`; `None` when there is
/// anything else in them.
pub fn options(text: &str) -> Option<Vec<(String, String)>> {
    let mut settings = Vec::new();
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        let setting = match (word, word.strip_prefix("--"), word.strip_prefix("-c")) {
            ("-c", ..) => words.next()?,
            (_, Some(setting), _) | (_, None, Some(setting)) => setting,
            _ => return None,
        };
        // A backslash may hide a space: not taken apart here, so not taken at all.
        let (name, value) = setting.split_once('=').filter(|_| !setting.contains('\\'))?;
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Some(settings)
}

fn with_nul(text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.bytes().filter(|b| *b != 0).collect();
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_where_their_lengths_say() {
        let mut bytes = query("select 1");
        ready(&mut bytes);
        let cut: Vec<_> = messages(&bytes).collect();
        assert_eq!(cut, [(b'Q', &b"select 1\0"[..]), (b'Z', &b"I"[..])]);
    }

    #[test]
    fn a_length_that_lies_ends_the_walk() {
        assert_eq!(messages(&[b'Z', 0, 0, 0, 1, b'I']).count(), 0);
        assert_eq!(messages(&[b'Z', 0xff, 0xff, 0xff, 0xff, b'I']).count(), 0);
        assert_eq!(messages(b"Z\0\0").count(), 0);
    }

    #[test]
    fn options_are_read_whole_or_not_at_all() {
        let one = |name: &str, value: &str| Some(vec![(name.to_owned(), value.to_owned())]);
        let wanted = one("default_transaction_read_only", "on");
        assert_eq!(options("-c default_transaction_read_only=on"), wanted);
        assert_eq!(options("-cdefault_transaction_read_only=on"), wanted);
        assert_eq!(options(" --default-transaction-read-only=on "), wanted);
        assert_eq!(options("-c search_path=a\\ b"), None);
        assert_eq!(options("-c broken"), None);
        assert_eq!(options("-e"), None);
        assert_eq!(options(""), Some(Vec::new()));
    }

    #[test]
    fn startup_pairs_end_at_the_empty_name() {
        assert_eq!(startup(b"user\0ann\0database\0postgres\0\0").len(), 2);
        assert_eq!(row(&[0, 2, 0, 0, 0, 1, b'a', 0xff, 0xff, 0xff, 0xff]), ["a", ""]);
    }
}
