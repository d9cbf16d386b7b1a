//! Numbers as form engines on phones write them: plain, with a point before decimals, and large ones with an
//! exponent, as Java prints them.

/// The number without its exponent; `None` for what is none. `3.06105E8` is `306105000`.
pub fn plain_number(text: &str) -> Option<String> {
    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let known = !whole.is_empty() && is_digits(whole) && is_digits(part) && digits.len() <= 40;
    if !known || exponent.abs() > 30 {
        return None;
    }
    let mut all = format!("{whole}{part}");
    // Where the point stands, counted from the left.
    let point = i32::try_from(whole.len()).ok()? + exponent;
    while i32::try_from(all.len()).ok()? < point {
        all.push('0');
    }
    let lacking = usize::try_from(1 - point).unwrap_or(0);
    let all = format!("{}{all}", "0".repeat(lacking));
    let point = usize::try_from(point.max(1)).ok()?;
    let (whole, part) = all.split_at(point);
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let dot = if part.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{dot}{part}"))
}
