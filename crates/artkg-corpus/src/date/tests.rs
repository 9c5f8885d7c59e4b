use super::*;

#[test]
fn written_dates() {
    let table = [
        ("1888", 1888, 1888),
        ("c. 1650", 1645, 1655),
        ("c.1650", 1645, 1655),
        ("ca. 1650", 1645, 1655),
        ("circa 1650", 1645, 1655),
        ("c 1657", 1652, 1662),
        ("around 1550", 1545, 1555),
        ("1503-06", 1503, 1506),
        ("1503–6", 1503, 1506),
        ("1598-02", 1598, 1602),
        ("1594-1605", 1594, 1605),
        ("1594 - 1605", 1594, 1605),
        ("c. 1594-1605", 1589, 1605),
        ("Winter 1885/86, Antwerp", 1885, 1886),
        ("second half of 16th century", 1551, 1600),
        ("1st half of the 17th c.", 1601, 1650),
        ("first half of the seventeenth century", 1601, 1650),
        ("last quarter of the 15th century", 1476, 1500),
        ("3rd quarter of the 15th century", 1451, 1475),
        ("late 15th century", 1467, 1500),
        ("early 15th century", 1401, 1433),
        ("mid-18th century", 1734, 1766),
        ("c. mid- to late-19th century", 1834, 1900),
        ("late 18th-early 19th century", 1767, 1833),
        (
            "c. second half of the 17th century-early 18th century",
            1651,
            1733,
        ),
        ("17th-18th century", 1601, 1800),
        ("17th century", 1601, 1700),
        ("18 century", 1701, 1800),
        ("late 19th C", 1867, 1900),
        ("1640s", 1640, 1649),
        ("1640's", 1640, 1649),
        ("c. 1640s", 1640, 1649),
        ("early 1640s", 1640, 1642),
        ("late 1640s", 1646, 1649),
        ("1640s-50s", 1640, 1659),
        ("1640s-1650s", 1640, 1659),
        ("early 1500s", 1500, 1532),
        ("1500s", 1500, 1599),
        ("after 1600", 1600, 1610),
        ("before 1512", 1502, 1512),
        ("no earlier than 1920", 1920, 1930),
        ("1920 or later", 1920, 1930),
        ("1840 or earlier", 1830, 1840),
        ("1635 or 1640", 1635, 1640),
        ("1635 (or 1640)", 1635, 1635),
        ("between 1620 and 1630", 1620, 1630),
        ("June 1889, Saint-Rémy", 1889, 1889),
        ("September 9, 1955", 1955, 1955),
        ("14th May 1889", 1889, 1889),
        ("14.5.1889", 1889, 1889),
        ("1889-05-31", 1889, 1889),
        ("5/31/1889", 1889, 1889),
        ("?1820", 1820, 1820),
        ("1928, printed 1977", 1928, 1928),
        ("c. 1925-1930, printed 1970", 1920, 1930),
        ("published 1801", 1801, 1801),
        ("Edo period (1615-1868), c. 1830-1840", 1825, 1840),
        ("1920 (designed) c. 1925 (manufactured)", 1920, 1920),
        ("c. 980", 975, 985),
        ("c. 3150 BC", -3155, -3145),
        ("c.3150 BC - c.640 AD", -3155, 645),
        ("900 - 31 BC", -900, -31),
        ("480 - 323 B.C.", -480, -323),
        ("31-12 BC", -31, -12),
        ("5th century BC", -500, -401),
        ("first half of the 5th century B.C.E.", -500, -451),
    ];
    for (text, from, to) in table {
        assert_eq!(
            YearRange::parse(text),
            Some(YearRange::new(from, to)),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_date() {
    for text in [
        "",
        "-",
        "n.d.",
        "undated",
        "date not known",
        "jún.04",
        "jan.00",
        "12345",
        "Paris",
        "9999",
    ] {
        assert_eq!(YearRange::parse(text), None, "{text}");
    }
}

#[test]
fn timeframes_are_those_of_the_middle_year() {
    let table = [
        ("1851", Some("1851-1900")),
        ("1900", Some("1851-1900")),
        ("c. 1650", Some("1601-1650")),
        ("1645-1660", Some("1651-1700")),
        ("1640s", Some("1601-1650")),
        ("second half of 16th century", Some("1551-1600")),
        ("after 1600", Some("1601-1650")),
        ("before 1512", Some("1501-1550")),
        ("980", Some("0951-1000")),
        ("17th century", None),
        ("1500s", None),
        ("c. 3150 BC", None),
    ];
    for (text, timeframe) in table {
        let range = YearRange::parse(text).unwrap();
        assert_eq!(range.timeframe().as_deref(), timeframe, "{text}");
        assert!(timeframe.is_none_or(is_timeframe));
    }
}

#[test]
fn names_of_timeframes() {
    for text in ["1851-1900", "0951-1000", "2001-2050"] {
        assert!(is_timeframe(text), "{text}");
    }
    for text in [
        "1850-1900",
        "1851-1950",
        "1851",
        "19th century",
        "851-900",
        "1851-19é",
    ] {
        assert!(!is_timeframe(text), "{text}");
    }
}

#[test]
fn ranges_read_well() {
    assert_eq!(YearRange::new(-31, 14).to_string(), "31 BC to 14");
    assert_eq!(YearRange::new(1650, 1650).to_string(), "1650");
}
