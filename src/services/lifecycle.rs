//! End of standard support per engine and major version, for when `DescribeDBMajorEngineVersions`
//! does not answer. Source: the release calendars of the RDS and Aurora user guides, read in
//! 2026-09; AWS moves these dates, so what the API says wins.

/// Engine, major version, last day of standard support.
const ENDS: &[(&str, &str, &str)] = &[
    ("postgres", "11", "2024-02-29"),
    ("postgres", "12", "2025-02-28"),
    ("postgres", "13", "2026-02-28"),
    ("postgres", "14", "2027-02-28"),
    ("postgres", "15", "2028-02-29"),
    ("postgres", "16", "2029-02-28"),
    ("postgres", "17", "2030-02-28"),
    ("aurora-postgresql", "11", "2024-02-29"),
    ("aurora-postgresql", "12", "2025-02-28"),
    ("aurora-postgresql", "13", "2026-02-28"),
    ("aurora-postgresql", "14", "2027-02-28"),
    ("aurora-postgresql", "15", "2028-02-29"),
    ("aurora-postgresql", "16", "2029-02-28"),
    ("aurora-postgresql", "17", "2030-02-28"),
    ("mysql", "5.7", "2024-02-29"),
    ("mysql", "8.0", "2026-07-31"),
    ("mysql", "8.4", "2029-07-31"),
    ("aurora-mysql", "5.7", "2024-10-31"),
    ("aurora-mysql", "8.0", "2028-04-30"),
    ("mariadb", "10.4", "2024-10-31"),
    ("mariadb", "10.5", "2025-06-30"),
    ("mariadb", "10.6", "2026-08-31"),
    ("mariadb", "10.11", "2028-02-29"),
    ("mariadb", "11.4", "2029-05-31"),
    ("docdb", "3.6", "2026-03-30"),
];

/// The last day of standard support, in ms since the epoch.
pub fn end_of_support(engine: &str, major: &str) -> Option<i64> {
    let (_, _, day) = ENDS.iter().find(|(e, m, _)| *e == engine && *m == major)?;
    let midnight = day.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_is_a_date() {
        for (engine, major, _) in ENDS {
            assert!(
                end_of_support(engine, major).is_some_and(|ms| ms > 1_700_000_000_000),
                "{engine} {major}"
            );
        }
        assert_eq!(end_of_support("oracle-ee", "19"), None);
    }
}
