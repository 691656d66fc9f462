//! A sparkline: the newest points of a series in a few cells. A gap in the series is a gap in
//! the line; a flat zero is a flat line, not a full one.

use crate::metrics::Series;

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 8] = ["_", ".", ".", "-", "-", "=", "=", "#"];

/// The last `width` × step points of `series` as one sign per step; blanks where there are no
/// points. A share of a whole fills its sign with `whole`, so that the rows of a column compare;
/// what has no whole fills it with its own most.
pub fn line(series: &Series, width: usize, window_ms: u64, whole: Option<f64>, ascii: bool) -> String {
    let Some(end) = series.points.last().map(|p| p.0) else { return " ".repeat(width) };
    let step = (window_ms / (width.max(1) as u64)).max(1);
    let bars = if ascii { ASCII } else { BARS };
    let mut sums = vec![(0.0, 0_u32); width];
    for (time, value) in series.points.iter().rev() {
        let back = usize::try_from((end - time) / step).unwrap_or(usize::MAX);
        if back >= width {
            break;
        }
        if let Some((sum, count)) = sums.get_mut(width - 1 - back).filter(|_| value.is_finite()) {
            *sum += value;
            *count += 1;
        }
    }
    let means: Vec<Option<f64>> = sums.iter().map(|(s, n)| (*n > 0).then(|| s / f64::from(*n))).collect();
    let most = whole.unwrap_or_else(|| means.iter().flatten().copied().fold(0.0, f64::max));
    means
        .iter()
        .map(|mean| match mean {
            None => " ",
            Some(value) => {
                let share = if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
                // 0..=7: the share is between 0 and 1.
                let level = (share * 7.0).round() as usize;
                bars.get(level).copied().unwrap_or(" ")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_stay_gaps_and_zero_is_flat() {
        let series = Series { points: vec![(0, 1.0), (60_000, 2.0), (180_000, 4.0)], period_s: 60 };
        assert_eq!(line(&series, 4, 240_000, None, false), "▃▅ █");
        assert_eq!(line(&series, 4, 240_000, None, true), ".- #");
        assert_eq!(line(&series, 4, 240_000, Some(8.0), false), "▂▃ ▅", "half of the whole");
        let zero = Series { points: vec![(0, 0.0), (60_000, 0.0)], period_s: 60 };
        assert_eq!(line(&zero, 2, 120_000, None, false), "▁▁");
        assert_eq!(line(&Series::default(), 3, 60_000, None, false), "   ");
    }
}
