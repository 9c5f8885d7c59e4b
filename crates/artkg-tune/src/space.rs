use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fault::ParameterFault;
use crate::parameter::Parameter;
use crate::value::Assignment;

/// The parameters that are searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Parameter>", into = "Vec<Parameter>")]
pub struct Space(Vec<Parameter>);

impl Space {
    /// A space of parameters with different names.
    ///
    /// # Errors
    /// [`Error::Parameter`] where a name occurs twice, and [`Error::NothingToSearch`]
    /// where there is none.
    pub fn new(parameters: Vec<Parameter>) -> Result<Self> {
        for (place, parameter) in parameters.iter().enumerate() {
            let same = |other: &Parameter| other.name == parameter.name;
            if parameters[..place].iter().any(same) {
                return Err(Error::Parameter {
                    text: parameter.to_string(),
                    fault: ParameterFault::NameTwice(parameter.name.clone()),
                });
            }
        }
        match parameters.is_empty() {
            false => Ok(Self(parameters)),
            true => Err(Error::NothingToSearch),
        }
    }

    /// The parameters in the order given.
    pub fn parameters(&self) -> &[Parameter] {
        &self.0
    }

    /// An assignment as text in the space's order: `dropout 0.2, kind sgd`.
    /// Only the last part of dotted names is shown where it tells enough.
    pub fn describe(&self, assignment: &Assignment) -> String {
        let texts = self.0.iter().filter_map(|parameter| {
            let value = assignment.get(&parameter.name)?;
            Some(format!("{} {value}", self.short_name(parameter)))
        });
        texts.collect::<Vec<_>>().join(", ")
    }

    /// The last part of a dotted name, or all of it where two end alike.
    pub fn short_name<'a>(&self, parameter: &'a Parameter) -> &'a str {
        let last = |name: &'a str| name.rsplit('.').next().unwrap_or(name);
        let short = last(&parameter.name);
        let alike = self
            .0
            .iter()
            .filter(|other| other.name.rsplit('.').next() == Some(short));
        match alike.count() {
            1 => short,
            _ => &parameter.name,
        }
    }
}

impl TryFrom<Vec<Parameter>> for Space {
    type Error = Error;

    fn try_from(parameters: Vec<Parameter>) -> Result<Self> {
        Self::new(parameters)
    }
}

impl From<Space> for Vec<Parameter> {
    fn from(space: Space) -> Self {
        space.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn space(texts: &[&str]) -> Result<Space> {
        Space::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn names_occur_once() {
        let message = space(&["a=0..1", "a=1,2"]).unwrap_err().to_string();
        assert!(message.contains("a is given twice"), "{message}");
        assert!(space(&[]).is_err());
    }

    #[test]
    fn descriptions_are_short_and_unambiguous() {
        let space = space(&["one.rate=0..1", "two.rate=0..1", "one.kind=a,b"]).unwrap();
        let assignment = Assignment::from([
            ("two.rate".to_owned(), Value::Number(0.25)),
            ("one.rate".to_owned(), Value::Number(0.5)),
            ("one.kind".to_owned(), Value::Text("b".to_owned())),
        ]);
        assert_eq!(
            space.describe(&assignment),
            "one.rate 0.5, two.rate 0.25, kind b"
        );
    }
}
