//! Fields that are made of others: an address of a number.

use crate::extended::{Extended, Further, Record};
use crate::stream::Stream;

/// A source's records with further fields, made by templates such as `ulan:{ulanid}`: the
/// values of the field in braces, with what stands around it. A field is called as its
/// template is written.
pub type Derived = Extended<Templates>;

/// The templates whose field the source has.
pub struct Templates(Vec<Template>);

struct Template {
    before: String,
    /// The field in braces.
    of: usize,
    after: String,
    /// The field that is made.
    makes: usize,
}

impl Derived {
    /// Adds the templates whose field the source has.
    pub fn new<'a>(base: Box<dyn Stream>, templates: impl IntoIterator<Item = &'a str>) -> Self {
        let count = base.fields().len();
        let mut record = Record::new(base);
        let mut made = Vec::new();
        for template in templates {
            let Some((before, of, after)) = parts(template) else {
                continue;
            };
            let own = &record.fields()[..count];
            let Some(of) = own.iter().position(|known| known == of) else {
                continue;
            };
            if record.fields().iter().any(|known| known == template) {
                continue;
            }
            made.push(Template {
                before: before.to_owned(),
                of,
                after: after.to_owned(),
                makes: record.add(template.to_owned()),
            });
        }
        Self {
            record,
            further: Templates(made),
        }
    }

    /// Whether a name is a template.
    pub fn is_template(name: &str) -> bool {
        parts(name).is_some()
    }
}

/// What stands before the field, the field, and what stands after it.
fn parts(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (field, after) = rest.split_once('}')?;
    Some((before, field, after))
}

impl Further for Templates {
    fn fill(&self, record: &mut Record) {
        for template in &self.0 {
            let make = |text: &str| match text.is_empty() {
                // What is missing stays so.
                true => String::new(),
                false => format!("{}{text}{}", template.before, template.after),
            };
            let values = record.values(template.of);
            let made: Vec<String> = values.map(|value| make(value.text.trim())).collect();
            for value in made {
                record.push(template.makes, value);
            }
        }
    }
}
