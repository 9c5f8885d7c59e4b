//! The command that runs, so that advice names only options that it has.

use std::collections::BTreeSet;

use clap::{ArgMatches, Command};

/// A command by its names, such as `graph build`, and the program that it is part of.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// The definition of the whole program.
    program: fn() -> Command,
    names: Vec<String>,
}

impl Default for Running {
    /// No command of a program without options.
    fn default() -> Self {
        Self {
            program: || Command::new("artkg"),
            names: Vec::new(),
        }
    }
}

impl Running {
    /// The command that was given on a command line.
    pub(crate) fn of(program: fn() -> Command, matches: &ArgMatches) -> Self {
        let mut names = Vec::new();
        let mut matches = matches;
        while let Some((name, of_command)) = matches.subcommand() {
            names.push(name.to_owned());
            matches = of_command;
        }
        Self { program, names }
    }

    /// The command with these names.
    #[cfg(test)]
    pub(crate) fn named(program: fn() -> Command, names: &[&str]) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Self { program, names }
    }

    /// Whether a sentence makes sense here: every option that it names is one of this
    /// command, or of the command after which it stands, as in `artkg graph build
    /// --splits`; and every such command is part of this program.
    pub(crate) fn can(&self, sentence: &str) -> bool {
        let mut program = (self.program)();
        program.build();
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let own = command(&program, &names).map(options).unwrap_or_default();
        // Every second part stands between backticks.
        sentence.split('`').enumerate().all(|(place, part)| {
            let words: Vec<&str> = part.split_whitespace().collect();
            match words.split_first() {
                Some((&"artkg", names)) if place % 2 == 1 => {
                    let depth = command_words(&program, names);
                    let Some(found) = command(&program, &names[..depth]) else {
                        return false;
                    };
                    depth > 0 && named_options(part).is_subset(&options(found))
                }
                _ => named_options(part).is_subset(&own),
            }
        })
    }
}

/// How many of the words are names of commands.
fn command_words(program: &Command, words: &[&str]) -> usize {
    let mut command = program;
    for (place, word) in words.iter().enumerate() {
        match command.find_subcommand(word) {
            Some(found) => command = found,
            None => return place,
        }
    }
    words.len()
}

fn command<'a>(program: &'a Command, names: &[&str]) -> Option<&'a Command> {
    let mut command = program;
    for name in names {
        command = command.find_subcommand(name)?;
    }
    Some(command)
}

/// The long options of a command, as `--name`.
fn options(command: &Command) -> BTreeSet<String> {
    let names = command.get_arguments().filter_map(clap::Arg::get_long);
    names.map(|name| format!("--{name}")).collect()
}

/// The options that a text names.
pub(crate) fn named_options(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    let starts = text.match_indices("--").map(|(start, _)| start);
    starts
        .filter_map(|start| {
            let rest = &text[start + 2..];
            let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches('-');
            (!name.is_empty() && !name.starts_with('-')).then(|| format!("--{name}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    fn program() -> Command {
        let option = |name: &'static str| Arg::new(name).long(name);
        let build = Command::new("build").arg(option("splits"));
        let graph = Command::new("graph").subcommand(build);
        let tag = Command::new("tag").arg(option("top"));
        Command::new("artkg")
            .subcommand(graph)
            .subcommand(tag)
            .arg(option("quiet").global(true))
    }

    #[test]
    fn sentences_fit_commands_by_their_options() {
        let [tag, build] =
            [&["tag"][..], &["graph", "build"]].map(|names| Running::named(program, names));
        for (sentence, fits_tag, fits_build) in [
            ("raise `--top`", true, false),
            ("pass --splits none, or --quiet", false, true),
            ("`artkg graph build --splits none` makes one", true, true),
            ("`artkg graph build --top` makes one", false, false),
            ("`artkg graph build` and `embed` make one", true, true),
            ("`artkg retrieve train` makes one", false, false),
            ("`artkg` makes one", false, false),
            ("nothing to do", true, true),
        ] {
            assert_eq!(tag.can(sentence), fits_tag, "{sentence}");
            assert_eq!(build.can(sentence), fits_build, "{sentence}");
        }
    }

    #[test]
    fn options_are_found_in_texts() {
        let found = named_options("`--column 'a=b'`, --most-of 3 or --x; a -- b --- c");
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["--column", "--most-of", "--x"]);
    }
}
