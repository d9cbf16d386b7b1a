//! As much of a reader of PDF as the tests need: objects by their numbers, streams unpacked, text by ToUnicode and
//! ActualText, and where it stands.

use std::{collections::HashMap, io::Read as _};

/// What was read.
pub struct Read {
    pub bytes: Vec<u8>,
    pub pages: Vec<PageRead>,
    /// The names of the parts.
    pub parts: Vec<String>,
    /// Numbered stretches on the pages, and in the tree of parts.
    pub stretches: usize,
    pub led: usize,
}

pub struct PageRead {
    pub width: f32,
    pub height: f32,
    pub text: String,
    /// Where lines of text begin and end, and where they stand.
    spots: Vec<[f32; 3]>,
}

impl Read {
    pub fn text(&self) -> String {
        self.pages.iter().map(|page| page.text.as_str()).collect()
    }
}

impl PageRead {
    /// True when every line of text is between the margins.
    pub fn within(&self) -> bool {
        self.spots.iter().all(|[from, to, y]| {
            *from >= 84.0 && *to <= self.width - 41.0 && *y >= 55.0 && *y <= self.height - 30.0
        })
    }
}

struct Face {
    letters: HashMap<u16, String>,
    widths: Vec<f32>,
}

/// Reads a file that was just written.
pub fn read(bytes: &[u8]) -> Read {
    let objects = objects(bytes);
    let text = |number: usize| String::from_utf8_lossy(objects[&number].0).into_owned();
    let catalog = objects
        .keys()
        .map(|n| text(*n))
        .find(|it| it.contains("/Type /Catalog"))
        .expect("a catalog");
    let list = text(reference(&catalog, "/Pages"));
    let mut faces: HashMap<String, Face> = HashMap::new();
    let mut pages = Vec::new();
    let mut stretches = 0;
    for page in references(within(&list, "/Kids", '[', ']')) {
        let page = text(page);
        let shared = text(reference(&page, "/Resources"));
        for name in ["F0", "F1", "F2", "F3"] {
            if faces.contains_key(name) || !shared.contains(&format!("/{name} ")) {
                continue;
            }
            let whole = text(reference(&shared, &format!("/{name}")));
            let said = unpacked(&objects, reference(&whole, "/ToUnicode"));
            let glyphs = text(references(within(&whole, "/DescendantFonts", '[', ']'))[0]);
            let widths = within(within(&glyphs, "/W ", '[', ']'), "", '[', ']');
            let widths = widths.split_whitespace().map(|w| w.parse().expect("a width")).collect();
            let letters = letters(&String::from_utf8_lossy(&said));
            faces.insert(name.to_owned(), Face { letters, widths });
        }
        let sizes: Vec<f32> = within(&page, "/MediaBox", '[', ']')
            .split_whitespace()
            .map(|size| size.parse().expect("a size"))
            .collect();
        let content = unpacked(&objects, reference(&page, "/Contents"));
        let mut read =
            PageRead { width: sizes[2], height: sizes[3], text: String::new(), spots: Vec::new() };
        stretches += shown(&content, &faces, &mut read);
        // Where a line ends is no matter of the words.
        read.text = read.text.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
        pages.push(read);
    }
    let nodes: Vec<String> =
        objects.keys().map(|n| text(*n)).filter(|it| it.contains("/Type /StructElem")).collect();
    let name = |node: &String| {
        let rest = node.split("/S /").nth(1).expect("a kind");
        rest.split_whitespace().next().expect("a name").to_owned()
    };
    let led = nodes.iter().filter(|node| node.contains("/K [")).map(|node| {
        let kids = within(node, "/K", '[', ']');
        let own = kids.replace(" 0 R", "R");
        own.split_whitespace().filter(|word| word.parse::<u32>().is_ok()).count()
    });
    let led = led.sum();
    Read { bytes: bytes.to_vec(), pages, parts: nodes.iter().map(name).collect(), stretches, led }
}

