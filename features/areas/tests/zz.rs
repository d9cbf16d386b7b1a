#[test]
fn zz_slow() {
    testkit::run(async move {
        let kit = testkit::KitBuilder::on(testkit::TestEngine::Sqlite).with([areas::module()]).start().await;
        areas::reference::load(kit.db()).await.unwrap();
        let csv = include_str!("../data/areas_2024.csv");
        let mut times = vec![];
        for line in csv.lines().skip(1).step_by(20) {
            let name = kernel::text::fold(line.split(',').nth(1).unwrap());
            let query = areas::Query { limit: 20, ..areas::Query::new(name.as_str()) };
            let t = std::time::Instant::now();
            let n = kit.db().view(async |tx| Ok(areas::search(tx, &query).await?)).await.unwrap();
            let heirs: usize = n.iter().map(|h| h.became.len()).sum();
            times.push((t.elapsed(), name, n.len(), heirs));
        }
        times.sort();
        for t in times.iter().rev().take(12) { println!("slow {t:?}"); }
        println!("slow p50 {:?} p95 {:?}", times[times.len()/2].0, times[times.len()*95/100].0);
        for s in ["", "-wal"] { std::fs::copy(kit.folder.join(format!("test.db{s}")), format!("/tmp/areas.db{s}")).unwrap(); }
    });
}
