//! The data set that the settings speak of, and what is taken for what they do not say.

use kernel::{clock::Day, ids::Id, text::slug};

use super::{Telling, Told, sheets::Sheets};
use crate::model::{
    Dataset, Life, Scheme, Tier,
    dataset::{Deadline, DueRule, DueWhat},
    element::Mark,
};

/// Reads it.
pub(super) fn dataset(sheets: &Sheets, from: Day, telling: &mut Telling) -> Dataset {
    let settings = &sheets.settings;
    let told = |column: &str, what| Told::new("settings", settings.row, column, what);
    let title = match settings.get("form_title") {
        "" => "Biểu chưa đặt tên",
        title => title,
    };
    let named = if settings.get("form_id").is_empty() { title } else { settings.get("form_id") };
    let code = slug(&named.replace(['_', '.'], " "), 20);
    let code = if code.len() < 2 { "bieu-moi".to_owned() } else { code };
    if code != settings.get("form_id") {
        telling.note(told("form_id", "reporting-xlsform-code").with("code", code.as_str()));
    }
    let asked = settings.get("nhipcau::scheme");
    let scheme = if asked.is_empty() { "nd09q" } else { asked };
    if asked.is_empty() {
        telling.note(told("nhipcau::scheme", "reporting-xlsform-scheme"));
    } else if Scheme::parse(asked).is_none() {
        telling.trouble(
            told("nhipcau::scheme", "reporting-xlsform-scheme-unknown").with("text", asked),
        );
    }
    let tier = match settings.get("nhipcau::tier") {
        "" | "commune" => Tier::Commune,
        "province" => Tier::Province,
        "ministry" => Tier::Ministry,
        other => {
            telling.trouble(
                told("nhipcau::tier", "reporting-xlsform-tier-unknown").with("text", other),
            );
            Tier::Commune
        }
    };
    telling.note(told("", "reporting-xlsform-deadline"));
    Dataset {
        code: Id::from_text(code),
        title: title.to_owned(),
        scheme: scheme.to_owned(),
        tier,
        component: None,
        estimated: false,
        deadlines: vec![Deadline {
            tier,
            life: Life::Final,
            what: DueWhat::Submission,
            due: DueRule::AfterClose { days: 2 },
        }],
        from,
        until: Day::FOREVER,
        areas: Vec::new(),
        basis: settings.get("nhipcau::basis").to_owned(),
        mark: Mark::Derived,
        ended: None,
    }
}
