//! What to call a browser in the list of one's sessions. Only this label is kept, not the whole
//! `User-Agent`, which tells more about a person's machine than anybody here needs.

/// `Chrome, Android` from a `User-Agent`; empty when it says nothing we know.
pub(crate) fn device_label(user_agent: &str) -> String {
    // Order matters: almost every browser also claims to be Chrome or Safari.
    const BROWSERS: [(&str, &str); 8] = [
        ("coc_coc", "Cốc Cốc"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let parts = [find(&BROWSERS), find(&SYSTEMS)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_as_people_call_it() {
        let android = "Mozilla/5.0 (Linux; Android 13; SM-A047F) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/120.0 Mobile Safari/537.36";
        assert_eq!(device_label(android), "Chrome, Android");
        let coc_coc = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 coc_coc_browser/118 Chrome/112 Safari/537";
        assert_eq!(device_label(coc_coc), "Cốc Cốc, Windows");
        assert_eq!(device_label("<script>alert(1)</script>\r\n"), "");
    }
}
