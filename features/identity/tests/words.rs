//! Every problem and every role has words. That every page renders is checked for all houses at once, in the
//! server's tests.

use kernel::locale::{Lang, Words};

#[test]
fn every_problem_and_role_has_words() {
    let modules = [kernel::module(), areas::module(), identity::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    for lang in Lang::ALL {
        for problem in identity::module().problems {
            assert!(words.knows(lang, &format!("problem-{}", problem.code)), "{}", problem.code);
            assert!(
                words.knows(lang, &format!("problem-{}.next", problem.code)),
                "{}",
                problem.code
            );
        }
        for role in identity::role::ALL {
            assert!(words.knows(lang, &format!("identity-role-{role}.hint")), "{role}");
        }
    }
}
