use serde::{Deserialize, Serialize};

/// McNemar's test of two systems on the same works.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct McNemar {
    /// Works on which only the first system is right.
    pub only_first: usize,
    /// Works on which only the second system is right.
    pub only_second: usize,
    /// The exact conditional p, two-sided.
    pub exact: f64,
    /// The mid-p, which is less conservative (Fagerland, Lydersen and Laake,
    /// BMC Medical Research Methodology 13:91, 2013).
    pub mid: f64,
}

/// Tests whether two systems are right equally often; `right[work]` says which
/// of them is: the first, the second.
pub fn mcnemar(right: impl IntoIterator<Item = (bool, bool)>) -> McNemar {
    let (mut only_first, mut only_second) = (0, 0);
    for works in right {
        match works {
            (true, false) => only_first += 1,
            (false, true) => only_second += 1,
            _ => {}
        }
    }
    let count = only_first + only_second;
    let fewer = only_first.min(only_second);
    // Of the binomial distribution with equal chances, by its logarithms: the
    // powers of a half underflow.
    let mut logarithm = -(count as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    for successes in 0..fewer {
        below += logarithm.exp();
        logarithm += ((count - successes) as f64 / (successes + 1) as f64).ln();
    }
    let at = logarithm.exp();
    let (exact, mid) = match only_first == only_second {
        true => (1.0, 1.0 - at / 2.0),
        false => {
            let exact = (2.0 * (below + at)).min(1.0);
            (exact, exact - at)
        }
    };
    McNemar {
        only_first,
        only_second,
        exact,
        // Without any difference nothing speaks for one.
        mid: if count == 0 { 1.0 } else { mid },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(first: usize, second: usize) -> McNemar {
        let pairs = std::iter::repeat_n((true, false), first)
            .chain(std::iter::repeat_n((false, true), second))
            .chain([(true, true), (false, false)]);
        mcnemar(pairs)
    }

    #[test]
    fn p_values_are_those_of_exact_arithmetic() {
        // By sums of binomial coefficients as fractions of whole numbers.
        let cases = [
            (1, 0, 1.0, 0.5),
            (12, 5, 0.143463134765625, 0.09625244140625),
            (20, 20, 1.0, 0.9373146561902104),
            (41, 60, 0.07275700687752419, 0.0594005369034335),
            (150, 103, 0.0037424438211128004, 0.0031107066373511757),
            (1900, 2100, 0.0016492663751356998, 0.001564338886116057),
        ];
        for (first, second, exact, mid) in cases {
            let result = test(first, second);
            assert_eq!((result.only_first, result.only_second), (first, second));
            assert!((result.exact / exact - 1.0).abs() < 1e-9, "{result:?}");
            assert!((result.mid / mid - 1.0).abs() < 1e-9, "{result:?}");
            let turned = test(second, first);
            assert_eq!((turned.exact, turned.mid), (result.exact, result.mid));
        }
    }

    #[test]
    fn no_difference_is_no_evidence() {
        let none = test(0, 0);
        assert_eq!((none.exact, none.mid), (1.0, 1.0));
    }
}
