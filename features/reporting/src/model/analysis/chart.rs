//! Charts as SVG text: drawn here, without script, to be printed in grey and read aloud. Colours are those of
//! the stylesheet as attributes, because the content policy allows no inline style; each series also has its
//! own dash and its own sign. A table with the same figures always stands beside a chart.

use std::fmt::Write;

use crate::model::formula::Rational;

/// One line of a chart.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What it shows.
    pub label: String,
    /// Its values; none where there is no figure: the line is broken there.
    pub points: Vec<Option<f64>>,
}

/// A break: what lies left and right of it is not to be compared without knowing it.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Before which point it lies.
    pub before: usize,
    /// Why.
    pub text: String,
}

/// A line chart.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// What it shows.
    pub title: String,
    /// The same in a sentence with the figures' range, for those who do not see it.
    pub desc: String,
    /// Names of the points.
    pub labels: Vec<String>,
    /// The lines; four are told apart.
    pub series: Vec<Series>,
    /// Breaks.
    pub marks: Vec<Mark>,
    /// What is to be reached.
    pub target: Option<(f64, String)>,
}

const INK: &str = "#1c1b19";
const SOFT: &str = "#57534a";
const GRID: &str = "#d9d2c3";
const INDIGO: &str = "#1d2a57";
const MADDER: &str = "#9d2a2f";
const TURMERIC: &str = "#f0b429";
const MOSS: &str = "#2c6b3f";
/// Colour and dash of each series.
const STROKES: [(&str, &str); 4] =
    [(INDIGO, ""), (MADDER, "8 4"), (MOSS, "2 4"), ("#6b4a00", "10 3 2 3")];

const WIDTH: f64 = 560.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const PLOT: f64 = 190.0;
/// Letters of a label below the axis.
const LABEL_MOST: usize = 12;
/// Width of a letter at 14 units, generously.
const LETTER: f64 = 7.6;

/// For drawing only.
#[expect(clippy::cast_precision_loss, reason = "a chart is a few hundred points wide")]
pub fn drawn(number: Rational) -> f64 {
    number.numerator() as f64 / number.denominator() as f64
}

#[expect(clippy::cast_precision_loss, reason = "a chart has a few dozen points")]
fn real(number: usize) -> f64 {
    number as f64
}

/// Text as SVG holds it.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A round number not below this one: 1, 2 or 5 times a power of ten.
fn round_up(number: f64) -> f64 {
    if number <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(number.log10().floor());
    let lead = number / power;
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| lead <= *step + 1e-9);
    step.unwrap_or(10.0) * power
}

/// An axis label: `1.500`, `0,5`, `2 tỷ`.
fn tick(number: f64) -> String {
    for (limit, word) in [(1e9, "tỷ"), (1e6, "triệu")] {
        if number.abs() >= limit {
            return format!("{} {word}", plain(number / limit));
        }
    }
    plain(number)
}

#[expect(clippy::cast_possible_truncation, reason = "below a million here")]
fn plain(number: f64) -> String {
    let whole = number.round();
    if (number - whole).abs() < 1e-9 && whole.abs() < 1e15 {
        return kernel::text::thousands(whole as i64);
    }
    format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').replace('.', ",")
}

fn open(out: &mut String, width: f64, height: f64, title: &str, desc: &str) {
    let (title, desc) = (safe(title), safe(desc));
    let _ = write!(
        out,
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-size=\"14\" aria-label=\"{title}\"><title>{title}</title><desc>{desc}</desc>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
    );
}

fn sign(out: &mut String, at: usize, x: f64, y: f64, colour: &str) {
    let _ = match at % 4 {
        0 => write!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"),
        1 => write!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\" fill=\"{colour}\"/>",
            x - 4.0,
            y - 4.0
        ),
        2 => write!(out, "<path d=\"M{x:.1} {:.1}l5 9h-10z\" fill=\"{colour}\"/>", y - 5.0),
        _ => write!(out, "<path d=\"M{x:.1} {:.1}l5 5-5 5-5-5z\" fill=\"{colour}\"/>", y - 5.0),
    };
}

impl Lines {
    /// The range of everything drawn, with zero in it.
    fn range(&self) -> (f64, f64) {
        let all = self.series.iter().flat_map(|series| series.points.iter().flatten().copied());
        let all = all.chain(self.target.iter().map(|(at, _)| *at)).filter(|one| one.is_finite());
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for one in all {
            low = low.min(one);
            high = high.max(one);
        }
        let high = if high > 0.0 { round_up(high) } else { 0.0 };
        let low = if low < 0.0 { -round_up(-low) } else { 0.0 };
        if high - low <= 0.0 { (0.0, 1.0) } else { (low, high) }
    }