/// Objects by their numbers: what says what they are, and what a stream holds.
fn objects(bytes: &[u8]) -> HashMap<usize, (&[u8], &[u8])> {
    let end = find(bytes, b"\nxref\n", 0).expect("a list of objects");
    let list = String::from_utf8_lossy(&bytes[end..]).into_owned();
    let mut all = HashMap::new();
    for (number, line) in list.lines().skip(3).enumerate() {
        let Some((at, "00000 n")) = line.trim().split_once(' ') else { continue };
        let at: usize = at.parse().expect("a place");
        let begin = find(bytes, b"obj\n", at).expect("an object") + 4;
        let stop = find(bytes, b"\nendobj", begin).expect("its end");
        let stream = find(&bytes[begin..stop], b"\nstream\n", 0).map(|stream| begin + stream);
        let body = match stream {
            None => (&bytes[begin..stop], &bytes[stop..stop]),
            Some(stream) => {
                let said = String::from_utf8_lossy(&bytes[begin..stream]).into_owned();
                let length: usize = value(&said, "/Length").parse().expect("a length");
                (&bytes[begin..stream], &bytes[stream + 8..stream + 8 + length])
            }
        };
        all.insert(number, body);
    }
    all
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(wanted.len()).position(|at| at == wanted).map(|at| at + from)
}

fn value<'t>(text: &'t str, key: &str) -> &'t str {
    let rest = text.split(&format!("{key} ")).nth(1).unwrap_or_else(|| panic!("{key} in {text}"));
    rest.split_whitespace().next().expect("a value")
}

fn reference(text: &str, key: &str) -> usize {
    value(text, key).parse().expect("a reference")
}

fn references(text: &str) -> Vec<usize> {
    text.split(" 0 R").filter_map(|it| it.split_whitespace().last()?.parse().ok()).collect()
}

/// What stands between the brackets behind a key.
fn within<'t>(text: &'t str, key: &str, open: char, close: char) -> &'t str {
    let from = text.find(key).unwrap_or_else(|| panic!("{key} in {text}"));
    let from = from + text[from..].find(open).expect("it opens") + 1;
    let mut deep = 1;
    for (at, c) in text[from..].char_indices() {
        deep += i32::from(c == open) - i32::from(c == close);
        if deep == 0 {
            return &text[from..from + at];
        }
    }
    panic!("{key} does not end");
}

fn unpacked(objects: &HashMap<usize, (&[u8], &[u8])>, number: usize) -> Vec<u8> {
    let mut all = Vec::new();
    flate2::read::ZlibDecoder::new(objects[&number].1).read_to_end(&mut all).expect("it unpacks");
    all
}

/// `<0001> <0041>`: what a glyph stands for.
fn letters(said: &str) -> HashMap<u16, String> {
    let mut all = HashMap::new();
    for line in said.lines() {
        let parts: Vec<&str> =
            line.split_whitespace().map(|part| part.trim_matches(['<', '>'])).collect();
        if let [number, text] = parts[..]
            && line.starts_with('<')
            && let Ok(number) = u16::from_str_radix(number, 16)
        {
            all.insert(number, utf16(&hex(text)));
        }
    }
    all
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len() / 2).map(|at| byte(2 * at)).collect()
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
    String::from_utf16_lossy(units.strip_prefix(&[0xfeff]).unwrap_or(&units))
}

/// A word of a content stream.
#[derive(Clone, Debug)]
enum Token {
    Number(f32),
    Text(Vec<u8>),
    Name(String),
    Word(String),
}

