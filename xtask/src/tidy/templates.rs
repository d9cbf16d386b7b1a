//! What a template never contains: anything the content security policy would refuse, and
//! anything fetched from another host.

use super::tree::line_at;
use super::{Report, Tree};

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    for (path, text) in tree.texts_ending(".html") {
        if !path.contains("/templates/") {
            continue;
        }
        report.count();
        for (offset, tag) in tags(text) {
            let line = Some(line_at(text, offset));
            for (what, instead) in objections(tag) {
                report.fail(path, line, what, instead);
            }
        }
    }
}

/// Every opening tag, from `<` to `>`. A `>` inside quotes or `{{ … }}` does not close it.
fn tags(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let opens = bytes[at] == b'<' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
        if !opens {
            at += 1;
            continue;
        }
        let (start, mut quote) = (at, None);
        let mut braces = 0_usize;
        while at < bytes.len() {
            let byte = bytes[at];
            match (quote, byte) {
                (None, b'{') => braces += 1,
                (None, b'}') => braces = braces.saturating_sub(1),
                (None, b'"' | b'\'') if braces == 0 => quote = Some(byte),
                (Some(open), byte) if byte == open => quote = None,
                (None, b'>') if braces == 0 => break,
                _ => {}
            }
            at += 1;
        }
        found.push((start, &text[start..at.min(bytes.len())]));
    }
    found
}

fn objections(tag: &str) -> Vec<(String, &'static str)> {
    let lower = tag.to_ascii_lowercase();
    let name = lower[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut found = Vec::new();
    if name == "style" || has_attribute(&lower, "style") {
        found.push((
            "inline style".to_owned(),
            "give it a class and write the rule in the stylesheet",
        ));
    }
    // `type="application/json"` is data that a module reads; nothing runs.
    let data = lower.contains("type=\"application/json\"");
    if name == "script" && !has_attribute(&lower, "src") && !data {
        let instead = "put it in a module of its own and load it with src; \
                       hand data over in data- attributes";
        found.push(("inline script".to_owned(), instead));
    }
    if let Some(handler) = attribute_names(&lower).find(|attribute| is_handler(attribute)) {
        let instead = "every page works without JavaScript; a module may add a listener";
        found.push((format!("inline event handler {handler}"), instead));
    }
    let fetches = ["script", "img", "link", "iframe", "audio", "video", "source", "embed"];
    let remote = ["src=\"http", "src=\"//", "href=\"http", "href=\"//"];
    if fetches.contains(&name) && remote.iter().any(|start| lower.contains(start)) {
        found.push((
            format!("<{name}> fetches from another host"),
            "ship it with the program: a point works with no network, and readers are not followed",
        ));
    }
    found
}

fn is_handler(attribute: &str) -> bool {
    let event = attribute.strip_prefix("on").unwrap_or_default();
    event.len() > 2 && event.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn has_attribute(tag: &str, name: &str) -> bool {
    attribute_names(tag).any(|attribute| attribute == name)
}

/// The names before each `=` in a tag.
fn attribute_names(tag: &str) -> impl Iterator<Item = &str> {
    tag.match_indices('=').filter_map(|(at, _)| {
        let before = tag[..at].trim_end();
        let start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':' || c == '_'))?;
        let is_new_word = before.as_bytes()[start].is_ascii_whitespace();
        is_new_word.then(|| &before[start + 1..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(html: &str) -> Vec<String> {
        let mut report = Report::default();
        check(&Tree::of(&[("kernel/templates/kernel/x.html", html)]), &mut report);
        report.failures.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn what_the_policy_refuses_is_found() {
        for (html, what) in [
            ("<p class=\"a\" style=\"color: red\">", "inline style"),
            ("<p\n  style='x'>", "inline style"),
            ("<style>p {}</style>", "inline style"),
            ("<script>alert(1)</script>", "inline script"),
            ("<a href=\"#\" onclick=\"x()\">", "inline event handler onclick"),
            ("<img src=\"https://example.org/a.png\">", "<img> fetches from another host"),
            ("<link rel=\"stylesheet\" href=\"//cdn/x.css\">", "<link> fetches from another host"),
        ] {
            assert_eq!(failures(html), [what], "{html}");
        }
    }

    #[test]
    fn ordinary_pages_pass() {
        for html in [
            "<script type=\"module\" src=\"/assets/x.js\"></script>",
            "<script type=\"application/json\" id=\"rules\">{}</script>",
            "<a href=\"https://vanban.chinhphu.vn\">văn bản</a>",
            "<p data-style=\"x\">{{ style }} = 1 {% if a > b %}</p>",
            "<input value=\"{{ x if y > 1 else 'style=' }}\" once=\"2\">",
            "1 < 2 and style=\"text\"",
        ] {
            assert_eq!(failures(html), Vec::<String>::new(), "{html}");
        }
    }
}
