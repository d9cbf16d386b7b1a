//! Text as XML carries it, the same in every message and document that is written by hand. Reading XML is not here.

/// Text for an attribute or between elements. What XML 1.0 cannot carry at all is left out (§2.2); tabs and line
/// ends become spaces, as an attribute would have them (§3.3.3).
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            gone if gone.is_control() || matches!(gone, '\u{fffe}' | '\u{ffff}') => {}
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_what_xml_cannot_carry_is_left_out() {
        assert_eq!(
            escape("Bản <Nà> & \"Lũng\"\n2\u{0}\u{fffe}"),
            "Bản &lt;Nà&gt; &amp; &quot;Lũng&quot; 2"
        );
    }
}
