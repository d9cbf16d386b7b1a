//! A small reader of our own HTML: enough to find fields and links, and to check what every page
//! must keep. Not a browser; the browser tests have a real one.

use std::collections::{BTreeMap, BTreeSet};

/// An opening or closing tag, in the order of the page.
#[derive(Debug)]
pub struct Tag {
    /// Lower-case name; closing tags begin with `/`.
    pub name: String,
    /// Attributes, unescaped.
    pub attributes: BTreeMap<String, String>,
}

impl Tag {
    /// An attribute, or nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// Reads every tag of a page. Quotes inside tags are respected; comments are left out.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = end_of_tag(rest);
        tags.extend(read_tag(&rest[..end]));
        rest = &rest[end..];
    }
    tags
}

fn end_of_tag(rest: &str) -> usize {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return at,
            _ => {}
        }
    }
    rest.len()
}

fn read_tag(inside: &str) -> Option<Tag> {
    let name_end = inside.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(inside.len());
    let name = inside[..name_end].trim_end_matches('/').to_ascii_lowercase();
    let starts = name.trim_start_matches('/').chars().next()?;
    if !starts.is_ascii_alphabetic() {
        return None;
    }
    let mut attributes = BTreeMap::new();
    let mut rest = inside[name_end..].trim_start();
    while !rest.is_empty() && rest != "/" {
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let key = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let (read, left) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    after[1..].split_once(quote).unwrap_or((&after[1..], ""))
                }
                _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            value = unescape(read);
            rest = left.trim_start();
        }
        if key.is_empty() {
            break;
        }
        attributes.insert(key, value);
    }
    Some(Tag { name, attributes })
}

/// The characters that templates escape.
pub fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'")];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        .replace("&amp;", "&")
}

/// The value of the first field with this name.
pub fn field(html: &str, name: &str) -> Option<String> {
    let found =
        tags(html).into_iter().find(|tag| tag.name == "input" && tag.get("name") == Some(name));
    found.map(|tag| tag.get("value").unwrap_or_default().to_owned())
}

/// Where links lead, in order.
pub fn links(html: &str) -> Vec<String> {
    let links = tags(html).into_iter().filter(|tag| tag.name == "a");
    links.filter_map(|tag| tag.get("href").map(str::to_owned)).collect()
}

/// Elements that have no end tag (HTML Living Standard §13.1.2).
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// What every page of ours keeps. Gives what is broken, in words.
pub fn broken(html: &str, lang: &str) -> Vec<String> {
    let tags = tags(html);
    let mut wrong = Vec::new();
    let headings = tags.iter().filter(|tag| tag.name == "h1").count();
    if headings != 1 {
        wrong.push(format!("{headings} <h1>"));
    }
    let root = tags.iter().find(|tag| tag.name == "html");
    if root.and_then(|root| root.get("lang")) != Some(lang) {
        wrong.push(format!("the page is not marked as {lang}"));
    }
    wrong.extend(nothing_inline(&tags));
    wrong.extend(everything_named(&tags));
    wrong.extend(balanced(&tags));
    if html.contains('⟦') {
        wrong.push("words are missing (⟦)".to_owned());
    }
    wrong
}

/// The content policy forbids these; what gets through unescaped shows here too.
fn nothing_inline(tags: &[Tag]) -> Vec<String> {
    let mut wrong = Vec::new();
    for tag in tags {
        if tag.name == "style" || tag.get("style").is_some() {
            wrong.push(format!("a style inside <{}>", tag.name));
        }
        // Data for a script is no script.
        let runs = tag.name == "script" && tag.get("type") != Some("application/json");
        if runs && !tag.get("src").is_some_and(|src| src.starts_with('/')) {
            wrong.push("a script inside the page".to_owned());
        }
        if ["iframe", "object", "embed", "base"].contains(&tag.name.as_str()) {
            wrong.push(format!("<{}>", tag.name));
        }
        for (name, value) in &tag.attributes {
            if name.starts_with("on") {
                wrong.push(format!("{name}= on <{}>", tag.name));
            }
            let leads = ["href", "src", "action", "formaction"].contains(&name.as_str());
            let scheme = value.trim().to_ascii_lowercase();
            if leads && (scheme.starts_with("javascript:") || scheme.starts_with("vbscript:")) {
                wrong.push(format!("{name}=\"{value}\""));
            }
        }
    }
    wrong
}