    /// The chart.
    pub fn svg(&self) -> String {
        let height = TOP + PLOT + 34.0 + 20.0 * real(self.series.len() + self.marks.len());
        let mut out = String::new();
        open(&mut out, WIDTH, height, &self.title, &self.desc);
        let (low, high) = self.range();
        let count = self.labels.len().max(1);
        let step = (WIDTH - LEFT - RIGHT) / real(count);
        let x = |at: usize| LEFT + step * (real(at) + 0.5);
        let y = |value: f64| TOP + PLOT * (high - value) / (high - low);
        for part in 0..=4_u8 {
            let value = low + (high - low) * f64::from(part) / 4.0;
            let at = y(value);
            let _ = write!(
                out,
                "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"{GRID}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\" fill=\"{SOFT}\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 5.0,
                tick(value)
            );
        }
        let longest = self.labels.iter().map(|label| short(label, LABEL_MOST).chars().count());
        let wide = LETTER * real(longest.max().unwrap_or(1)) + 10.0;
        // Every so-manieth label is written, so that none is written over the next.
        let every = (1..count).find(|every| step * real(*every) >= wide).unwrap_or(count);
        for (at, label) in self.labels.iter().enumerate().filter(|(at, _)| at % every == 0) {
            let _ = write!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{INK}\">{}</text>",
                x(at),
                TOP + PLOT + 20.0,
                safe(&short(label, LABEL_MOST))
            );
        }
        if let Some((value, words)) = &self.target {
            let at = y(*value);
            let _ = write!(
                out,
                "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"{MADDER}\" stroke-width=\"2\" stroke-dasharray=\"3 3\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{MADDER}\">{}</text>",
                WIDTH - RIGHT,
                WIDTH - RIGHT,
                (at - 5.0).max(14.0),
                safe(&short(words, 40))
            );
        }
        let mut below = TOP + PLOT + 44.0;
        for (at, mark) in self.marks.iter().enumerate() {
            let place = LEFT + step * real(mark.before);
            let _ = write!(
                out,
                "<path d=\"M{place:.1} {:.1}V{:.1}\" stroke=\"{INK}\" stroke-width=\"2\" stroke-dasharray=\"1 4\"/>\
                 <circle cx=\"{place:.1}\" cy=\"{:.1}\" r=\"9\" fill=\"{TURMERIC}\" stroke=\"{INK}\"/>\
                 <text x=\"{place:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{INK}\">{}</text>\
                 <text x=\"{LEFT}\" y=\"{below:.1}\" fill=\"{INK}\">{}. {}</text>",
                TOP - 4.0,
                TOP + PLOT,
                TOP - 14.0,
                TOP - 9.0,
                at + 1,
                at + 1,
                safe(&short(&mark.text, 66))
            );
            below += 20.0;
        }
        for (at, series) in self.series.iter().enumerate() {
            let (colour, dash) = STROKES[at % STROKES.len()];
            let mut path = String::new();
            let mut pen_down = false;
            for (point, value) in series.points.iter().enumerate() {
                let Some(value) = value.filter(|value| value.is_finite()) else {
                    pen_down = false;
                    continue;
                };
                let letter = if pen_down { 'L' } else { 'M' };
                let _ = write!(path, "{letter}{:.1} {:.1}", x(point), y(value));
                pen_down = true;
            }
            let _ = write!(
                out,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dash}\"/>"
            );
            for (point, value) in series.points.iter().enumerate() {
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    sign(&mut out, at, x(point), y(value), colour);
                }
            }
            let _ = write!(
                out,
                "<path d=\"M{LEFT} {:.1}h30\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dash}\"/>",
                below - 5.0
            );
            sign(&mut out, at, LEFT + 15.0, below - 5.0, colour);
            let _ = write!(
                out,
                "<text x=\"{:.1}\" y=\"{below:.1}\" fill=\"{INK}\">{}</text>",
                LEFT + 38.0,
                safe(&short(&series.label, 58))
            );
            below += 20.0;
        }
        out.push_str("</svg>");
        out
    }
}

/// A line in a table's cell: how a figure moved.
pub fn spark(title: &str, points: &[Option<f64>]) -> String {
    let known: Vec<f64> = points.iter().flatten().copied().filter(|one| one.is_finite()).collect();
    if known.len() < 2 {
        return String::new();
    }
    let (low, high) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| {
        (low.min(*one), high.max(*one))
    });
    let span = if high - low <= 0.0 { 1.0 } else { high - low };
    let step = 110.0 / real(points.len().saturating_sub(1).max(1));
    let mut path = String::new();
    let mut pen_down = false;
    let mut last = (0.0, 0.0);
    for (at, value) in points.iter().enumerate() {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            pen_down = false;
            continue;
        };
        last = (5.0 + step * real(at), 27.0 - 22.0 * (value - low) / span);
        let letter = if pen_down { 'L' } else { 'M' };
        let _ = write!(path, "{letter}{:.1} {:.1}", last.0, last.1);
        pen_down = true;
    }
    let title = safe(title);
    format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 120 32\" width=\"120\" height=\"32\" aria-label=\"{title}\">\
         <title>{title}</title><rect width=\"120\" height=\"32\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"none\" stroke=\"{INDIGO}\" stroke-width=\"2\"/>\
         <circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{MADDER}\"/></svg>",
        last.0, last.1
    )
}

