//! One typed cell as text and as a role: the same words on the screen, in filters and in copies.

use crate::config::Role;
use crate::model::{Cell, Health, Unit};
use std::fmt::Write as _;

/// The text of a cell. `Absent` is empty: AWS did not say.
pub fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(t) => t.to_string(),
        Cell::Count(n) => n.to_string(),
        Cell::Number(n) => number(*n),
        Cell::Bytes(n) => bytes(*n as f64),
        Cell::Percent(p) => format!("{}%", number(*p)),
        Cell::Duration(ms) => duration(*ms),
        Cell::Time(ms) => time(*ms),
        Cell::Flag(true) => "yes".into(),
        Cell::Flag(false) => "no".into(),
        Cell::Health(h) => h.word().to_string(),
        Cell::Absent => String::new(),
    }
}

/// The role that a cell is drawn in.
pub fn role(cell: &Cell) -> Role {
    match cell {
        Cell::Health(h) => health_role(h),
        Cell::Absent => Role::Dim,
        Cell::Percent(p) if *p >= 90.0 => Role::Bad,
        Cell::Percent(p) if *p >= 75.0 => Role::Warning,
        _ => Role::Text,
    }
}

/// The role of a status.
pub const fn health_role(health: &Health) -> Role {
    match health {
        Health::Good(_) => Role::Good,
        Health::Busy(_) => Role::Busy,
        Health::Idle(_) => Role::Idle,
        Health::Bad(_) => Role::Bad,
        Health::Unknown(_) => Role::Warning,
    }
}

/// A sign before the status word, so that health does not depend on colour.
pub const fn health_sign(health: &Health) -> &'static str {
    match health {
        Health::Good(_) => " ",
        Health::Busy(_) => "~",
        Health::Idle(_) => "-",
        Health::Bad(_) => "!",
        Health::Unknown(_) => "?",
    }
}

/// A number in few characters: `0.12`, `7.3`, `123`, `12.3k`.
pub fn number(n: f64) -> String {
    let size = n.abs();
    if !n.is_finite() {
        return "?".into();
    }
    if size >= 1e15 {
        return format!("{n:.1e}");
    }
    for (limit, sign) in [(1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e4, 'k')] {
        if size >= limit {
            let unit = if sign == 'k' { 1e3 } else { limit };
            return format!("{}{sign}", short(n / unit));
        }
    }
    short(n)
}

fn short(n: f64) -> String {
    let size = n.abs();
    let text = if size >= 100.0 || n.fract() == 0.0 {
        format!("{n:.0}")
    } else if size >= 1.0 {
        format!("{n:.1}")
    } else {
        format!("{n:.2}")
    };
    if text == "-0" { "0".into() } else { text }
}

/// A size: `512 B`, `1.5 GiB`.
pub fn bytes(n: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = n;
    let mut unit = "B";
    for next in UNITS {
        unit = next;
        if value.abs() < 1024.0 {
            break;
        }
        if next != "PiB" {
            value /= 1024.0;
        }
    }
    format!("{} {unit}", short(value))
}

/// A length of time from milliseconds: `850ms`, `12s`, `3m 20s`, `2h 5m`, `40d 3h`.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    let pair = |a: u64, x: &str, b: u64, y: &str| {
        let mut out = format!("{a}{x}");
        if b > 0 {
            let _ = write!(out, " {b}{y}");
        }
        out
    };
    match seconds {
        0 if ms > 0 => format!("{ms}ms"),
        0..60 => format!("{seconds}s"),
        60..3_600 => pair(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds % 3_600 / 60, "m"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// A point in time, UTC, to the minute.
pub fn time(epoch_ms: i64) -> String {
    formatted(epoch_ms, "%Y-%m-%d %H:%M")
}

/// The time of day, UTC, to the second.
pub fn clock(epoch_ms: u64) -> String {
    formatted(i64::try_from(epoch_ms).unwrap_or(i64::MAX), "%H:%M:%SZ")
}

/// A point in time, UTC, in `strftime` notation; `?` when it is out of the calendar's range.
pub fn formatted(epoch_ms: i64, format: &str) -> String {
    jiff::Timestamp::from_millisecond(epoch_ms)
        .map_or_else(|_| "?".into(), |t| t.strftime(format).to_string())
}

/// A metric's value with its unit.
pub fn measure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{}%", number(value)),
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
        Unit::Seconds if value.abs() < 1.0 && value != 0.0 => format!("{}ms", number(value * 1e3)),
        Unit::Seconds => format!("{}s", number(value)),
        Unit::Milliseconds if value.abs() >= 1_000.0 => format!("{}s", number(value / 1e3)),
        Unit::Milliseconds => format!("{}ms", number(value)),
        Unit::Count => number(value),
        Unit::CountPerSecond => format!("{}/s", number(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_short() {
        let cases = [
            (0.0, "0"),
            (0.123, "0.12"),
            (7.34, "7.3"),
            (123.4, "123"),
            (12_345.0, "12.3k"),
            (2.5e9, "2.5G"),
            (-0.0, "0"),
            (f64::NAN, "?"),
        ];
        for (n, expected) in cases {
            assert_eq!(number(n), expected);
        }
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(bytes(1536.0 * 1024.0 * 1024.0), "1.5 GiB");
        assert!(bytes(1e30).ends_with("PiB"));
    }

    #[test]
    fn times_are_utc_and_bounded() {
        assert_eq!(time(0), "1970-01-01 00:00");
        assert_eq!(time(i64::MAX), "?");
        assert_eq!(duration(90_000), "1m 30s");
        assert_eq!(duration(250), "250ms");
        assert_eq!(duration(3_600_000 * 49), "2d 1h");
    }
}
