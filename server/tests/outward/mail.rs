//! Letters against a mail server that takes them, puts them off, refuses them and hangs up.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use nhipcau::{
    config::{Encryption, MailServer, Outward},
    outward::{examine, mail::Smtp},
};
use reporting::{Carry, Mail, MailFile, Reply};
use testkit::{
    post::{Act, PostOffice},
    run,
};

use super::{folder, foreign};

fn settings(port: u16) -> MailServer {
    MailServer {
        server: "127.0.0.1".to_owned(),
        port: Some(port),
        encryption: Encryption::None,
        user: String::new(),
        password_file: None,
        from: "Nhịp Cầu <nhipcau@thainguyen.gov.vn>".to_owned(),
        ca_file: None,
    }
}

fn smtp(port: u16) -> Smtp {
    Smtp::new(&settings(port), "https://nhipcau.example.gov.vn", &folder("mail")).expect("settings")
}

fn letter() -> Mail {
    Mail {
        key: "0193a5f0".to_owned(),
        to: "mai@xa.gov.vn".to_owned(),
        subject: "Báo cáo quá hạn của đơn vị trực thuộc\r\nBcc: all@xa.gov.vn".to_owned(),
        text: "Xã Phủ Thông: Điểm hỗ trợ, quý IV.\n.\nDòng sau dấu chấm".to_owned(),
        html: "<p>Xã Phủ Thông</p>".to_owned(),
        files: vec![MailFile {
            name: "bao-cao-2026.xlsx".to_owned(),
            kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            bytes: vec![b'P', b'K', 0, 255, 13, 10],
        }],
        settings: "https://nhipcau.example.gov.vn/bao-cao/nhac".to_owned(),
    }
}