/// A bullet bar: what is, beside what shall be (a line, or a hatched range).
pub fn bullet(title: &str, value: Option<f64>, goal: Option<(f64, f64)>) -> String {
    let most = value.into_iter().chain(goal.map(|(_, high)| high)).fold(0.0_f64, f64::max);
    let scale = 200.0 / round_up(most);
    let title = safe(title);
    let mut out = format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 220 30\" width=\"220\" height=\"30\" aria-label=\"{title}\">\
         <title>{title}</title><rect width=\"220\" height=\"30\" fill=\"#fff\"/>\
         <rect x=\"10\" y=\"4\" width=\"200\" height=\"22\" fill=\"#e9ecf5\" stroke=\"{SOFT}\"/>"
    );
    if let Some(value) = value {
        let _ = write!(
            out,
            "<rect x=\"10\" y=\"10\" width=\"{:.1}\" height=\"10\" fill=\"{INDIGO}\"/>",
            (value.max(0.0) * scale).min(200.0)
        );
    }
    if let Some((low, high)) = goal {
        let at = |number: f64| 10.0 + (number.max(0.0) * scale).min(200.0);
        if high > low {
            let _ = write!(
                out,
                "<rect x=\"{:.1}\" y=\"2\" width=\"{:.1}\" height=\"26\" fill=\"none\" stroke=\"{MADDER}\" \
                 stroke-width=\"2\" stroke-dasharray=\"4 2\"/>",
                at(low),
                at(high) - at(low)
            );
        } else {
            let _ = write!(
                out,
                "<path d=\"M{:.1} 0v30\" stroke=\"{MADDER}\" stroke-width=\"4\"/>",
                at(low)
            );
        }
    }
    out.push_str("</svg>");
    out
}

/// A bar in a ranking; hatched while not everybody has reported. `id` must be its own on the page.
pub fn bar(id: &str, title: &str, share: f64, partial: bool) -> String {
    let (title, id) = (safe(title), safe(id));
    let width = (share.clamp(0.0, 1.0) * 160.0).max(0.0);
    let (defs, fill) = if partial {
        (
            format!(
                "<defs><pattern id=\"{id}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
                 <rect width=\"6\" height=\"6\" fill=\"#fff\"/><path d=\"M0 6 6 0\" stroke=\"{INDIGO}\" stroke-width=\"2\"/>\
                 </pattern></defs>"
            ),
            format!("url(#{id})"),
        )
    } else {
        (String::new(), INDIGO.to_owned())
    };
    format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 162 18\" width=\"162\" height=\"18\" aria-label=\"{title}\">\
         <title>{title}</title>{defs}<rect x=\"1\" y=\"1\" width=\"{width:.1}\" height=\"16\" fill=\"{fill}\" stroke=\"{INDIGO}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_in_a_chart_stay_words() {
        let chart = Lines {
            title: "<script>\"'&".to_owned(),
            labels: vec!["<b>".to_owned(), "II".to_owned()],
            series: vec![Series { label: "</svg>".to_owned(), points: vec![Some(1.0), None] }],
            marks: vec![Mark { before: 1, text: "<i>".to_owned() }],
            target: Some((5.0, "<u>".to_owned())),
            ..Lines::default()
        };
        let svg = chart.svg();
        for wrong in ["<script", "<b>", "<i>", "<u>", "style="] {
            assert!(!svg.contains(wrong), "{wrong}");
        }
        assert_eq!(svg.matches("</svg>").count(), 1);
        assert!(svg.contains("<title>") && svg.contains("<desc>"));
    }

    #[test]
    fn a_line_is_broken_where_nobody_reported() {
        let chart = Lines {
            labels: (0..4).map(|at| at.to_string()).collect(),
            series: vec![Series {
                label: "x".to_owned(),
                points: vec![Some(1.0), Some(2.0), None, Some(3.0)],
            }],
            ..Lines::default()
        };
        let svg = chart.svg();
        let path =
            svg.split("fill=\"none\"").next().and_then(|before| before.rsplit("d=\"").next());
        assert_eq!(path.map(|path| path.matches('M').count()), Some(2), "{svg}");
    }

    proptest! {
        #[test]
        fn any_numbers_can_be_drawn(points in prop::collection::vec(prop::option::of(-1e15_f64..1e15), 0..30)) {
            let chart = Lines {
                labels: points.iter().map(|_| String::new()).collect(),
                series: vec![Series { label: String::new(), points: points.clone() }],
                ..Lines::default()
            };
            let svg = chart.svg();
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
            let small = spark("x", &points);
            prop_assert!(!small.contains("NaN"));
        }
    }
}
