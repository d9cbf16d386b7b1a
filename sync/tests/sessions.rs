//! Opening sessions, losing welcomes, and noticing that one box has become two.

use crate::cast::{Chance, HUB, MUONG_NHE, STRANGER};
use sync::{
    Cursor, Signed,
    session::{Contact, Greeted, Heard, Hello, PROTO, Session, SessionId, greeted},
    upstream::UpHead,
};

/// What a box has on its disk: the last session it was given, and nothing else that matters here.
#[derive(Clone, Default)]
struct Disk {
    last: SessionId,
}

fn hello(disk: &Disk, answering: [u8; 16], chance: &mut Chance) -> Hello {
    Hello {
        proto: PROTO,
        node: MUONG_NHE.node_id(),
        nonce: chance.array(),
        time_ms: 0,
        last_session: disk.last,
        answering,
        up: UpHead::empty(MUONG_NHE.node_id(), 1),
    }
}

fn hear(hub: &mut Contact, hello: &Hello, chance: &mut Chance) -> Heard {
    let signed = Signed::sign(hello.clone(), &MUONG_NHE);
    hub.hear(&signed, MUONG_NHE.public(), &HUB, Cursor::default(), 5, chance).unwrap()
}

/// A whole contact of a living box. None if the hub takes it for a copy.
fn contact(hub: &mut Contact, disk: &mut Disk, chance: &mut Chance) -> Option<Session> {
    let mut answering = [0; 16];
    for _ in 0..2 {
        let said = hello(disk, answering, chance);
        let answer = match hear(hub, &said, chance) {
            Heard::Welcome { answer, .. }
            | Heard::Challenge { answer }
            | Heard::Clone { answer } => answer,
        };
        match greeted(&answer, &said, &MUONG_NHE, HUB.public()).unwrap() {
            Greeted::Welcome { session, .. } => {
                disk.last = session.id();
                return Some(session);
            }
            Greeted::Challenge(challenge) => answering = challenge,
            Greeted::Refused => return None,
        }
    }
    None
}

#[test]
fn a_clone_is_noticed_at_the_first_contact_of_the_second_box_in_every_trial() {
    for seed in 0..1000 {
        let mut chance = Chance::new(seed);
        let (mut hub, mut original) = (Contact::default(), Disk::default());
        for _ in 0..chance.below(6) {
            let session = contact(&mut hub, &mut original, &mut chance).expect("no copy yet");
            hub.uses(session.id());
        }
        let mut copy = original.clone();
        // Whichever calls first, and however often, is taken for the one we know.
        let copy_first = chance.once_in(2);
        let (first, second) =
            if copy_first { (&mut copy, &mut original) } else { (&mut original, &mut copy) };
        for _ in 0..=chance.below(3) {
            let session = contact(&mut hub, first, &mut chance).expect("nothing to see yet");
            hub.uses(session.id());
        }
        assert!(contact(&mut hub, second, &mut chance).is_none(), "seed {seed}: clone not noticed");
    }
}

#[test]
fn lost_welcomes_duplicates_and_old_hellos_never_look_like_a_clone() {
    for seed in 0..100 {
        let mut chance = Chance::new(seed);
        let (mut hub, mut disk) = (Contact::default(), Disk::default());
        let mut said_before = Vec::new();
        for _ in 0..20 {
            // Lost on the way there or back, in any number the hub remembers.
            for _ in 0..chance.below(3) {
                let lost = hello(&disk, [0; 16], &mut chance);
                assert!(matches!(hear(&mut hub, &lost, &mut chance), Heard::Welcome { .. }));
                said_before.push(lost);
            }
            // Somebody plays back what we said long ago.
            if let Some(old) = said_before.get(chance.below(said_before.len().max(1))).cloned() {
                assert!(!matches!(hear(&mut hub, &old, &mut chance), Heard::Clone { .. }));
            }
            let session = contact(&mut hub, &mut disk, &mut chance).expect("there is only one box");
            if chance.once_in(2) {
                hub.uses(session.id());
            }
        }
    }
}

#[test]
fn a_hub_restored_from_a_backup_believes_a_living_point_once() {
    let mut chance = Chance::new(1);
    let (mut hub, mut disk) = (Contact::default(), Disk::default());
    let session = contact(&mut hub, &mut disk, &mut chance).unwrap();
    hub.uses(session.id());
    let old = hello(&disk, [0; 16], &mut chance);
    let mut copy = disk.clone();
    let mut restored = Contact::forgotten();
    assert!(matches!(hear(&mut restored, &old, &mut chance), Heard::Challenge { .. }));
    let session = contact(&mut restored, &mut disk, &mut chance).unwrap();
    restored.uses(session.id());
    assert!(contact(&mut restored, &mut copy, &mut chance).is_none());
}

#[test]
fn both_ends_of_a_session_hold_the_same_secret_and_nobody_else_learns_it() {
    let mut chance = Chance::new(2);
    let mut hub = Contact::default();
    let said = hello(&Disk::default(), [0; 16], &mut chance);
    let Heard::Welcome { session, answer } = hear(&mut hub, &said, &mut chance) else { panic!() };
    let got = greeted(&answer, &said, &MUONG_NHE, HUB.public()).unwrap();
    let held = Cursor::default();
    assert_eq!(got, Greeted::Welcome { session: session.clone(), proto: PROTO, held, time_ms: 5 });
    assert!(!answer.as_bytes().windows(32).any(|window| window == session.secret()));
    assert!(greeted(&answer, &said, &STRANGER, HUB.public()).is_err());
    assert!(greeted(&answer, &said, &MUONG_NHE, STRANGER.public()).is_err());
    let other = hello(&Disk::default(), [0; 16], &mut chance);
    assert!(greeted(&answer, &other, &MUONG_NHE, HUB.public()).is_err());
}

#[test]
fn a_hello_signed_by_a_stranger_changes_nothing() {
    let mut chance = Chance::new(3);
    let mut hub = Contact::default();
    let said = hello(&Disk::default(), [0; 16], &mut chance);
    let forged = Signed::sign(said, &STRANGER);
    let heard = hub.hear(&forged, MUONG_NHE.public(), &HUB, Cursor::default(), 5, &mut chance);
    assert!(heard.is_err());
    assert_eq!(hub, Contact::default());
}
