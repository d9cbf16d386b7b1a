//! Every problem and every choice has words. That every page renders is checked for all houses at once, in the
//! server's tests.

use kernel::locale::{Lang, Words};

fn words() -> Words {
    let modules = [kernel::module(), areas::module(), identity::module(), reach::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")))
}

#[test]
fn every_problem_and_every_choice_has_words() {
    let words = words();
    for lang in Lang::ALL {
        for problem in reach::module().problems {
            assert!(words.knows(lang, &format!("problem-{}", problem.code)), "{}", problem.code);
            assert!(
                words.knows(lang, &format!("problem-{}.next", problem.code)),
                "{}",
                problem.code
            );
        }
        let key = |family: &str, code: &str| format!("reach-{family}-{}", code.replace('_', "-"));
        for rung in reach::Rung::LADDER {
            assert!(words.knows(lang, &key("rung", rung.word())), "{rung}");
        }
        for channel in reach::Channel::ALL {
            for family in ["channel", "channel-of"] {
                assert!(words.knows(lang, &key(family, channel.word())), "{channel}");
            }
        }
        let lists: [(&str, &[&str]); 5] = [
            ("standing", &reach::model::person::STANDINGS),
            ("end", &reach::model::person::END_REASONS),
            ("consent", &reach::model::person::PURPOSES),
            ("consent-hint", &reach::model::person::PURPOSES),
            ("method", &reach::model::inspection::METHODS),
        ];
        for (family, codes) in lists {
            for code in codes {
                assert!(words.knows(lang, &key(family, code)), "{family} {code}");
            }
        }
    }
}
