//! Markdown to HTML that can do nothing but be read: no raw HTML, no addresses that run something,
//! no pictures from elsewhere, headings below the page's own.

use comrak::{Arena, Options, format_html, nodes::NodeValue, parse_document};

/// The body of a publication as safe HTML.
pub(crate) fn to_html(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    // Raw HTML is shown as the text it is: nothing an editor typed disappears.
    options.render.escape = true;
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options);
    for node in root.descendants() {
        let value = &mut node.data_mut().value;
        match value {
            // The page's own title is the only <h1>.
            NodeValue::Heading(heading) => heading.level = (heading.level + 1).min(6),
            NodeValue::Link(link) if !is_harmless(&link.url) => link.url.clear(),
            NodeValue::Image(link) if !is_own_file(&link.url) => {
                let mut link = link.clone();
                if !is_harmless(&link.url) {
                    link.url.clear();
                }
                *value = NodeValue::Link(link);
            }
            _ => {}
        }
    }
    let mut html = String::new();
    // Writing into a String cannot fail; a broken half is still safe HTML.
    let _ = format_html(root, &options, &mut html);
    html
}

/// Addresses that only lead somewhere.
fn is_harmless(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let scheme = ["http://", "https://", "mailto:", "tel:", "#"];
    scheme.iter().any(|start| lower.starts_with(start))
        || (lower.starts_with('/') && !lower.starts_with("//") && !lower.contains('\\'))
}

/// Files of this node only: a point works without a network, and readers are not followed.
fn is_own_file(url: &str) -> bool {
    let hash = url.strip_prefix("/tep/");
    hash.is_some_and(|hash| kernel::files::FileHash::parse(hash).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_survives() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "![x](https://elsewhere.example/pixel.gif)",
            "[x](//elsewhere.example)",
            "<a href=\"javascript:1\">x</a>",
            "[x]: javascript:alert(1)\n\n[x]",
            "<javascript:alert(1)>",
            "| a |\n|---|\n| <b onclick=x> |",
        ];
        for text in hostile {
            let html = to_html(text);
            for evil in [
                "<script",
                "<img",
                "href=\"javascript",
                "href=\"JaVa",
                "href=\"data",
                "href=\"vb",
                "<a href=\"//",
                "<b ",
            ] {
                assert!(!html.contains(evil), "{text} → {html}");
            }
        }
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        assert!(to_html("a <b>c</b>").contains("&lt;b&gt;"));
    }

    #[test]
    fn headings_stand_below_the_title() {
        assert_eq!(to_html("# Một").trim(), "<h2>Một</h2>");
        assert_eq!(to_html("###### Sáu").trim(), "<h6>Sáu</h6>");
    }

    #[test]
    fn own_pictures_and_harmless_links_stay() {
        let hash = "ab".repeat(32);
        assert!(to_html(&format!("![Ruộng](/tep/{hash})")).contains("<img src=\"/tep/ab"));
        assert!(
            to_html("[văn bản](https://chinhphu.vn/x)").contains("href=\"https://chinhphu.vn/x\"")
        );
    }

    proptest::proptest! {
        #[test]
        fn no_input_brings_a_script_out(text in "(<|>|script|\\[|\\]|\\(|\\)|javascript:|!|`|\\\\|&lt;|\n| |a|\"|'|on|=){0,60}") {
            let html = to_html(&text);
            proptest::prop_assert!(!html.contains("<script"));
            proptest::prop_assert!(!html.contains("href=\"javascript:"));
        }
    }
}
