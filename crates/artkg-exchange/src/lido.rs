//! LIDO 1.1: <https://lido-schema.org>. A record an image. What the model says has `lido:type="machine"`
//! where LIDO has types, and a source everywhere else.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use artkg_files::Writer;
use artkg_tag::{Origin, TagWriter, Tags};

use crate::addresses::authority;
use crate::claims::{Claim, Role, claims, years};
use crate::context::Context;
use crate::source;
use crate::xml::escaped;

/// Terms of LIDO's own terminology: kinds of identifiers.
const LOCAL: &str = "http://terminology.lido-schema.org/lido00100";
const ADDRESS: &str = "http://terminology.lido-schema.org/lido00099";

/// The writer of the format.
pub(crate) struct LidoFile {
    pub(crate) context: Arc<Context>,
}

impl TagWriter for LidoFile {
    fn name(&self) -> &'static str {
        "lido"
    }

    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = artkg_tag::Result<Tags>>,
        writer: &mut Writer,
    ) -> artkg_tag::Result<()> {
        let failed = |source| artkg_files::Error::new("write", target, source);
        writer
            .write_all(
                b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                  <lido:lidoWrap xmlns:lido=\"http://www.lido-schema.org\" \
                  xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                  xsi:schemaLocation=\"http://www.lido-schema.org \
                  http://www.lido-schema.org/schema/v1.1/lido-v1.1.xsd\">\n",
            )
            .map_err(failed)?;
        for tags in tags {
            let record = record(&tags?, origin, &self.context);
            writer.write_all(record.as_bytes()).map_err(failed)?;
        }
        writer.write_all(b"</lido:lidoWrap>\n").map_err(failed)?;
        Ok(())
    }
}

/// XML that grows, element by element.
struct Record {
    text: String,
    depth: usize,
}

