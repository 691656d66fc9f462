//! End of standard support per engine and major version, for when `DescribeDBMajorEngineVersions`
//! does not answer. Source: the release calendars of the RDS and Aurora user guides, read in
//! 2026-09; AWS moves these dates, so what the API says wins. The API knows no commercial engine: for
//! SQL Server the ends are Microsoft's own, of extended support, as its lifecycle pages have long
//! named them; they were not read anew for this table.

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

/// Major version of SQL Server (13 is 2016), last day of Microsoft's extended support. The editions share
/// them.
const SQLSERVER: &[(&str, &str)] = &[
    ("12", "2024-07-09"),
    ("13", "2026-07-14"),
    ("14", "2027-10-12"),
    ("15", "2030-01-08"),
    ("16", "2033-01-11"),
];

/// The last day of standard support, in ms since the epoch.
pub fn end_of_support(engine: &str, major: &str) -> Option<i64> {
    let day = if engine.starts_with("sqlserver-") {
        SQLSERVER.iter().find(|(m, _)| *m == major.split('.').next().unwrap_or(major)).map(|(_, day)| day)
    } else {
        ENDS.iter().find(|(e, m, _)| *e == engine && *m == major).map(|(_, _, day)| day)
    }?;
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
        for (major, _) in SQLSERVER {
            assert!(end_of_support("sqlserver-se", &format!("{major}.00")).is_some(), "{major}");
        }
        assert_eq!(end_of_support("sqlserver-se", "17.00"), None);
    }
}
