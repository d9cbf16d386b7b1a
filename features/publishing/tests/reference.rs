//! Reference data: what is shipped, and that the rows are those of the data file.

use testkit::on_both_engines;

use crate::stage::stage;

on_both_engines! {
    async fn the_languages_are_those_of_the_data_file(builder: KitBuilder) {
        let kit = stage(builder).await;
        let languages = kit.db().view(async |tx| publishing::languages(tx).await).await.expect("languages");
        let file = include_str!("../data/languages.csv");
        let rows: Vec<&str> = file.lines().skip(1).collect();
        assert_eq!(languages.len(), rows.len());
        for (language, row) in languages.iter().zip(rows) {
            let columns: Vec<&str> = row.split(',').collect();
            assert!(row.starts_with(&format!("{},", language.tag)), "{row}");
            assert!(row.contains(&language.name), "{row}");
            assert_eq!(columns[columns.len() - 2], language.is_common.to_string(), "{row}");
        }
        for tag in ["vi", "tyz", "nut", "ium", "mji", "hmv", "km", "cjm", "rad", "jra", "bdq", "blt"] {
            assert!(languages.iter().any(|language| language.tag == tag && language.is_common), "{tag}");
        }
    }

    async fn six_themes_have_their_targets(builder: KitBuilder) {
        let kit = stage(builder).await;
        let (themes, targets) = kit.db().view(async |tx| {
            Ok((publishing::themes(tx).await?, publishing::theme_targets(tx).await?))
        }).await.expect("themes");
        let codes: Vec<&str> = themes.iter().map(|theme| theme.code.as_str()).collect();
        assert_eq!(codes, ["cdcs", "khcn", "yte", "rung", "thien", "antt"]);
        let percent = |theme: &str, audience: &str| {
            targets.iter().find(|t| t.theme == theme && t.audience == audience).map(|t| t.percent)
        };
        assert_eq!(percent("cdcs", "prestigious_person"), Some(100));
        assert_eq!(percent("khcn", "people"), Some(80));
        assert_eq!(percent("yte", "people"), Some(90));
    }
}
