//! What readers are shown: by place, language, theme and words; until its last day.

use areas::AreaId;
use kernel::clock::Day;
use publishing::{
    Draft, ListQuery, Source, Translation,
    actions::editing::{self, SaveTranslation},
};
use testkit::on_both_engines;

use crate::stage::{
    approve, article, begin, draft, mai, neighbour, phu_thong, publish, set_clock, stage, submit,
    titles,
};

on_both_engines! {
    async fn a_place_is_shown_what_is_aimed_at_it_above_it_and_below_it(builder: KitBuilder) {
        let kit = stage(builder).await;
        let (here, other) = (phu_thong(&kit).await, neighbour(&kit).await);
        let country = kit.db().view(async |tx| Ok(areas::find(tx, &AreaId::country()).await?)).await
            .expect("a query").expect("the country");
        for (title, area) in [("Cho xã này", &here), ("Cho xã bên", &other), ("Cho cả nước", &country)] {
            publish(&kit, Draft { title: title.to_owned(), ..draft(area) }).await;
        }
        let mut shown = titles(&kit, Some(&here.path), "").await;
        shown.sort();
        assert_eq!(shown, ["Cho cả nước", "Cho xã này"]);
        let village = here.path.child("ban-nao-do");
        assert_eq!(titles(&kit, Some(&village), "").await.len(), 2);
        assert_eq!(titles(&kit, Some(&country.path), "").await.len(), 3);
        assert_eq!(titles(&kit, None, "").await.len(), 3);
    }

    async fn words_are_found_with_or_without_diacritics_and_in_any_form(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        // The same letters, decomposed: as some telephones type them.
        let nfd = "Hô\u{303} trơ\u{323} nươ\u{301}c sinh hoa\u{323}t";
        publish(&kit, Draft { title: kernel::text::tidy(nfd), ..draft(&area) }).await;
        let mut law = Draft { title: "Phê duyệt Đề án".to_owned(), kind: "legal_document".to_owned(), ..draft(&area) };
        law.document.number = String::from("330/QĐ-UBDT");
        law.document.authority = String::from("Ủy ban Dân tộc");
        law.document.issued = Day::new(2023, 5, 12);
        publish(&kit, law).await;
        for words in ["nuoc sinh hoat", "NƯỚC sinh", nfd, "hoat nuoc"] {
            assert_eq!(titles(&kit, None, words).await, ["Hỗ trợ nước sinh hoạt"], "{words}");
        }
        assert_eq!(titles(&kit, None, "330/QĐ-UBDT").await, ["Phê duyệt Đề án"]);
        assert!(titles(&kit, None, "không có chữ này").await.is_empty());
        assert!(titles(&kit, None, "%").await.len() == 2, "a sign alone asks for nothing");
    }

    async fn filters_narrow_and_the_wanted_language_comes_first(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        let translation = Translation {
            language: "tyz".to_owned(), title: "Nặm kin".to_owned(),
            summary: "Mọi lườn".to_owned(), body: "Chữ Tày".to_owned(),
        };
        let tyz = SaveTranslation { publication: id.clone(), base: 0, translation, uses: None };
        editing::translate(kit.db(), &mai(), tyz).await.expect("translated");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        let ask = async |query: ListQuery| {
            kit.db().view(async |tx| Ok(publishing::latest(tx, &query).await?)).await.expect("a query")
        };
        let tyz = ask(ListQuery { language: Some("tyz".to_owned()), ..ListQuery::default() }).await;
        assert_eq!((tyz[0].title.as_str(), tyz[0].language.as_str()), ("Nặm kin", "tyz"));
        assert_eq!(tyz[0].texts, ["vi", "tyz"]);
        let khmer = ask(ListQuery { language: Some("km".to_owned()), ..ListQuery::default() }).await;
        assert_eq!(khmer[0].language, "vi");
        for (query, expected) in [
            (ListQuery { theme: Some("cdcs".to_owned()), ..ListQuery::default() }, 1),
            (ListQuery { theme: Some("yte".to_owned()), ..ListQuery::default() }, 0),
            (ListQuery { audience: Some("people".to_owned()), kind: Some("news".to_owned()), ..ListQuery::default() }, 1),
            (ListQuery { audience: Some("official".to_owned()), ..ListQuery::default() }, 0),
            (ListQuery { kind: Some("alert".to_owned()), ..ListQuery::default() }, 0),
            (ListQuery { offset: 1, ..ListQuery::default() }, 0),
        ] {
            assert_eq!(ask(query.clone()).await.len(), expected, "{query:?}");
        }
    }

    async fn on_its_last_day_it_is_gone_without_anybody_doing_anything(builder: KitBuilder) {
        let kit = stage(builder).await;
        let today = kit.app.now().day();
        let short = Draft { expires: Some(today.plus_days(2)), ..draft(&phu_thong(&kit).await) };
        let id = publish(&kit, short).await;
        set_clock(&kit, today.plus_days(2).start().plus_millis(-1));
        assert!(article(&kit, &id).await.is_some());
        set_clock(&kit, today.plus_days(2).start());
        assert!(article(&kit, &id).await.is_none());
        assert!(titles(&kit, None, "").await.is_empty());
    }

    async fn related_items_share_a_theme(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let themes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let id = publish(&kit, Draft { themes: themes(&["cdcs", "yte"]), ..draft(&area) }).await;
        publish(&kit, Draft { title: "Hai nhóm".to_owned(), themes: themes(&["cdcs", "yte"]), ..draft(&area) }).await;
        publish(&kit, Draft { title: "Một nhóm".to_owned(), themes: themes(&["yte"]), ..draft(&area) }).await;
        publish(&kit, Draft { title: "Nhóm khác".to_owned(), themes: themes(&["rung"]), ..draft(&area) }).await;
        let article = article(&kit, &id).await.expect("an article");
        let related = kit.db().view(async |tx| Ok(publishing::related(tx, &article, 5).await?)).await;
        let found: Vec<String> = related.expect("a query").into_iter().map(|row| row.title).collect();
        assert_eq!(found, ["Hai nhóm", "Một nhóm"]);
    }

    async fn where_it_came_from_is_kept(builder: KitBuilder) {
        let kit = stage(builder).await;
        let source = Source {
            name: "Cổng thông tin điện tử Kiên Giang".to_owned(),
            url: "https://example.vn/tin".to_owned(),
            date: Day::new(2019, 5, 22),
        };
        let id = publish(&kit, Draft { source: source.clone(), ..draft(&phu_thong(&kit).await) }).await;
        let article = article(&kit, &id).await.expect("an article");
        assert_eq!(article.source, source);
        let view = kit.db().view(async |tx| publishing::view(tx, &article, "vi").await).await.expect("a view");
        assert_eq!(view.themes, ["Chính sách, pháp luật"]);
        assert_eq!(view.source, Some(source));
    }
}
