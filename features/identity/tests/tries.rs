//! Wrong passwords: attackers wait, owners and whole communes do not.

use identity::{actions::reset_password, role};
use testkit::Kit;

use crate::{PASSWORD, account, browser::Browser, caller_of, start, system};

async fn attack(browser: &mut Browser<'_>, username: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(browser.sign_in_with(username, "không phải thế này").await.status);
    }
    statuses
}

testkit::on_both_engines! {
    async fn a_stranger_waits_longer_and_longer(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut stranger = Browser::new(&kit).at(66);
        assert_eq!(attack(&mut stranger, "mai", 6).await, [422, 422, 422, 422, 422, 429]);
        let waiting = stranger.sign_in_with("mai", PASSWORD).await;
        assert_eq!(waiting.status, 429, "not even the right password while one waits");
        assert!(waiting.text.contains("Chờ 2 giây"), "{}", waiting.text);
        kit.clock.advance(2_000);
        assert_eq!(attack(&mut stranger, "mai", 2).await, [422, 429]);
        kit.clock.advance(2_000);
        assert_eq!(attack(&mut stranger, "mai", 1).await, [429], "four seconds now");
        kit.clock.advance(2_000);
        stranger.sign_in("mai").await;
        assert!(caller_of(&kit, &stranger).await.is_some());
    }

    async fn an_unknown_name_makes_one_wait_just_the_same(builder: KitBuilder) {
        let kit = start(builder).await;
        let mut stranger = Browser::new(&kit).at(66);
        assert_eq!(attack(&mut stranger, "khong.co.ai", 6).await, [422, 422, 422, 422, 422, 429]);
    }

    async fn an_attacker_cannot_lock_out_a_known_device(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        mai.post("/dang-xuat", &[]).await;
        // From one address, from her own address, and from many.
        for last in 1..=30 {
            attack(&mut Browser::new(&kit).at(last), "mai", 2).await;
        }
        attack(&mut Browser::new(&kit), "mai", 12).await;
        let newcomer = Browser::new(&kit).at(99).sign_in_with("mai", PASSWORD).await;
        assert_eq!(newcomer.status, 429, "strangers wait");
        mai.sign_in("mai").await;
        assert!(caller_of(&kit, &mai).await.is_some());
    }

    async fn a_known_device_is_no_way_around_the_wait(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        account(&kit, "thief", role::EDITOR, "/vn/").await;
        let mut thief = Browser::new(&kit).at(66);
        thief.sign_in("thief").await;
        let statuses = attack(&mut thief, "mai", 8).await;
        assert!(statuses.ends_with(&[429, 429, 429]), "a device is known to its own people only: {statuses:?}");
        let mut stolen = Browser::new(&kit);
        stolen.sign_in("mai").await;
        let statuses = attack(&mut stolen, "mai", 9).await;
        assert!(statuses.ends_with(&[429, 429, 429]), "{statuses:?}");
    }

    async fn two_hundred_people_sign_in_from_one_address(builder: KitBuilder) {
        let kit = start(builder).await;
        let people = people(&kit, 200).await;
        let mut waited = 0;
        for (index, username) in people.iter().enumerate() {
            let mut browser = Browser::new(&kit);
            if index % 4 == 0 {
                let slip = browser.sign_in_with(username, "tay trơn gõ nhầm").await;
                waited += usize::from(slip.status == 429);
            }
            let seen = browser.sign_in_with(username, PASSWORD).await;
            assert_eq!(seen.status, 303, "{username}: {}", seen.text);
        }
        assert_eq!(waited, 0);
    }

    async fn a_flooding_address_is_slowed_down_but_still_let_in(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let mut stranger = Browser::new(&kit);
        for index in 0..103 {
            let seen = stranger.sign_in_with(&format!("nguoi{index}"), "không phải thế này").await;
            assert_eq!(seen.status, 422, "{index}");
        }
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        let mut floods = 0;
        for page in 1..=6 {
            let log = chi.get(&format!("/quan-tri/nhat-ky?viec=identity.sign-in-refused&trang={page}")).await;
            assert!(log.text.contains("trong 101"), "{}", log.text);
            floods += log.text.matches("Dồn dập từ một địa chỉ").count();
        }
        assert_eq!(floods, 1, "one line says so, not one for each try");
    }

    async fn a_thousand_tries_at_once_are_a_thousand(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut first = Browser::new(&kit).at(66);
        first.get("/dang-nhap").await;
        let tries = (0..24).map(|_| {
            let mut browser = first.clone();
            async move { browser.sign_in_with("mai", "không phải thế này").await.status }
        });
        let mut running = Vec::new();
        for one in tries {
            running.push(Box::pin(one));
        }
        let statuses = join(running).await;
        let checked = statuses.iter().filter(|status| **status == 422).count();
        assert_eq!(checked, 5, "only the free tries are looked at: {statuses:?}");
    }

    async fn a_corrected_clock_does_not_leave_anybody_waiting_for_years(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let ten_years = 10 * 365 * 24 * 3_600_000;
        kit.clock.advance(ten_years);
        let mut mai = Browser::new(&kit);
        assert_eq!(attack(&mut mai, "mai", 6).await.last(), Some(&429));
        kit.clock.advance(-ten_years);
        mai.sign_in("mai").await;
    }

    async fn a_new_one_time_password_can_be_used_at_once(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        assert_eq!(attack(&mut mai, "mai", 6).await.last(), Some(&429));
        let once = reset_password(&system(&kit), kit.db(), &id).await.expect("a new password");
        assert_eq!(mai.sign_in_with("mai", &once).await.status, 200, "asked for a new password");
    }
}

/// Many accounts with the cast's password.
async fn people(kit: &Kit, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    let system = system(kit);
    for index in 0..count {
        let username = format!("canbo{index:03}");
        let new = identity::actions::NewAccount {
            username: username.clone(),
            name: username.clone(),
            place: crate::path("/vn/"),
            password: Some(PASSWORD.to_owned()),
            roles: Vec::new(),
        };
        let made = identity::actions::create_account(&system, kit.db(), new).await;
        made.expect("the account is opened");
        names.push(username);
    }
    names
}

/// Runs futures side by side on this task.
async fn join<T>(mut running: Vec<std::pin::Pin<Box<impl Future<Output = T>>>>) -> Vec<T> {
    let mut done: Vec<T> = Vec::new();
    std::future::poll_fn(|cx| {
        running.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
