//! Provinces coloured by a figure: one map for whoever has a number for each province. Pure. It sorts the
//! figures into classes and says what is drawn where; `paint` makes a picture of it, templates an SVG.
//! What is counted, and when a figure may be shown, is for the caller.

mod classes;
mod ground;
mod letters;
mod paint;

use std::collections::HashMap;

use serde::Serialize;

pub use classes::{CLASSES_MAX, Classing};
pub use ground::{Ground, Shape};
pub use letters::covers;
pub use paint::PictureWords;

/// A figure of one province.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its amount, for the class it falls into.
    pub amount: f64,
    /// The same as people read it: `1.234`, `35,2 %`.
    pub text: String,
}

/// What is to be shown: figures by the province's code on a ground of 34 or 63 provinces.
#[derive(Clone, Debug)]
pub struct ChoroplethMap<'f> {
    /// Which outlines.
    pub ground: &'static Ground,
    /// The figures by province code. A province that is left out has none: it is shown as *unknown*, never as 0.
    pub figures: &'f HashMap<String, Figure>,
    /// How figures become classes.
    pub classing: Classing,
}

/// One province as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tile {
    /// Its code in the ground's frame.
    pub code: String,
    /// Its bare name.
    pub name: String,
    /// Its outline: the data of an SVG path.
    pub outline: String,
    /// Its class from 1; 0 where there is no figure.
    pub class: usize,
    /// The figure in words; none where there is none.
    pub text: Option<String>,
    /// Where its class number stands.
    pub x: i32,
    /// Where its class number stands.
    pub y: i32,
}

/// One line of the legend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegendStep {
    /// The class, from 1.
    pub class: usize,
    /// The smallest figure in it, in words.
    pub from: String,
    /// The largest.
    pub to: String,
    /// How many provinces.
    pub count: usize,
}

/// A name on the sea.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeaName {
    /// The archipelago.
    pub name: String,
    /// The province it belongs to.
    pub province: String,
    /// The middle of the name.
    pub x: i32,
    /// Its base line.
    pub y: i32,
}

/// The whole map, as a template draws it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drawing {
    /// Width in map units.
    pub width: i32,
    /// Height in map units.
    pub height: i32,
    /// Size of the class numbers, in map units.
    pub letter: i32,
    /// Every province, in order of code.
    pub tiles: Vec<Tile>,
    /// The classes that are in use, the smallest figures first.
    pub legend: Vec<LegendStep>,
    /// Provinces without a figure.
    pub missing: usize,
    /// Hoàng Sa and Trường Sa.
    pub sea_names: Vec<SeaName>,
}

impl ChoroplethMap<'_> {
    /// Sorts the figures into classes and places everything.
    pub fn drawing(&self) -> Drawing {
        let ground = self.ground;
        let amounts = ground.shapes.iter().filter_map(|shape| self.figures.get(&shape.code));
        let limits = self.classing.limits(amounts.map(|figure| figure.amount));
        let tile = |shape: &Shape| {
            let figure = self.figures.get(&shape.code);
            Tile {
                code: shape.code.clone(),
                name: shape.name.clone(),
                outline: shape.outline.clone(),
                class: figure.map_or(0, |figure| classes::class_of(&limits, figure.amount)),
                text: figure.map(|figure| figure.text.clone()),
                x: shape.label.0,
                y: shape.label.1,
            }
        };
        let tiles: Vec<Tile> = ground.shapes.iter().map(tile).collect();
        Drawing {
            width: ground::WIDTH,
            height: ground::HEIGHT,
            letter: ground.letter,
            legend: self.legend(&tiles),
            missing: tiles.iter().filter(|tile| tile.class == 0).count(),
            tiles,
            sea_names: ground::sea_names(),
        }
    }

    fn legend(&self, tiles: &[Tile]) -> Vec<LegendStep> {
        let classes = tiles.iter().map(|tile| tile.class).max().unwrap_or(0);
        let step = |class| {
            let within = tiles.iter().filter(|tile| tile.class == class);
            let mut figures: Vec<&Figure> =
                within.filter_map(|tile| self.figures.get(&tile.code)).collect();
            figures.sort_by(|one, other| one.amount.total_cmp(&other.amount));
            let (first, last) = figures.first().zip(figures.last())?;
            let count = figures.len();
            Some(LegendStep { class, from: first.text.clone(), to: last.text.clone(), count })
        };
        (1..=classes).filter_map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(codes: &[(&str, f64)]) -> HashMap<String, Figure> {
        let figure = |amount: f64| Figure { amount, text: amount.to_string() };
        codes.iter().map(|(code, amount)| ((*code).to_owned(), figure(*amount))).collect()
    }

    #[test]
    fn a_province_without_a_figure_is_unknown_and_never_zero() {
        let figures = figures(&[("01", 0.0), ("04", 5.0)]);
        let map = ChoroplethMap {
            ground: Ground::of_34(),
            figures: &figures,
            classing: Classing::Quantile(5),
        };
        let drawing = map.drawing();
        assert_eq!(drawing.tiles.len(), 34);
        assert_eq!(drawing.missing, 32);
        let of = |code: &str| drawing.tiles.iter().find(|tile| tile.code == code).expect("a tile");
        assert_eq!((of("01").class, of("01").text.as_deref()), (1, Some("0")));
        assert_eq!(of("04").class, 2);
        assert_eq!((of("08").class, &of("08").text), (0, &None));
        let told: Vec<_> = drawing.legend.iter().map(|step| (step.class, step.count)).collect();
        assert_eq!(told, [(1, 1), (2, 1)]);
    }

    #[test]
    fn both_grounds_show_every_province_and_the_archipelagos() {
        for (ground, count) in [(Ground::of_34(), 34), (Ground::of_63(), 63)] {
            assert_eq!(ground.shapes.len(), count);
            for shape in &ground.shapes {
                assert!(shape.rings.iter().all(|ring| ring.len() >= 3), "{}", shape.name);
                assert!(shape.outline.starts_with('M') && shape.outline.ends_with('z'));
                let (x, y) = shape.label;
                assert!((0..ground::WIDTH).contains(&x) && (0..ground::HEIGHT).contains(&y));
            }
            // Hoàng Sa belongs to Đà Nẵng and Trường Sa to Khánh Hòa, far out at sea.
            for code in ["48", "56"] {
                let shape = ground.shapes.iter().find(|shape| shape.code == code).expect("it");
                let east = shape.rings.iter().flatten().map(|point| point.0).max().expect("points");
                assert!(east > ground::WIDTH * 3 / 4, "{}", shape.name);
            }
        }
        let names: Vec<_> = ground::sea_names().into_iter().map(|name| name.name).collect();
        assert_eq!(names, ["Quần đảo Hoàng Sa", "Quần đảo Trường Sa"]);
    }
}
