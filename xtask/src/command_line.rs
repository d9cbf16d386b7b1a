//! Reading a task's options. Small on purpose: flags, options with one value, and everything after
//! `--`. What an option means lives with the task that declares it.

/// What a task was told, sorted out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Flags that were present, without dashes.
    pub flags: Vec<String>,
    /// Options with their values, in the order given; one may be repeated.
    pub values: Vec<(String, String)>,
    /// Words that belong to no option.
    pub words: Vec<String>,
    /// Everything after `--`, untouched.
    pub rest: Vec<String>,
}

impl Given {
    /// Whether `--name` was present.
    pub fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag == name)
    }

    /// The last value given for `--name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(option, _)| option == name).map(|(_, value)| value.as_str())
    }

    /// Every value given for `--name`.
    pub fn all_values(&self, name: &str) -> Vec<&str> {
        let of_that_name = self.values.iter().filter(|(option, _)| option == name);
        of_that_name.map(|(_, value)| value.as_str()).collect()
    }
}

/// Sorts `words` into the flags and options a task knows.
///
/// # Errors
/// An option the task does not know, or one whose value is missing, in words for the terminal.
pub fn read(words: &[String], flags: &[&str], options: &[&str]) -> Result<Given, String> {
    let mut given = Given::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            given.rest = words.cloned().collect();
            break;
        }
        let Some(name) = word.strip_prefix("--") else {
            if word == "-h" {
                given.flags.push("help".into());
            } else {
                given.words.push(word.clone());
            }
            continue;
        };
        let (name, attached) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        if flags.contains(&name) || name == "help" {
            given.flags.push(name.to_owned());
        } else if options.contains(&name) {
            let value = attached.or_else(|| words.next().cloned());
            let value = value.ok_or_else(|| format!("--{name} needs a value; see --help"))?;
            given.values.push((name.to_owned(), value));
        } else {
            return Err(format!("there is no option --{name}; see --help"));
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn options_take_the_next_word_or_the_part_after_the_equals_sign() {
        let given =
            read(&words("--only areas --only=reach --skip-browser"), &["skip-browser"], &["only"])
                .unwrap();
        assert_eq!(given.all_values("only"), ["areas", "reach"]);
        assert_eq!(given.value("only"), Some("reach"));
        assert!(given.has("skip-browser"));
    }

    #[test]
    fn everything_after_two_dashes_is_left_alone() {
        let given = read(&words("heritage -- --only x"), &[], &["only"]).unwrap();
        assert_eq!(given.words, ["heritage"]);
        assert_eq!(given.rest, ["--only", "x"]);
    }

    #[test]
    fn an_unknown_option_and_a_missing_value_are_refused_by_name() {
        assert!(read(&words("--fast"), &[], &[]).unwrap_err().contains("--fast"));
        assert!(read(&words("--only"), &[], &["only"]).unwrap_err().contains("--only"));
    }
}
