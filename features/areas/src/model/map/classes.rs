//! How figures become a few classes of colour.

/// The most classes a map tells apart; eyes tell no more.
pub const CLASSES_MAX: usize = 5;

/// How the limits between classes are set.
#[derive(Clone, Debug, PartialEq)]
pub enum Classing {
    /// About as many provinces in each class. Equal figures are never parted.
    Quantile(usize),
    /// The same span of figures in each class.
    Equal(usize),
    /// The largest figure of every class but the last, rising.
    Fixed(Vec<f64>),
}

impl Classing {
    /// The largest figure of every class but the last, rising, without empty classes at equal figures.
    pub(super) fn limits(&self, amounts: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sorted: Vec<f64> = amounts.filter(|amount| amount.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let Some((least, most)) = sorted.first().copied().zip(sorted.last().copied()) else {
            return Vec::new();
        };
        let mut limits = match self {
            Self::Quantile(classes) => {
                let classes = (*classes).clamp(1, CLASSES_MAX);
                (1..classes)
                    .map(|class| sorted[(sorted.len() * class).div_ceil(classes) - 1])
                    .collect()
            }
            Self::Equal(classes) => equal(least, most, (*classes).clamp(1, CLASSES_MAX)),
            Self::Fixed(limits) => limits.iter().copied().take(CLASSES_MAX - 1).collect(),
        };
        limits.dedup();
        if !matches!(self, Self::Fixed(_)) {
            limits.retain(|limit| *limit < most);
        }
        limits
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are at most five classes")]
fn equal(least: f64, most: f64, classes: usize) -> Vec<f64> {
    let width = (most - least) / classes as f64;
    if width <= 0.0 {
        return Vec::new();
    }
    (1..classes).map(|class| least + width * class as f64).collect()
}

/// The class of a figure, from 1.
pub(super) fn class_of(limits: &[f64], amount: f64) -> usize {
    limits.iter().filter(|limit| amount > **limit).count() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn classed(classing: &Classing, amounts: &[f64]) -> Vec<usize> {
        let limits = classing.limits(amounts.iter().copied());
        amounts.iter().map(|amount| class_of(&limits, *amount)).collect()
    }

    #[test]
    fn quantiles_hold_as_many_each_and_equal_spans_follow_the_figures() {
        let amounts = [1.0, 2.0, 3.0, 4.0, 100.0];
        assert_eq!(classed(&Classing::Quantile(5), &amounts), [1, 2, 3, 4, 5]);
        assert_eq!(classed(&Classing::Equal(5), &amounts), [1, 1, 1, 1, 5]);
        assert_eq!(classed(&Classing::Fixed(vec![2.0, 50.0]), &amounts), [1, 1, 2, 2, 3]);
        assert_eq!(classed(&Classing::Quantile(5), &[7.0, 7.0, 7.0]), [1, 1, 1]);
        assert_eq!(classed(&Classing::Equal(5), &[7.0]), [1]);
        assert!(Classing::Quantile(5).limits(std::iter::empty()).is_empty());
    }

    proptest! {
        #[test]
        fn a_larger_figure_is_never_in_a_lower_class(
            mut amounts in prop::collection::vec(-1e6f64..1e6, 1..70), quantile in any::<bool>(), classes in 1usize..9,
        ) {
            amounts.sort_by(f64::total_cmp);
            let classing = if quantile { Classing::Quantile(classes) } else { Classing::Equal(classes) };
            let found = classed(&classing, &amounts);
            prop_assert!(found.is_sorted());
            prop_assert!(found.iter().all(|class| (1..=CLASSES_MAX).contains(class)));
        }
    }
}