impl Record {
    /// An element whose attributes, XML already, follow its name.
    fn within(&mut self, tag: &str, inner: impl FnOnce(&mut Self)) {
        self.line(&format!("<lido:{tag}>"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.line(&format!("</lido:{}>", name(tag)));
    }

    fn text(&mut self, tag: &str, value: &str) {
        self.line(&format!(
            "<lido:{tag}>{}</lido:{}>",
            escaped(value),
            name(tag)
        ));
    }

    fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n(' ', self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A concept: its addresses and its term.
    fn concept(&mut self, addresses: &[String], term: &str, label: &str) {
        for address in addresses {
            self.identifier("conceptID", address);
        }
        self.text(&format!("term lido:label=\"{}\"", escaped(label)), term);
    }

    fn identifier(&mut self, tag: &str, address: &str) {
        let source = match authority(address) {
            Some(authority) => format!(" lido:source=\"{authority}\""),
            None => String::new(),
        };
        self.text(&format!("{tag} lido:type=\"{ADDRESS}\"{source}"), address);
    }
}

/// A tag's name, without the attributes.
fn name(tag: &str) -> &str {
    tag.split(' ').next().unwrap_or(tag)
}

fn record(tags: &Tags, origin: &Origin, context: &Context) -> String {
    let claims = claims(tags);
    let of = |role: Role| claims.iter().filter(move |claim| claim.role == role);
    let id = tags.id.as_deref().unwrap_or(&tags.image);
    let label = |claim: &Claim<'_>| {
        format!(
            "{}; confidence {}; review {}",
            claim.task,
            claim.confidence,
            tags.review.name()
        )
    };
    let addresses = |claim: &Claim<'_>| context.addresses.of(claim.task, claim.class).to_vec();
    let said = |claim: &Claim<'_>| {
        format!(
            "{} ({}), {}: {}",
            source::agent(origin),
            origin.model.fingerprint,
            origin.created,
            source::caution(claim.confidence, tags.review)
        )
    };
    let mut record = Record {
        text: String::new(),
        depth: 1,
    };
    record.within("lido", |record| {
        record.text(
            &format!("lidoRecID lido:type=\"{ADDRESS}\" lido:source=\"artkg\""),
            &context.record_address(id),
        );
        record.within("descriptiveMetadata xml:lang=\"en\"", |record| {
            record.within("objectClassificationWrap", |record| {
                record.within("objectWorkTypeWrap", |record| {
                    record.within("objectWorkType", |record| {
                        // The one thing that LIDO asks for and that nobody has said.
                        record.text("term", "not specified");
                    });
                });
                let classes: Vec<_> = of(Role::Type).chain(of(Role::Other)).collect();
                if !classes.is_empty() {
                    record.within("classificationWrap", |record| {
                        for claim in classes {
                            record.within("classification lido:type=\"machine\"", |record| {
                                record.concept(&addresses(claim), claim.class, &label(claim));
                            });
                        }
                    });
                }
            });
            record.within("objectIdentificationWrap", |record| {
                record.within("titleWrap", |record| {
                    record.within("titleSet", |record| {
                        let title = context.title(tags.id.as_deref());
                        record.text("appellationValue", title.unwrap_or(id));
                    });
                });
                if let Some(id) = &tags.id {
                    record.within("repositoryWrap", |record| {
                        record.within("repositorySet", |record| record.text("workID", id));
                    });
                }
            });
            let mut made = [Role::Author, Role::School, Role::Timeframe]
                .into_iter()
                .flat_map(of)
                .peekable();
            if made.peek().is_some() {
                record.within("eventWrap", |record| {
                    record.within("eventSet", |record| {
                        record.within("event", |record| {
                            production(record, &claims, &addresses, &label, &said);
                        });
                    });
                });
            }
            let mut subjects = of(Role::Subject).peekable();
            if subjects.peek().is_some() {
                record.within("objectRelationWrap", |record| {
                    record.within("subjectWrap", |record| {
                        for claim in subjects {
                            record.within("subjectSet", |record| {
                                record.within("subject lido:type=\"machine\"", |record| {
                                    record.within("subjectConcept", |record| {
                                        record.concept(
                                            &addresses(claim),
                                            claim.class,
                                            &label(claim),
                                        );
                                    });
                                });
                            });
                        }
                    });
                });
            }
        });
        record.within("administrativeMetadata xml:lang=\"en\"", |record| {
            administration(record, tags, id, origin);
        });
    });
    record.text
}

/// The event in which the work was made, as far as the model says something of it.
fn production(
    record: &mut Record,
    claims: &[Claim<'_>],
    addresses: &dyn Fn(&Claim<'_>) -> Vec<String>,
    label: &dyn Fn(&Claim<'_>) -> String,
    said: &dyn Fn(&Claim<'_>) -> String,
) {
    let of = |role: Role| claims.iter().filter(move |claim| claim.role == role);
    record.within("eventType", |record| {
        record.identifier("conceptID", "http://terminology.lido-schema.org/lido00007");
        record.text("term", "Production");
    });
    for claim in of(Role::Author) {
        record.within("eventActor", |record| {
            record.text(
                "displayActorInRole",
                &format!("possibly {} (suggested by software)", claim.class),
            );
            record.within("actorInRole", |record| {
                record.within("actor", |record| {
                    for address in addresses(claim) {
                        record.identifier("actorID", &address);
                    }
                    record.within("nameActorSet", |record| {
                        record.text(
                            &format!("appellationValue lido:label=\"{}\"", escaped(&label(claim))),
                            claim.class,
                        );
                    });
                });
                record.within("attributionQualifierActor", |record| {
                    record.text("term", "possibly by, suggested by software");
                });
                record.text("sourceActorInRole", &said(claim));
            });
        });
    }
    // One date at most, as LIDO has it.
    if let Some(claim) = of(Role::Timeframe).next() {
        record.within("eventDate", |record| {
            record.text(
                &format!("displayDate lido:label=\"{}\"", escaped(&label(claim))),
                &format!("possibly {} (suggested by software)", claim.class),
            );
            if let Some((first, last)) = years(claim.class) {
                record.within("date", |record| {
                    let source = escaped(&said(claim)).into_owned();
                    for (tag, year) in [("earliestDate", first), ("latestDate", last)] {
                        record.text(
                            &format!("{tag} lido:type=\"machine\" lido:source=\"{source}\""),
                            year,
                        );
                    }
                });
            }
        });
    }
    for claim in of(Role::School) {
        record.within("periodName lido:type=\"machine\"", |record| {
            record.concept(&addresses(claim), claim.class, &label(claim));
        });
    }
}

/// Who says all this, and of which image.
fn administration(record: &mut Record, tags: &Tags, id: &str, origin: &Origin) {
    record.within("recordWrap", |record| {
        record.text(&format!("recordID lido:type=\"{LOCAL}\""), id);
        record.within("recordType", |record| record.text("term", "machine tags"));
        record.within("recordSource lido:type=\"machine\"", |record| {
            record.within("legalBodyName", |record| {
                record.text("appellationValue", &source::agent(origin));
            });
        });
        record.within("recordInfoSet lido:type=\"machine\"", |record| {
            record.text(
                &format!("recordInfoID lido:type=\"{LOCAL}\" lido:label=\"model\""),
                &origin.model.fingerprint,
            );
            record.text(
                &format!(
                    "recordMetadataDate lido:label=\"review {}\"",
                    tags.review.name()
                ),
                &origin.created,
            );
        });
    });
    record.within("resourceWrap", |record| {
        record.within("resourceSet", |record| {
            record.within("resourceRepresentation", |record| {
                record.text("linkResource", &tags.image);
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{origin, tags};

    #[test]
    fn guesses_are_attributions_of_an_agent() {
        let mut context = Context::default();
        context.addresses.add(
            "author",
            "Johannes Vermeer",
            "http://vocab.getty.edu/ulan/500032927",
        );
        context.titles.insert("36029".into(), "A & B".into());
        let text = record(&tags(), &origin(), &context);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for expected in [
            "<lido:classification lido:type=\"machine\">",
            "<lido:term lido:label=\"type; confidence 0.9375; review none\">portrait</lido:term>",
            "<lido:appellationValue>A &amp; B</lido:appellationValue>",
            "<lido:workID>36029</lido:workID>",
            "<lido:displayActorInRole>possibly Johannes Vermeer (suggested by software)\
             </lido:displayActorInRole>",
            "<lido:term>possibly by, suggested by software</lido:term>",
            "<lido:recordMetadataDate lido:label=\"review none\">2026-02-28T09:30:00Z\
             </lido:recordMetadataDate>",
            "<lido:linkResource>photos/36029.jpg</lido:linkResource>",
        ] {
            assert!(lines.contains(&expected), "{expected}\nin {text}");
        }
        let actor = "<lido:actorID lido:type=\"http://terminology.lido-schema.org/lido00099\" \
                     lido:source=\"ULAN\">http://vocab.getty.edu/ulan/500032927</lido:actorID>";
        assert!(lines.contains(&actor), "{text}");
        assert!(text.contains(">1651</lido:earliestDate>"));
        assert!(text.contains(">1700</lido:latestDate>"));
        assert!(text.contains(&origin().model.fingerprint));
        // The school is withheld.
        assert!(!text.contains("periodName"));
    }

    #[test]
    fn a_record_without_tags_is_still_one() {
        let mut tags = tags();
        tags.id = None;
        for task in &mut tags.tags {
            task.abstained = true;
        }
        let text = record(&tags, &origin(), &Context::default());
        for absent in ["eventWrap", "classificationWrap", "workID", "Vermeer"] {
            assert!(!text.contains(absent), "{absent} in {text}");
        }
        assert!(text.contains("<lido:appellationValue>photos/36029.jpg</lido:appellationValue>"));
    }
}
