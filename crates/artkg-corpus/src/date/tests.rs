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
        // Numbers that are no years.
        ("c. 1948-1949, Design Patent 155,354, 1949", 1949, 1949),
        ("1889 (inv. 345)", 1889, 1889),
        ("No. 155, 1920", 1920, 1920),
        ("1-299 CE", 1, 299),
        ("AD 79", 79, 79),
        ("c. 50-320", 45, 320),
        ("-500", -500, -500),
        // Bounds that are turned round.
        ("not before 1650", 1650, 1660),
        ("not after 1650", 1640, 1650),
        ("nicht vor 1650", 1650, 1660),
        ("pas avant 1650", 1650, 1660),
        ("no antes de 1650", 1650, 1660),
        // German.
        ("nach 1650", 1650, 1660),
        ("vor 1650", 1640, 1650),
        ("um 1650", 1645, 1655),
        ("1640 bis 1645", 1640, 1645),
        ("2. Hälfte 16. Jh.", 1551, 1600),
        ("zweite Hälfte des 16. Jahrhunderts", 1551, 1600),
        ("Anfang 17. Jahrhundert", 1601, 1633),
        ("Mitte des 17. Jahrhunderts", 1634, 1666),
        ("Ende 15. Jh.", 1467, 1500),
        ("letztes Viertel 15. Jh.", 1476, 1500),
        ("16./17. Jh.", 1501, 1700),
        ("1640er Jahre", 1640, 1649),
        ("5. Jh. v. Chr.", -500, -401),
        // French.
        ("18e siècle", 1701, 1800),
        ("XVIIIe siècle", 1701, 1800),
        ("XVIIe s.", 1601, 1700),
        ("première moitié du XVIe siècle", 1501, 1550),
        ("premier quart du XVIIe siècle", 1601, 1625),
        ("fin XVIIIe - début XIXe siècle", 1767, 1833),
        ("vers 1650", 1645, 1655),
        ("après 1650", 1650, 1660),
        ("années 1640", 1640, 1649),
        ("Ier siècle av. J.-C.", -100, -1),
        // Italian.
        ("XVIII century", 1701, 1800),
        ("secolo XVII", 1601, 1700),
        ("sec. XVI", 1501, 1600),
        ("prima metà del XVI secolo", 1501, 1550),
        ("metà del XVI secolo", 1534, 1566),
        ("ultimo quarto del XV secolo", 1476, 1500),
        ("prima del 1650", 1640, 1650),
        ("dopo il 1650", 1650, 1660),
        ("fine XV - inizio XVI secolo", 1467, 1533),
        // Spanish.
        ("siglo XVI", 1501, 1600),
        ("s. XVI", 1501, 1600),
        ("segunda mitad del siglo XVII", 1651, 1700),
        ("principios del siglo XVIII", 1701, 1733),
        ("hacia 1650", 1645, 1655),
        ("desde 1640 hasta 1645", 1640, 1645),
        ("década de 1640", 1640, 1649),
        // Dutch.
        ("17e eeuw", 1601, 1700),
        ("17de eeuw", 1601, 1700),
        ("tweede helft 17e eeuw", 1651, 1700),
        ("laatste kwart 16e eeuw", 1576, 1600),
        ("omstreeks 1650", 1645, 1655),
        ("na 1650", 1650, 1660),
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
fn years_of_databases() {
    for (cell, expected) in [
        ("1870", Some(1870)),
        (" 1870.0", Some(1870)),
        ("-500", Some(-500)),
        ("0", None),
        ("1870-01-01", Some(1870)),
        ("850", Some(850)),
        ("unknown", None),
    ] {
        assert_eq!(stated_year(cell), expected, "{cell}");
    }
}

#[test]
fn doubtful_dates() {
    for (text, doubtful) in [
        ("-500", true),
        ("found at level 155", true),
        ("980", false),
        ("c. 980, Fulda", false),
        ("1650", false),
        ("not before 1650", false),
        ("c. 1948-1949, Design Patent 155,354, 1949", false),
    ] {
        let reading = YearRange::read(text).unwrap();
        assert_eq!(reading.doubtful, doubtful, "{text}");
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
        (
            "c. 1948-1949, Design Patent 155,354, 1949",
            Some("1901-1950"),
        ),
        ("1-299 CE", None),
        ("c. 50-320", None),
        ("-500", None),
        ("not before 1650", Some("1651-1700")),
        ("nach 1650", Some("1651-1700")),
        ("2. Hälfte 16. Jh.", Some("1551-1600")),
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
