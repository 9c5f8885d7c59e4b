use crate::running::Running;

/// Ways out of an error, each a part of a sentence. Those that name options which the
/// running command lacks are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ways(Vec<String>);

impl Ways {
    /// The ways that `running` has, as a sentence; `None` where it has none.
    pub(super) fn in_command(&self, running: &Running) -> Option<String> {
        let possible = self.0.iter().filter(|way| running.can(way));
        let possible: Vec<&str> = possible.map(String::as_str).collect();
        (!possible.is_empty()).then(|| possible.join(", or "))
    }
}

impl From<&str> for Ways {
    fn from(way: &str) -> Self {
        Self(vec![way.to_owned()])
    }
}

impl From<String> for Ways {
    fn from(way: String) -> Self {
        Self(vec![way])
    }
}

impl<const N: usize> From<[&str; N]> for Ways {
    fn from(ways: [&str; N]) -> Self {
        Self(ways.map(str::to_owned).into())
    }
}

impl<const N: usize> From<[String; N]> for Ways {
    fn from(ways: [String; N]) -> Self {
        Self(ways.into())
    }
}
