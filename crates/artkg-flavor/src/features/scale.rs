/// `x` on a scale that is linear around 0 and logarithmic far from it.
pub(super) fn signed_log(x: f64) -> f64 {
    x.signum() * x.abs().ln_1p()
}
