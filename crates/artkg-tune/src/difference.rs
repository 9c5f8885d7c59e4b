use std::fmt;

/// A setting that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its dotted key.
    pub key: String,
    /// What it was; `None` where it was not set.
    pub was: Option<String>,
    /// What it is; `None` where it is not set.
    pub is: Option<String>,
}

/// `seed was 1, is not set`.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn show(value: &Option<String>) -> &str {
            value.as_deref().unwrap_or("not set")
        }
        let (was, is) = (show(&self.was), show(&self.is));
        write!(formatter, "{} was {was}, is {is}", self.key)
    }
}