/// Fields have labels, pictures have words, ids are unique.
fn everything_named(tags: &[Tag]) -> Vec<String> {
    let labelled: BTreeSet<&str> =
        tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.get("for")).collect();
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut inside_label = 0_usize;
    for tag in tags {
        match tag.name.as_str() {
            "label" => inside_label += 1,
            "/label" => inside_label = inside_label.saturating_sub(1),
            _ => {}
        }
        if let Some(id) = tag.get("id")
            && !ids.insert(id)
        {
            wrong.push(format!("the id {id} stands twice"));
        }
        let quiet = ["hidden", "submit", "button"];
        let is_field = ["input", "select", "textarea"].contains(&tag.name.as_str())
            && !quiet.contains(&tag.get("type").unwrap_or_default())
            && tag.get("hidden").is_none();
        let has_label = inside_label > 0
            || tag.get("aria-label").is_some_and(|words| !words.trim().is_empty())
            || tag.get("aria-labelledby").is_some()
            || tag.get("id").is_some_and(|id| labelled.contains(id));
        if is_field && !has_label {
            wrong.push(format!("<{} name={:?}> has no label", tag.name, tag.get("name")));
        }
        if tag.name == "img" && tag.get("alt").is_none() {
            wrong.push("<img> without alt".to_owned());
        }
    }
    let lost = labelled.iter().filter(|id| !ids.contains(**id));
    wrong.extend(lost.map(|id| format!("a label for {id}, which is not there")));
    wrong
}

/// Every element that opens also closes, in order.
fn balanced(tags: &[Tag]) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        let name = tag.name.as_str();
        // SVG shapes end themselves; p, li, td and their like may be left open by HTML's rules.
        let loose =
            ["p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "summary"];
        let shape =
            ["path", "circle", "rect", "line", "g", "use", "polygon", "polyline", "ellipse", "svg"];
        if VOID.contains(&name)
            || loose.contains(&name.trim_start_matches('/'))
            || shape.contains(&name.trim_start_matches('/'))
        {
            continue;
        }
        match name.strip_prefix('/') {
            None => open.push(name),
            Some(closed) => match open.pop() {
                Some(opened) if opened == closed => {}
                other => return vec![format!("</{closed}> closes {other:?}")],
            },
        }
    }
    open.first().map(|left| format!("<{left}> stays open")).into_iter().collect()
}

#[test]
fn the_check_finds_what_it_is_meant_to_find() {
    let page = |inside: &str| format!("<html lang=\"vi\"><body><h1>x</h1>{inside}</body></html>");
    assert_eq!(
        broken(&page("<label for=\"a\">A</label><input id=\"a\" name=\"a\">"), "vi"),
        [""; 0]
    );
    for inside in [
        "<input name=\"a\">",
        "<h1>two</h1>",
        "<p style=\"color:red\">",
        "<script>alert(1)</script>",
        "<script src=\"https://evil.example/x.js\"></script>",
        "<img src=x onerror=alert(1) alt=\"\">",
        "<a href=\" JavaScript:alert(1)\">x</a>",
        "<div>",
        "<b id=\"x\"></b><b id=\"x\"></b>",
        "⟦portal-x⟧",
    ] {
        assert!(!broken(&page(inside), "vi").is_empty(), "{inside}");
    }
    assert!(!broken(&page(""), "en").is_empty());
    assert_eq!(
        field("<input type=hidden name='csrf' value=\"a&amp;b\">", "csrf").as_deref(),
        Some("a&b")
    );
}
