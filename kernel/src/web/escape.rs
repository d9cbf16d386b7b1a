//! What templates print is escaped here: the five characters that mean something in HTML text and in quoted
//! attributes, and no other. (minijinja's own way also writes `/` as six bytes, on every link of every page;
//! it only matters where `<` was let through already.)

use std::fmt::{self, Write};

use minijinja::{AutoEscape, Error, Output, State, Value, escape_formatter};

/// Prints a value into a page.
pub(super) fn print(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            escape(out, text).map_err(Error::from)
        }
        _ => escape_formatter(out, state, value),
    }
}

/// Writes text so that it can stand in HTML, also within quotes of either kind.
fn escape(out: &mut impl Write, text: &str) -> fmt::Result {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let name = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#x27;",
            _ => continue,
        };
        // All five are ASCII, so that both ends of what lies between are ends of characters.
        out.write_str(&text[from..at])?;
        out.write_str(name)?;
        from = at + 1;
    }
    out.write_str(&text[from..])
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text).expect("a string takes all");
        out
    }

    fn rendered(template: &str, value: &str) -> String {
        let mut env = Environment::new();
        env.set_auto_escape_callback(|_| AutoEscape::Html);
        env.set_formatter(print);
        env.render_str(template, context! { value }).expect("it renders")
    }

    #[test]
    fn what_people_write_cannot_become_markup() {
        let hostile = "<script src='//x'>alert(\"&\")</script>";
        let shown = "&lt;script src=&#x27;//x&#x27;&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;";
        assert_eq!(rendered("<p>{{ value }}</p>", hostile), format!("<p>{shown}</p>"));
        assert_eq!(
            rendered("<a title=\"{{ value }}\">", hostile),
            format!("<a title=\"{shown}\">")
        );
        assert_eq!(rendered("<a title='{{ value }}'>", hostile), format!("<a title='{shown}'>"));
        assert_eq!(rendered("{{ value ~ '<' }}", hostile), format!("{shown}&lt;"));
        assert_eq!(rendered("{{ [value] }}", "<b>").matches('<').count(), 0);
        assert_eq!(
            rendered("{% macro m(v) %}<b>{{ v }}</b>{% endmacro %}{{ m(value) }}", "<i>"),
            "<b>&lt;i&gt;</b>"
        );
        assert_eq!(rendered("{{ value|safe }}", "<b>"), "<b>");
    }

    #[test]
    fn a_slash_stays_a_slash() {
        assert_eq!(
            rendered("<a href=\"{{ value }}\">", "/do-phu/p1?a=1&b=2"),
            "<a href=\"/do-phu/p1?a=1&amp;b=2\">"
        );
    }

    proptest! {
        #[test]
        fn nothing_of_meaning_is_left_and_nothing_is_lost(text in "(?s).*|[&<>\"'/;#a-z]*") {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
