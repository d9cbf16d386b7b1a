//! DHIS2's little language for which properties are wanted: `id,name,children[id,name]`, `*`, `:all`,
//! `!name`, `name~rename(title)`.

/// Deepest nesting.
const DEPTH_MOST: usize = 8;
/// Most properties that are named.
const FIELDS_MOST: usize = 200;

/// Which properties of a thing are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// True when all that it has are wanted.
    pub all: bool,
    /// Those that are wanted, in order.
    pub named: Vec<Field>,
    /// Those that are not, among all.
    pub without: Vec<String>,
}

/// A property that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// As what it is told.
    pub shown: String,
    /// What is wanted of the things it names; none for their ids.
    pub inner: Option<Fields>,
}

impl Fields {
    /// Reads it; what is not closed ends with the text. `None` when it is deeper or longer than is answered.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text, left: FIELDS_MOST };
        reader.fields(0)
    }

    /// The ones that are given when none are named.
    pub fn of(names: &[&str]) -> Self {
        let wanted = names.iter().map(|name| Field {
            name: (*name).to_owned(),
            shown: (*name).to_owned(),
            inner: None,
        });
        Self { named: wanted.collect(), ..Self::default() }
    }
}

struct Reader<'t> {
    rest: &'t str,
    left: usize,
}

impl Reader<'_> {
    fn fields(&mut self, depth: usize) -> Option<Fields> {
        let mut fields = Fields::default();
        loop {
            let end = self.rest.find([',', '[', ']', '(']).unwrap_or(self.rest.len());
            // A transformer has its argument in brackets of its own.
            let word = if self.rest[end..].starts_with('(') {
                let close = self.rest[end..].find(')').map_or(self.rest.len(), |at| end + at + 1);
                let tail = self.rest[close..]
                    .find([',', '[', ']'])
                    .map_or(self.rest.len(), |at| close + at);
                self.take(tail)
            } else {
                self.take(end)
            };
            let word = word.trim().to_owned();
            let mut inner = None;
            if self.rest.starts_with('[') {
                self.take(1);
                (depth < DEPTH_MOST).then_some(())?;
                inner = Some(self.fields(depth + 1)?);
            }
            self.put(&mut fields, &word, inner)?;
            match self.rest.chars().next() {
                Some(',') => {
                    self.take(1);
                }
                Some(']') => {
                    self.take(1);
                    // Inside, it closes what was opened; outside, it closes nothing.
                    if depth > 0 {
                        return Some(fields);
                    }
                }
                Some(_) => {}
                None => return Some(fields),
            }
        }
    }

    fn take(&mut self, count: usize) -> String {
        let (word, rest) = self.rest.split_at(count);
        self.rest = rest;
        word.to_owned()
    }

    fn put(&mut self, fields: &mut Fields, word: &str, inner: Option<Fields>) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let mut parts = word.split(['~', '|', ':']);
        let first = parts.next().unwrap_or_default();
        match word {
            "" => {}
            "*" | ":all" | ":owner" | ":persisted" | ":identifiable" | ":nameable" | ":simple" => {
                fields.all = true;
            }
            _ if word.starts_with('!') => fields.without.push(word[1..].to_owned()),
            _ if first.is_empty() => {}
            _ => {
                let renamed =
                    parts.find_map(|part| part.strip_prefix("rename(")?.strip_suffix(')'));
                let shown = renamed.unwrap_or(first).to_owned();
                fields.named.push(Field { name: first.to_owned(), shown, inner });
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nested_properties_are_read() {
        let fields =
            Fields::parse("id,children[id,displayName,children[id]],name~rename(title),!code")
                .expect("fields");
        let names: Vec<&str> = fields.named.iter().map(|field| field.shown.as_str()).collect();
        assert_eq!(names, ["id", "children", "title"]);
        let children = fields.named[1].inner.as_ref().expect("inner");
        assert_eq!(children.named[2].inner, Some(Fields::of(&["id"])));
        assert_eq!(fields.without, ["code"]);
        assert!(Fields::parse("*").expect("fields").all);
        assert_eq!(Fields::parse(&"a[".repeat(40)), None);
        assert_eq!(Fields::parse(&"a,".repeat(400)), None);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_ends(text in "[a-z\\[\\](),~!:*|đ ]{0,120}") {
            let _ = Fields::parse(&text);
        }
    }
}
