//! The newest items for feed readers (RSS 2.0), and what crawlers are asked to leave alone.

use std::fmt::Write;

use kernel::{
    axum::{
        http::{HeaderValue, header},
        response::{IntoResponse, Response},
    },
    clock::Timestamp,
    web::{Answer, Visit},
};
use publishing::{Headline, ListQuery};

use crate::{actions, model};

/// Items in the feed.
const ITEMS: usize = 30;

/// `/rss.xml`.
pub(super) async fn show(visit: Visit) -> Answer {
    let place = actions::own_scope(&visit.app).await?;
    let query = ListQuery { place, limit: ITEMS, ..ListQuery::default() };
    let items = visit.app.db.view(async |tx| Ok(publishing::latest(tx, &query).await?)).await?;
    let site = &visit.app.site;
    let xml = feed(&origin(&visit), &site.title, &site.tagline, &items);
    Ok(typed(xml, "application/rss+xml; charset=utf-8"))
}

/// `/robots.txt`: what holds no reading matter is not crawled.
pub(super) async fn robots(visit: Visit) -> Response {
    let lines = [
        "User-agent: *",
        "Disallow: /kiot",
        "Disallow: /tv",
        "Disallow: /tim-kiem",
        "Disallow: /tuy-chon",
        "Disallow: /dang-nhap",
        "Disallow: /tin/*/xac-nhan",
    ];
    let sitemap = format!("# {}/so-do-trang", origin(&visit));
    typed(format!("{}\n{sitemap}\n", lines.join("\n")), "text/plain; charset=utf-8")
}

fn typed(text: String, kind: &'static str) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The address by which the visitor reached us. Anything odd in the Host header is left out.
fn origin(visit: &Visit) -> String {
    let host = visit.header("host").unwrap_or_default();
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let scheme = if visit.app.https { "https" } else { "http" };
    if host.is_empty() || host.len() > 253 || !host.bytes().all(plain) {
        return String::new();
    }
    format!("{scheme}://{host}")
}

fn feed(origin: &str, title: &str, tagline: &str, items: &[Headline]) -> String {
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>");
    let mut put = |name: &str, text: &str| {
        // Writing into a String cannot fail.
        let _ = write!(xml, "<{name}>{}</{name}>", escaped(text));
    };
    put("title", title);
    put("link", &format!("{origin}/"));
    put("description", tagline);
    put("language", "vi");
    for item in items {
        let link = format!("{origin}{}", model::headline_address(item));
        xml.push_str("<item>");
        for (name, text) in [
            ("title", item.title.as_str()),
            ("link", &link),
            ("description", &item.summary),
            ("pubDate", &rfc822(item.published_at)),
        ] {
            let _ = write!(xml, "<{name}>{}</{name}>", escaped(text));
        }
        let _ = write!(
            xml,
            "<guid isPermaLink=\"false\">{}.{}</guid></item>",
            item.publication, item.version
        );
    }
    xml.push_str("</channel></rss>\n");
    xml
}

/// Text inside an XML element: marks escaped, characters that XML 1.0 forbids left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// `Sun, 22 Nov 2026 14:05:09 +0700` (RFC 822 with the four-digit year of RFC 1123).
fn rfc822(at: Timestamp) -> String {
    at.civil().strftime("%a, %d %b %Y %H:%M:%S +0700").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_title_leaves_its_element() {
        assert_eq!(
            escaped("a</title><b x=\"1\">&\u{1}\u{b}\r\nc"),
            "a&lt;/title&gt;&lt;b x=&quot;1&quot;&gt;&amp;  c"
        );
    }

    #[test]
    fn days_are_written_as_feed_readers_expect() {
        assert_eq!(
            rfc822(Timestamp::from_millis(1_795_330_800_000)),
            "Sun, 22 Nov 2026 14:00:00 +0700"
        );
    }
}
