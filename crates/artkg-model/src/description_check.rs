//! Whether what a model file says of itself can be true.

use artkg_vocabulary::Vocabulary;

use crate::error::{DescriptionFault, WIDEST};
use crate::model_file::{ModelDescription, SideDescription};

impl ModelDescription {
    /// Checks what was read from a file.
    ///
    /// # Errors
    /// The first thing that cannot be true.
    pub(crate) fn check(&self) -> Result<(), DescriptionFault> {
        self.check_tasks()?;
        self.preprocessing
            .validate()
            .map_err(DescriptionFault::Preprocessing)?;
        self.check_widths()?;
        if let Some(made) = &self.standardisation {
            let (mean, deviation) = (made.mean, made.deviation);
            if !mean.is_finite() || !deviation.is_finite() || deviation <= 0.0 {
                return Err(DescriptionFault::Standardisation { mean, deviation });
            }
        }
        self.check_trust()?;
        match &self.side {
            Some(SideDescription::Attributes(models)) => models.iter().try_for_each(Self::check),
            _ => Ok(()),
        }
    }

    fn check_tasks(&self) -> Result<(), DescriptionFault> {
        let tasks = || self.vocabularies.iter().map(|one| one.attribute);
        if tasks().next().is_none() {
            return Err(DescriptionFault::NoTask);
        }
        for (place, task) in tasks().enumerate() {
            if tasks().take(place).any(|other| other == task) {
                return Err(DescriptionFault::Twice(task));
            }
        }
        if self.temperatures.len() != self.vocabularies.len() {
            return Err(DescriptionFault::Temperatures {
                temperatures: self.temperatures.len(),
                tasks: self.vocabularies.len(),
            });
        }
        for (task, value) in tasks().zip(&self.temperatures) {
            if !value.is_finite() || *value <= 0.0 {
                let value = *value;
                return Err(DescriptionFault::Temperature { task, value });
            }
        }
        Ok(())
    }

    fn check_widths(&self) -> Result<(), DescriptionFault> {
        let classifier = &self.classifier;
        let hidden = classifier.hidden.iter();
        let side = classifier.side.iter();
        let projection = classifier.projection.iter();
        let widths = hidden
            .map(|width| ("a layer of the classifiers", *width))
            .chain(side.clone().map(|side| ("the side input", side.inputs)))
            .chain(side.filter_map(|side| Some(("the side encoder", side.encoder?))))
            .chain(projection.clone().map(|one| ("the projection", one.width)))
            .chain(projection.flat_map(|one| {
                let hidden = one.hidden.iter();
                hidden.map(|width| ("a layer of the projection", *width))
            }));
        for (what, width) in widths {
            if !(1..=WIDEST).contains(&width) {
                return Err(DescriptionFault::Width { what, width });
            }
        }
        Ok(())
    }

    /// Whether what the model knows of its own tags fits its tasks.
    fn check_trust(&self) -> Result<(), DescriptionFault> {
        let classes: Vec<usize> = self.vocabularies.iter().map(Vocabulary::len).collect();
        if let Some(selection) = &self.selection {
            let fits = |curves: &Vec<_>| curves.len() == classes.len();
            let expected = self.joint.is_none() || fits(&selection.consistent);
            if !fits(&selection.independent) || !expected {
                return Err(DescriptionFault::Curves);
            }
        }
        match &self.joint {
            Some(joint) => joint.check(&classes).map_err(DescriptionFault::Joint),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A description as a file has it.
    fn description() -> Value {
        let tasks = ["type", "author"].map(|attribute| {
            json!({ "attribute": attribute, "classes": ["unknown", "a"], "minimum_count": 1 })
        });
        json!({
            "format": ModelDescription::FORMAT, "mode": "kgm", "architecture": "resnet18",
            "bottleneck": "v1.5", "frozen": "input", "side": null,
            "classifier": { "hidden": [8], "projection": { "width": 16 } },
            "vocabularies": tasks,
            "preprocessing": { "resize": 36, "crop": 32 },
            "standardisation": { "mean": 0.0, "deviation": 1.0 },
            "temperatures": [1.0, 2.0],
            "provenance": {
                "artkg_version": "0.1.0", "corpus": "demo", "seed": 0, "epoch": 1, "validation": {},
            },
        })
    }

    fn checked(value: &Value) -> Result<(), DescriptionFault> {
        let text = value.to_string();
        serde_json::from_str::<ModelDescription>(&text)?.check()
    }

    #[test]
    fn what_cannot_be_true_is_refused_by_name() {
        checked(&description()).unwrap();
        for (pointer, absurd, words) in [
            ("/vocabularies", json!([]), "no task"),
            (
                "/vocabularies/1/attribute",
                json!("type"),
                "task type twice",
            ),
            ("/temperatures", json!([1.0]), "1 temperatures for 2 tasks"),
            ("/temperatures/1", json!(0.0), "temperature of author is 0"),
            ("/temperatures/0", json!(-1.0), "temperature of type is -1"),
            // Too much for 32 bits.
            ("/temperatures/0", json!(1e39), "number out of range"),
            ("/preprocessing/crop", json!(100_000), "crop 100000"),
            ("/preprocessing/resize", json!(100_000), "resize 100000"),
            ("/preprocessing/crop", json!(0), "crop 0"),
            ("/classifier/hidden/0", json!(0), "a width of 0"),
            (
                "/classifier/projection/width",
                json!(70_000),
                "a width of 70000",
            ),
            ("/standardisation/deviation", json!(0.0), "a deviation of 0"),
        ] {
            let mut description = description();
            *description.pointer_mut(pointer).unwrap() = absurd;
            let message = checked(&description).unwrap_err().to_string();
            assert!(message.contains(words), "{pointer}: {message}");
        }
    }

    #[test]
    fn so_is_what_a_model_inside_it_says() {
        let mut inner = description();
        inner["temperatures"][0] = json!(-1.0);
        let mut outer = description();
        outer["side"] = json!({ "attributes": [inner] });
        let message = checked(&outer).unwrap_err().to_string();
        assert!(message.contains("temperature of type is -1"), "{message}");
    }
}
