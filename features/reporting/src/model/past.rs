//! When a text has to be kept although another one takes its place. Writing it is not here.

/// True when everything of `old` still stands in `new`: something was only put in, at one place. A narrative is saved
/// at every pause of whoever types it; what they only went on with is no earlier text.
pub fn only_added(old: &str, new: &str) -> bool {
    let ahead: usize = old
        .chars()
        .zip(new.chars())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum();
    // What stands before the place is the same in both; what follows it ends both.
    new[ahead..].ends_with(&old[ahead..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_on_with_a_text_takes_nothing_from_it() {
        for (old, new) in [
            ("", "Đường"),
            ("Đường sạt lở", "Đường sạt lở, cần sửa"),
            ("Đường sạt lở", "Đường liên xã sạt lở"),
            ("aa", "aaa"),
            ("Đường", "Đường"),
        ] {
            assert!(only_added(old, new), "{old} → {new}");
        }
        for (old, new) in [
            ("Đường sạt lở", ""),
            ("Đường sạt lở", "Đường sạt"),
            ("Hoa viết trước", "Tuân viết sau"),
            ("ab", "axbx"),
            ("Đ", "Ð"),
        ] {
            assert!(!only_added(old, new), "{old} → {new}");
        }
    }
}
