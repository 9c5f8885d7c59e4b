/// Where the unimodal `function` is smallest between `low` and `high`, within
/// `tolerance` (Kiefer, 1953).
pub fn golden_section(
    (mut low, mut high): (f64, f64),
    tolerance: f64,
    mut function: impl FnMut(f64) -> f64,
) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (function(left), function(right));
    while high - low > tolerance {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = function(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = function(right);
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_minima_inside_and_at_the_ends() {
        let minimum = |best: f64| golden_section((-1.0, 3.0), 1e-6, |x| (x - best).abs().sqrt());
        for best in [-1.0, 0.123, 3.0] {
            assert!((minimum(best) - best).abs() < 1e-5, "{best}");
        }
    }
}
