//! Conditions and computations of XLSForm (XPath with `${name}`) in our formula language, as far as both mean the
//! same. What has no like is refused, never guessed.

use crate::model::formula::{Formula, Kind};

/// Longest expression that is looked at.
const BYTES_MOST: usize = 2_000;
/// Deepest nesting.
const DEPTH_MOST: u32 = 24;

/// Why an expression is not taken: what has no like here.
pub(super) type Refused = String;

/// Translates an expression. `name` gives a question's figure or computation in our language; `own` is what `.`
/// stands for.
pub(super) fn translate(
    text: &str,
    own: Option<&str>,
    name: &mut dyn FnMut(&str) -> Result<String, Refused>,
) -> Result<(String, Kind), Refused> {
    if text.len() > BYTES_MOST {
        return Err(text.chars().take(40).collect());
    }
    let mut reader = Reader { text, at: 0, depth: 0, own, name };
    let said = reader.any()?;
    reader.spaces();
    if reader.at < text.len() {
        return Err(reader.rest());
    }
    let formula = Formula::parse(&said).map_err(|_| text.chars().take(60).collect::<String>())?;
    Ok((said, formula.kind()))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    own: Option<&'a str>,
    name: &'a mut dyn FnMut(&str) -> Result<String, Refused>,
}

type Said = Result<String, Refused>;

impl Reader<'_> {
    fn rest(&self) -> String {
        self.text.get(self.at..).unwrap_or_default().chars().take(40).collect()
    }

    fn spaces(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.spaces();
        let here = self.text[self.at..].starts_with(sign);
        if here {
            self.at += sign.len();
        }
        here
    }

    /// A word that is no part of a longer one.
    fn word(&mut self, word: &str) -> bool {
        self.spaces();
        let rest = &self.text[self.at..];
        let after = rest.strip_prefix(word).and_then(|rest| rest.chars().next());
        let here = rest.starts_with(word)
            && !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if here {
            self.at += word.len();
        }
        here
    }

    fn chain(&mut self, words: &[(&str, &str)], part: fn(&mut Self) -> Said) -> Said {
        let mut left = part(self)?;
        'more: loop {
            for (theirs, ours) in words {
                let is_word = theirs.starts_with(|c: char| c.is_ascii_alphabetic());
                if if is_word { self.word(theirs) } else { self.take(theirs) } {
                    let right = part(self)?;
                    left = format!("({left} {ours} {right})");
                    continue 'more;
                }
            }
            return Ok(left);
        }
    }

    fn any(&mut self) -> Said {
        if self.depth >= DEPTH_MOST {
            return Err(self.rest());
        }
        self.depth += 1;
        let said = self.chain(&[("or", "or")], |it| it.chain(&[("and", "and")], Self::comparison));
        self.depth -= 1;
        said
    }

    fn comparison(&mut self) -> Said {
        let left = self.sum()?;
        for sign in ["<=", ">=", "!=", "<", ">", "="] {
            if self.take(sign) {
                let right = self.sum()?;
                return Ok(format!("({left} {sign} {right})"));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Said {
        self.chain(&[("+", "+"), ("-", "-")], |it| {
            it.chain(&[("*", "*"), ("div", "/")], Self::signed)
        })
    }

    fn signed(&mut self) -> Said {
        if self.take("-") {
            let depth = self.depth;
            if depth >= DEPTH_MOST {
                return Err(self.rest());
            }
            self.depth += 1;
            let inner = self.signed()?;
            self.depth = depth;
            return Ok(format!("(-{inner})"));
        }
        self.part()
    }

    fn part(&mut self) -> Said {
        self.spaces();
        let rest = &self.text[self.at..];
        let first =
            rest.chars().next().ok_or_else(|| self.text.chars().take(40).collect::<String>())?;
        if first == '(' {
            self.take("(");
            let inner = self.any()?;
            return if self.take(")") { Ok(inner) } else { Err(self.rest()) };
        }
        if let Some(named) = rest.strip_prefix("${") {
            let (name, _) = named.split_once('}').ok_or_else(|| self.rest())?;
            self.at += name.len() + 3;
            return (self.name)(name.trim());
        }
        let digits =
            rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        if first.is_ascii_digit() {
            self.at += digits;
            return Ok(rest[..digits].trim_end_matches('.').to_owned());
        }
        if first == '.' && digits == 1 {
            let own = self.own.map(str::to_owned).ok_or_else(|| self.rest())?;
            self.at += 1;
            return Ok(own);
        }
        self.call()
    }

    fn call(&mut self) -> Said {
        let start = self.at;
        for (theirs, ours) in [
            ("not", "not"),
            ("if", "if"),
            ("round", "round"),
            ("abs", "abs"),
            ("min", "min"),
            ("max", "max"),
            ("sum", "sum"),
            ("coalesce", "orzero"),
            ("number", ""),
            ("true", "1 = 1"),
            ("false", "1 = 0"),
        ] {
            if !self.word(theirs) {
                continue;
            }
            if !self.take("(") {
                break;
            }
            let mut parts = Vec::new();
            if !self.take(")") {
                loop {
                    parts.push(self.any()?);
                    if !self.take(",") {
                        break;
                    }
                }
                if !self.take(")") {
                    return Err(self.rest());
                }
            }
            return match (theirs, &parts[..]) {
                ("true" | "false", []) => Ok(format!("({ours})")),
                ("number", [inner]) => Ok(inner.clone()),
                ("not", [inner]) => Ok(format!("(not {inner})")),
                ("coalesce", [inner, zero]) if zero == "0" => Ok(format!("orzero({inner})")),
                ("if" | "round" | "abs" | "min" | "max" | "sum", _) => {
                    Ok(format!("{ours}({})", parts.join(", ")))
                }
                _ => {
                    self.at = start;
                    Err(self.rest())
                }
            };
        }
        self.at = start;
        Err(self.rest())
    }
}