/// The headers of a letter, unfolded.
fn headers(letter: &str) -> Vec<String> {
    let head = letter.split("\r\n\r\n").next().unwrap_or_default();
    head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_letter_arrives_whole_with_its_headers() {
    run(async {
        let office = PostOffice::open(&[]).await;
        let reply = smtp(office.address.port()).carry(&letter()).await;
        assert!(matches!(reply, Reply::Taken(_)), "{reply:?}");
        let letters = office.letters();
        let all = headers(&letters[0]);
        let has = |wanted: &str| all.iter().any(|one| one == wanted);
        assert!(has("Auto-Submitted: auto-generated"), "{all:?}");
        assert!(has("List-Unsubscribe: <https://nhipcau.example.gov.vn/bao-cao/nhac>"), "{all:?}");
        assert!(has("Message-ID: <0193a5f0@thainguyen.gov.vn>"), "{all:?}");
        assert!(has("To: mai@xa.gov.vn"), "{all:?}");
        let subject = all.iter().find(|one| one.starts_with("Subject:")).expect("a subject");
        assert!(subject.is_ascii() && subject.contains("=?utf-8?"), "{subject}");
        assert!(!all.iter().any(|one| one.starts_with("Bcc")), "a subject is one line: {all:?}");
        assert!(
            letters[0].contains("multipart/alternative")
                && letters[0].contains("bao-cao-2026.xlsx")
        );
    });
}

#[test]
fn what_the_server_says_decides_whether_it_is_tried_again() {
    run(async {
        let office = PostOffice::open(&[
            Act::Refuse("451 4.7.1 come back later"),
            Act::Take,
            Act::Refuse("550 5.1.1 no such user"),
            Act::RefuseWhole("552 5.3.4 too large"),
            Act::RefuseWhole("452 4.3.1 full"),
            Act::HangUp,
            Act::HangUpAfter,
            Act::Take,
        ])
        .await;
        let smtp = smtp(office.address.port());
        let mut said = Vec::new();
        for _ in 0..8 {
            said.push(smtp.carry(&letter()).await);
        }
        let later = |reply: &Reply, is_down: bool| matches!(reply, Reply::Later { down, .. } if *down == is_down);
        assert!(later(&said[0], false), "{:?}", said[0]);
        assert!(matches!(said[1], Reply::Taken(_)), "{:?}", said[1]);
        assert!(matches!(&said[2], Reply::Never(why) if why.contains("5.1.1")), "{:?}", said[2]);
        assert!(matches!(&said[3], Reply::Never(why) if why.contains("5.3.4")), "{:?}", said[3]);
        assert!(later(&said[4], false), "{:?}", said[4]);
        assert!(later(&said[5], true) && later(&said[6], true), "{said:?}");
        assert!(matches!(said[7], Reply::Taken(_)), "{:?}", said[7]);
        let ids: Vec<Option<String>> = office
            .letters()
            .iter()
            .map(|one| headers(one).into_iter().find(|line| line.starts_with("Message-ID")))
            .collect();
        assert_eq!(ids.len(), 3, "two that were taken, and one of which nobody knew");
        assert!(ids[0].is_some() && ids[1] == ids[0] && ids[2] == ids[0], "{ids:?}");
    });
}

#[test]
fn nobody_there_is_said_as_such_and_doctor_sees_it() {
    run(async {
        let reply = smtp(9).carry(&letter()).await;
        assert!(matches!(reply, Reply::Later { down: true, .. }), "{reply:?}");
        let office = PostOffice::open(&[]).await;
        let outward = |port, url: &str| Outward {
            public_url: url.to_owned(),
            mail: Some(settings(port)),
            ..Outward::default()
        };
        let site = "https://nhipcau.example.gov.vn";
        let data = folder("doctor");
        let well = async |settings: &Outward| examine(Some(settings), &data).await[0].0;
        assert!(well(&outward(office.address.port(), site)).await);
        assert!(!well(&outward(9, site)).await, "nobody listens there");
        assert!(!well(&outward(office.address.port(), "nhipcau")).await, "no address");
    });
}

#[test]
fn settings_that_would_send_passwords_or_letters_in_the_open_are_refused() {
    let data = folder("settings");
    let site = "https://nhipcau.example.gov.vn";
    let wrong = |change: fn(&mut MailServer)| {
        let mut one = settings(25);
        change(&mut one);
        Smtp::new(&one, site, &data).err().unwrap_or_default()
    };
    assert!(wrong(|one| one.server = "smtp.example.gov.vn".to_owned()).contains("encrypted"));
    assert!(wrong(|one| one.from = "nobody".to_owned()).contains("address"));
    assert!(wrong(|one| one.user = "a".to_owned()).contains("password_file"));
    assert!(
        wrong(|one| {
            one.user = "a".to_owned();
            one.password_file = Some("mat-khau-khong-co".into());
        })
        .contains("cannot read")
    );
    std::fs::write(data.join("mat-khau"), "bi mat\n").expect("written");
    let mut right = settings(465);
    right.server = "smtp.example.gov.vn".to_owned();
    right.encryption = Encryption::Tls;
    right.user = "nhipcau".to_owned();
    right.password_file = Some("mat-khau".into());
    assert!(Smtp::new(&right, site, &data).is_ok());
    right.encryption = Encryption::Starttls;
    assert!(Smtp::new(&right, site, &data).is_ok());
}

const SERVER: &str = r"
import email, email.policy, sys, time
from aiosmtpd.controller import Controller

class Keep:
    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = letter.get_body(('plain',)).get_content().replace('\r', '').replace('\n', '|')
        files = ','.join(part.get_filename() for part in letter.iter_attachments())
        print(letter['subject'], letter['from'], text, files, sep='\t', flush=True)
        return '250 kept'

controller = Controller(Keep(), hostname='127.0.0.1', port=int(sys.argv[1]))
controller.start()
print('ready', flush=True)
time.sleep(30)
";

#[test]
fn a_foreign_mail_server_reads_what_we_write() {
    let Some(python) = foreign() else { return };
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|one| one.local_addr())
        .expect("a port is free")
        .port();
    let mut server = Command::new(python)
        .args(["-c", SERVER, &port.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let ready = lines.next().and_then(Result::ok);
    if ready.as_deref() != Some("ready") {
        eprintln!("skipped: this Python has no aiosmtpd");
        let _ = server.wait();
        return;
    }
    let one = Mail {
        subject: "Báo cáo quá hạn của đơn vị trực thuộc".to_owned(), ..letter()
    };
    run(async {
        let reply = smtp(port).carry(&one).await;
        assert!(matches!(reply, Reply::Taken(_)), "{reply:?}");
    });
    let read = lines.next().and_then(Result::ok).expect("what it read");
    let _ = server.kill();
    let _ = server.wait();
    let parts: Vec<&str> = read.split('\t').collect();
    assert_eq!(parts[0], one.subject);
    assert!(
        parts[1].contains("Nhịp Cầu") && parts[1].contains("nhipcau@thainguyen.gov.vn"),
        "{read}"
    );
    assert!(parts[2].contains("Xã Phủ Thông: Điểm hỗ trợ, quý IV.|.|Dòng sau dấu chấm"), "{read}");
    assert_eq!(parts[3], "bao-cao-2026.xlsx");
}
