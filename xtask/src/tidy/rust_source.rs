//! A rough reader of Rust text: it tells code from comments and strings and finds matching
//! brackets. It is no parser; it only has to be right about the code we write.

/// One piece of text with the offset at which it begins in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub offset: usize,
    pub text: String,
}

/// A Rust file taken apart. `code` is as long as the file, with the inside of every string and
/// comment blanked out, so an offset means the same place in both.
#[derive(Debug)]
pub struct RustSource {
    pub code: String,
    pub strings: Vec<Piece>,
    pub comments: Vec<Piece>,
}

impl RustSource {
    /// Takes a file apart.
    pub fn read(text: &str) -> RustSource {
        let mut reader = Reader {
            bytes: text.as_bytes(),
            text,
            at: 0,
            code: text.as_bytes().to_vec(),
            strings: Vec::new(),
            comments: Vec::new(),
        };
        reader.read();
        RustSource {
            code: String::from_utf8_lossy(&reader.code).into_owned(),
            strings: reader.strings,
            comments: reader.comments,
        }
    }

    /// The strings that begin between two offsets.
    pub fn strings_between(&self, from: usize, to: usize) -> impl Iterator<Item = &Piece> {
        self.strings.iter().filter(move |piece| piece.offset >= from && piece.offset < to)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    code: Vec<u8>,
    strings: Vec<Piece>,
    comments: Vec<Piece>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(b"//") {
                let end = self.find_from(self.at, b"\n");
                self.take_comment(end);
            } else if rest.starts_with(b"/*") {
                let end = self.end_of_block_comment();
                self.take_comment(end);
            } else if let Some(hashes) = self.raw_string_hashes() {
                self.take_raw_string(hashes);
            } else if rest[0] == b'"' {
                self.take_string();
            } else if rest[0] == b'\'' {
                self.take_quote();
            } else {
                self.at += 1;
            }
        }
    }

    fn find_from(&self, from: usize, needle: &[u8]) -> usize {
        let found = self.bytes[from..].windows(needle.len()).position(|window| window == needle);
        found.map_or(self.bytes.len(), |position| from + position)
    }

    fn blank(&mut self, from: usize, to: usize) {
        for byte in &mut self.code[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn take_comment(&mut self, end: usize) {
        self.comments.push(Piece { offset: self.at, text: self.text[self.at..end].to_owned() });
        self.blank(self.at, end);
        self.at = end;
    }

    fn end_of_block_comment(&self) -> usize {
        let (mut depth, mut at) = (0_usize, self.at);
        while at < self.bytes.len() {
            if self.bytes[at..].starts_with(b"/*") {
                depth += 1;
                at += 2;
            } else if self.bytes[at..].starts_with(b"*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                at += 1;
            }
        }
        at
    }

    /// How many `#` open a raw string here, if one begins here.
    fn raw_string_hashes(&self) -> Option<usize> {
        if self.bytes[self.at] != b'r' {
            return None;
        }
        // `br"…"` and `cr"…"` are raw strings too, `for"` is not: look one letter further back.
        let before = |steps: usize| self.at.checked_sub(steps).map(|at| self.bytes[at]);
        let inside_word = match before(1) {
            Some(b'b' | b'c') => before(2).is_some_and(is_word),
            letter => letter.is_some_and(is_word),
        };
        let hashes = self.bytes[self.at + 1..].iter().take_while(|byte| **byte == b'#').count();
        let quoted = self.bytes.get(self.at + 1 + hashes) == Some(&b'"');
        (quoted && !inside_word).then_some(hashes)
    }

    fn take_raw_string(&mut self, hashes: usize) {
        let start = self.at + hashes + 2;
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = self.find_from(start, closing.as_bytes());
        self.keep_string(start, end);
        self.at = (end + closing.len()).min(self.bytes.len());
    }

    fn take_string(&mut self) {
        let start = self.at + 1;
        let mut end = start;
        while end < self.bytes.len() && self.bytes[end] != b'"' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(self.bytes.len());
        self.keep_string(start, end);
        self.at = (end + 1).min(self.bytes.len());
    }

    fn keep_string(&mut self, start: usize, end: usize) {
        self.strings.push(Piece { offset: start, text: self.text[start..end].to_owned() });
        self.blank(start, end);
    }

    /// A quote opens a character (`'a'`, `'\n'`, `'đ'`) or a lifetime (`'a`).
    fn take_quote(&mut self) {
        let inside = &self.text[self.at + 1..];
        let mut characters = inside.chars();
        match (characters.next(), characters.next()) {
            (Some('\\'), Some(escaped)) => {
                let from = self.at + 2 + escaped.len_utf8();
                let end = self.find_from(from, b"'");
                self.blank(self.at + 1, end);
                self.at = (end + 1).min(self.bytes.len());
            }
            (Some(character), Some('\'')) => {
                let end = self.at + 1 + character.len_utf8();
                self.blank(self.at + 1, end);
                self.at = end + 1;
            }
            _ => self.at += 1,
        }
    }
}

/// Whether a byte can stand in a Rust or SQL word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The word that begins at `offset`, or nothing.
pub fn word_at(code: &str, offset: usize) -> &str {
    let bytes = &code.as_bytes()[offset..];
    let length = bytes.iter().take_while(|byte| is_word(**byte)).count();
    &code[offset..offset + length]
}

/// Every place where `word` stands as a whole word.
pub fn places_of(code: &str, word: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let whole = |start: usize| {
        let end = start + word.len();
        (start == 0 || !is_word(bytes[start - 1])) && !bytes.get(end).is_some_and(|b| is_word(*b))
    };
    code.match_indices(word).map(|(start, _)| start).filter(|start| whole(*start)).collect()
}

/// The first offset at or after `offset` that is not white space.
pub fn skip_space(code: &str, offset: usize) -> usize {
    let space = code.as_bytes()[offset..].iter().take_while(|byte| byte.is_ascii_whitespace());
    offset + space.count()
}

/// The offset of the bracket that closes the one at `open`.
pub fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(offset);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_leave_the_code_and_keep_their_place() {
        let text = "let a = \"x { y\"; // { why\nlet b = r#\"raw \" }\"#; /* { /* } */ */ f('{', '\\'', 'đ');";
        let source = RustSource::read(text);
        assert_eq!(source.code.len(), text.len());
        assert!(!source.code.contains('{') && !source.code.contains('}'));
        let strings: Vec<&str> = source.strings.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(strings, ["x { y", "raw \" }"]);
        assert_eq!(source.comments[0].text, "// { why");
        assert_eq!(&text[source.strings[0].offset..][..5], "x { y");
    }

    #[test]
    fn lifetimes_escapes_and_byte_strings_do_not_confuse_the_reader() {
        let source =
            RustSource::read("fn f<'a>(x: &'a str) { g(\"a\\\"b\"); h(br\"c\", b\"d\", \"e\") }");
        let strings: Vec<&str> = source.strings.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(strings, ["a\\\"b", "c", "d", "e"]);
        assert_eq!(source.code.matches('{').count(), 1);
    }

    #[test]
    fn brackets_are_matched_and_words_found_whole() {
        assert_eq!(closing("f(a[1], {2}) x", 1), Some(11));
        assert_eq!(closing("f(a", 1), None);
        assert_eq!(places_of("fn fnord() { fn }", "fn"), [0, 13]);
        assert_eq!(word_at("a_b1 c", 0), "a_b1");
    }

    #[test]
    fn an_unfinished_file_is_read_to_its_end_without_panic() {
        for text in ["\"abc", "'", "'\\", "/* a", "r#\"x", "\"\\", "//"] {
            let source = RustSource::read(text);
            assert_eq!(source.code.len(), text.len());
        }
    }
}
