//! Help texts that name a default which the code decides.

use std::fmt::{Debug, Display};

use clap::ValueEnum;

/// A help text that ends with the default.
pub(crate) fn with_default(help: &str, default: impl Display) -> String {
    format!("{help} [default: {default}]")
}

/// A number as people write it: `0.1`, `30`, `1e-8`.
#[cfg(feature = "runs")]
pub(crate) fn number(value: impl Display + std::fmt::LowerExp + Into<f64> + Copy) -> String {
    let size: f64 = value.into().abs();
    match size > 0.0 && size < 1e-4 {
        true => format!("{value:e}"),
        false => value.to_string(),
    }
}

/// A default that depends on something named, such as the optimiser:
/// `0.01 for sgd and adagrad, 0.001 for adam`. The value alone where all agree;
/// names without a value are left out.
pub(crate) fn by_name<'a>(defaults: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, value) in defaults {
        let Some(value) = value else { continue };
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, names)) => names.push(name),
            None => groups.push((value, vec![name])),
        }
    }
    match groups.as_slice() {
        [(value, _)] => value.clone(),
        _ => groups
            .iter()
            .map(|(value, names)| format!("{value} for {}", enumerate(names)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// `a, b and c`.
fn enumerate(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

/// The word on the command line for `setting`, among the names of its type.
pub(crate) fn word<Name, Setting>(setting: Setting) -> String
where
    Name: ValueEnum + Clone,
    Setting: From<Name> + PartialEq + Debug,
{
    Name::value_variants()
        .iter()
        .find(|name| Setting::from((*name).clone()) == setting)
        .and_then(ValueEnum::to_possible_value)
        .map_or_else(
            || format!("{setting:?}"),
            |value| value.get_name().to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "runs")]
    #[test]
    fn numbers_are_short() {
        assert_eq!(number(30_u32), "30");
        assert_eq!(number(0.1), "0.1");
        assert_eq!(number(0.3_f32), "0.3");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(1e-8), "1e-8");
    }

    #[test]
    fn equal_defaults_share_a_phrase() {
        let defaults = |values: [Option<&str>; 4]| {
            by_name(
                ["a", "b", "c", "d"]
                    .into_iter()
                    .zip(values.map(|value| value.map(str::to_owned))),
            )
        };
        assert_eq!(
            defaults([Some("1"), Some("2"), Some("1"), Some("1")]),
            "1 for a, c and d, 2 for b"
        );
        assert_eq!(defaults([Some("1"); 4]), "1");
        assert_eq!(defaults([None, Some("1"), None, None]), "1");
        assert_eq!(
            defaults([Some("1"), Some("0"), None, Some("0")]),
            "1 for a, 0 for b and d"
        );
    }
}
