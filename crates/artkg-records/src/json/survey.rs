//! What one pass over JSON shows: where it has lists, and which paths.

use std::path::Path;

use serde_json::Value;

use super::scanner::Scanner;
use crate::error::Result;
use crate::flat::{self, LIST, Paths};
use crate::format::Format;

/// Objects within this many objects are looked into for lists; what lies deeper belongs
/// to a record.
const LISTS_WITHIN: usize = 3;

/// What one pass over files of JSON shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// Whether each line is a value of its own.
    pub(super) is_lines: bool,
    /// The paths of all values, from the beginning of the file.
    pub(super) paths: Paths,
    /// The lists of objects, with how many they have.
    pub(super) lists: Vec<(String, u64)>,
    /// The addresses in `@context`: of which standard the file is.
    contexts: Vec<String>,
}

impl Survey {
    /// Looks through files of one shape.
    pub(crate) fn of(files: &[impl AsRef<Path>]) -> Result<Self> {
        let mut survey = Self::default();
        for file in files {
            survey.add(file.as_ref())?;
        }
        Ok(survey)
    }

    /// The format of the files.
    pub(crate) fn format(&self) -> Format {
        match self.is_lines {
            true => Format::JsonLines,
            false => Format::Json,
        }
    }

    /// Whether a file says that it is of a standard, by a part of its address.
    pub(crate) fn has_context(&self, part: &str) -> bool {
        self.contexts.iter().any(|context| context.contains(part))
    }

    fn add(&mut self, file: &Path) -> Result<()> {
        let mut scanner = Scanner::open(file)?;
        let mut bytes = Vec::new();
        if scanner.peek()?.is_none() {
            return Err(scanner.fault("the file is empty"));
        }
        let first = scanner.line();
        self.walk(&mut scanner, &mut String::new(), 0, &mut bytes)?;
        let is_line = scanner.line() == first;
        if scanner.peek()?.is_none() {
            return Ok(());
        }
        self.is_lines = is_line && scanner.line() > first;
        if self.is_lines {
            while scanner.take_line(&mut bytes)? {
                // Reading says what is wrong with a line.
                if let Ok(value) = serde_json::from_slice(&bytes) {
                    self.paths.insert_all(&mut String::new(), &value);
                }
            }
            return Ok(());
        }
        while scanner.take_next(&mut bytes)? {
            self.note(&mut String::new(), &bytes);
        }
        Ok(())
    }

    fn walk(
        &mut self,
        scanner: &mut Scanner,
        path: &mut String,
        depth: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        if depth < LISTS_WITHIN && scanner.takes(b'{')? {
            let mut is_first = true;
            while scanner.goes_on(is_first, b'}')? {
                is_first = false;
                let name = scanner.key(bytes)?;
                let length = flat::enter(path, &name);
                self.walk(scanner, path, depth + 1, bytes)?;
                path.truncate(length);
            }
            return Ok(());
        }
        if depth < LISTS_WITHIN && scanner.takes(b'[')? {
            let length = path.len();
            path.push_str(LIST);
            let (mut elements, mut objects) = (0, 0);
            while scanner.goes_on(elements == 0, b']')? {
                elements += 1;
                objects += u64::from(scanner.peek()? == Some(b'{'));
                self.take(scanner, path, bytes)?;
            }
            if objects > 0 {
                match self.lists.iter_mut().find(|(list, _)| list == path) {
                    Some((_, known)) => *known += objects,
                    None => self.lists.push((path.clone(), objects)),
                }
            }
            path.truncate(length);
            return Ok(());
        }
        self.take(scanner, path, bytes)
    }

    /// Notes the paths in the next value. What cannot be parsed is passed over: reading
    /// says what is wrong with it.
    fn take(
        &mut self,
        scanner: &mut Scanner,
        path: &mut String,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        scanner.take(bytes)?;
        self.note(path, bytes);
        Ok(())
    }

    fn note(&mut self, path: &mut String, bytes: &[u8]) {
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            if let (true, Some(context)) = (path.starts_with("@context"), value.as_str()) {
                self.contexts.push(context.to_owned());
            }
            self.paths.insert_all(path, &value);
        }
    }
}
