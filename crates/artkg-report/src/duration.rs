use std::time::Duration;

/// `45 s`, `12 min`, `3 h 20 min`.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let text = |seconds| duration_text(Duration::from_secs(seconds));
        assert_eq!(
            [text(45), text(725), text(12_000)],
            ["45 s", "12 min", "3 h 20 min"]
        );
    }
}