fn tokens(content: &[u8]) -> Vec<Token> {
    let (mut at, mut all) = (0, Vec::new());
    while let Some(byte) = content.get(at) {
        match byte {
            b'(' => {
                let (mut deep, mut text) = (1, Vec::new());
                at += 1;
                while deep > 0 {
                    match content[at] {
                        b'\\' => {
                            at += 1;
                            text.push(match content[at] {
                                b'n' => b'\n',
                                b'r' => b'\r',
                                b't' => b'\t',
                                b'b' => 8,
                                b'f' => 12,
                                digit @ b'0'..=b'7' => {
                                    let eighths = &content[at..at + 3];
                                    at += 2;
                                    let text = std::str::from_utf8(eighths).expect("digits");
                                    u8::from_str_radix(text, 8).unwrap_or(digit)
                                }
                                other => other,
                            });
                        }
                        b'(' => {
                            deep += 1;
                            text.push(b'(');
                        }
                        b')' => {
                            deep -= 1;
                            if deep > 0 {
                                text.push(b')');
                            }
                        }
                        other => text.push(other),
                    }
                    at += 1;
                }
                all.push(Token::Text(text));
            }
            b'<' if content.get(at + 1) != Some(&b'<') => {
                let end = find(content, b">", at).expect("it ends");
                all.push(Token::Text(hex(&String::from_utf8_lossy(&content[at + 1..end]))));
                at = end + 1;
            }
            b'<' | b'>' => at += 2,
            b'[' | b']' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                let stop = content[at + 1..]
                    .iter()
                    .position(|byte| b" \n\r\t[]<>()/".contains(byte))
                    .map_or(content.len(), |end| at + 1 + end);
                let word = String::from_utf8_lossy(&content[at..stop]).into_owned();
                all.push(match (word.parse(), word.strip_prefix('/')) {
                    (Ok(number), _) => Token::Number(number),
                    (_, Some(name)) => Token::Name(name.to_owned()),
                    _ => Token::Word(word),
                });
                at = stop;
            }
        }
    }
    all
}

/// Follows a page; how many numbered stretches it has.
fn shown(content: &[u8], faces: &HashMap<String, Face>, page: &mut PageRead) -> usize {
    let mut held: Vec<Token> = Vec::new();
    let (mut face, mut size, mut x, mut y) = (String::new(), 0.0, 0.0, 0.0);
    let (mut told, mut stretches, mut deep) = (None::<String>, 0, 0);
    for token in tokens(content) {
        let Token::Word(word) = &token else {
            held.push(token);
            continue;
        };
        let numbers: Vec<f32> = held
            .iter()
            .filter_map(|it| if let Token::Number(n) = it { Some(*n) } else { None })
            .collect();
        match word.as_str() {
            "Tf" => {
                let Some(Token::Name(name)) = held.first() else { panic!("a face") };
                (face, size) = (name.clone(), numbers[0]);
            }
            "Tm" => {
                (x, y) = (numbers[4], numbers[5]);
                page.text.push('\n');
            }
            "BDC" => {
                deep += 1;
                stretches += usize::from(
                    held.iter().any(|it| matches!(it, Token::Name(name) if name == "MCID")),
                );
                if held.iter().any(|it| matches!(it, Token::Name(name) if name == "ActualText")) {
                    let Some(Token::Text(text)) = held.last() else { panic!("a text") };
                    let read = if text.starts_with(&[0xfe, 0xff]) {
                        utf16(text)
                    } else {
                        String::from_utf8_lossy(text).into_owned()
                    };
                    page.text.push_str(&read);
                    told = Some(read);
                }
            }
            "BMC" => deep += 1,
            "EMC" => {
                deep -= 1;
                assert!(deep >= 0, "more ends than beginnings");
                told = None;
            }
            "TJ" | "Tj" => {
                let from = x;
                let face = &faces[&face];
                let mut blank = 0.0;
                for it in &held {
                    match it {
                        Token::Number(aside) => x -= aside * size / 1_000.0,
                        Token::Text(codes) => {
                            for code in codes.chunks(2) {
                                let code = u16::from_be_bytes([code[0], code[1]]);
                                let letter = &face.letters[&code];
                                if told.is_none() {
                                    page.text.push_str(letter);
                                }
                                let width = face.widths[usize::from(code)] * size / 1_000.0;
                                blank = if letter == " " { blank + width } else { 0.0 };
                                x += width;
                            }
                        }
                        _ => {}
                    }
                }
                page.spots.push([from, x - blank, y]);
            }
            _ => {}
        }
        held.clear();
    }
    assert_eq!(deep, 0, "a stretch does not end");
    stretches
}
