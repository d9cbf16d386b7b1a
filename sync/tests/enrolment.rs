//! Joining with a one-time code, and everything that must not get in.

use crate::cast::{Chance, HUB, MUONG_NHE, STRANGER};
use sync::enrol::{
    Admitted, CodeSecret, EnrolCode, JoinRefused, Joining, MalformedCode, StoredCode, admit,
    code_of,
};

fn code(seed: u64) -> EnrolCode {
    EnrolCode::from_entropy(&Chance::new(seed).array())
}

fn stored(code: &EnrolCode) -> StoredCode {
    StoredCode { secret: CodeSecret::of(code), expires_ms: 1000, used_by: None }
}

#[test]
fn both_sides_pin_each_others_keys_and_a_lost_reply_can_be_asked_for_again() {
    let code = code(1);
    let mut stored = stored(&code);
    let joining = Joining::begin(&code, &MUONG_NHE, &[3; 16]);
    assert_eq!(code_of(joining.request()), Ok(stored.secret.id));
    let Admitted { node, keys, reply } =
        admit(&stored, joining.request(), &HUB, "Xã Phủ Thông".as_bytes(), 999).unwrap();
    assert_eq!((node, keys), (MUONG_NHE.node_id(), *MUONG_NHE.public()));
    let joined = joining.finish(&reply).unwrap();
    assert_eq!(joined, (*HUB.public(), "Xã Phủ Thông".as_bytes().to_vec()));
    stored.used_by = Some(node);
    let again = admit(&stored, joining.request(), &HUB, b"", 5000).unwrap();
    assert_eq!(joining.finish(&again.reply).unwrap().0, *HUB.public());
    // The code is never on the wire.
    let typed = code.to_string().replace('-', "");
    for message in [joining.request(), &reply] {
        assert!(!message.windows(5).any(|window| typed.as_bytes().starts_with(window)));
    }
}

#[test]
fn wrong_used_and_expired_codes_are_told_apart() {
    let code = code(2);
    let stored = stored(&code);
    let wrong = Joining::begin(&self::code(3), &MUONG_NHE, &[3; 16]);
    assert_eq!(admit(&stored, wrong.request(), &HUB, b"", 0), Err(JoinRefused::WrongCode));
    let right = Joining::begin(&code, &MUONG_NHE, &[3; 16]);
    assert_eq!(admit(&stored, right.request(), &HUB, b"", 1000), Err(JoinRefused::Expired));
    let used = StoredCode { used_by: Some(STRANGER.node_id()), ..stored.clone() };
    assert_eq!(admit(&used, right.request(), &HUB, b"", 0), Err(JoinRefused::Used));
    assert_eq!(admit(&stored, &right.request()[..60], &HUB, b"", 0), Err(JoinRefused::WrongCode));
    assert_eq!(admit(&stored, &[], &HUB, b"", 0), Err(JoinRefused::Malformed));
}

#[test]
fn nobody_without_the_code_can_stand_in_for_the_hub_or_change_a_message() {
    let code = code(4);
    let joining = Joining::begin(&code, &MUONG_NHE, &[3; 16]);
    let guess = StoredCode { secret: CodeSecret::of(&self::code(5)), ..stored(&code) };
    assert!(admit(&guess, joining.request(), &STRANGER, b"", 0).is_err());
    let reply = admit(&stored(&code), joining.request(), &HUB, b"x", 0).unwrap().reply;
    for at in 0..reply.len() {
        let mut altered = reply.clone();
        altered[at] ^= 4;
        assert!(joining.finish(&altered).is_err(), "byte {at}");
    }
    for at in 0..joining.request().len() {
        let mut altered = joining.request().to_vec();
        altered[at] ^= 4;
        assert!(admit(&stored(&code), &altered, &HUB, b"", 0).is_err(), "byte {at}");
    }
    // A reply to somebody else's request with the same code is no reply to ours.
    let other = Joining::begin(&code, &MUONG_NHE, &[9; 16]);
    assert_eq!(other.finish(&reply), Err(JoinRefused::WrongCode));
}

#[test]
fn a_code_is_read_as_people_type_it() {
    let code = code(6);
    let shown = code.to_string();
    assert_eq!(shown.len(), 17);
    assert_eq!(shown.parse(), Ok(code.clone()));
    assert_eq!(format!(" {} ", shown.to_lowercase().replace('-', " ")).parse(), Ok(code.clone()));
    let confused = shown.replace('0', "o").replace('1', "l");
    assert_eq!(confused.parse(), Ok(code));
}

#[test]
fn one_wrong_character_or_two_that_changed_places_are_always_caught() {
    let typed: Vec<u8> = code(7).to_string().into_bytes();
    for at in (0..typed.len()).filter(|&at| typed[at] != b'-') {
        for letter in *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
            let mut wrong = typed.clone();
            wrong[at] = letter;
            let parsed = String::from_utf8(wrong.clone()).unwrap().parse::<EnrolCode>();
            assert_eq!(parsed.is_ok(), wrong == typed);
        }
    }
    let bare: Vec<u8> = typed.iter().copied().filter(|&letter| letter != b'-').collect();
    for at in 0..bare.len() - 1 {
        let mut swapped = bare.clone();
        swapped.swap(at, at + 1);
        let parsed = String::from_utf8(swapped.clone()).unwrap().parse::<EnrolCode>();
        assert_eq!(parsed.is_ok(), swapped == bare);
    }
    for bad in ["", "ABCDE", "ABCDE-FGHJK-MNPQU", "ABCDE-FGHJK-MNPQRS", "💧"] {
        assert_eq!(bad.parse::<EnrolCode>(), Err(MalformedCode));
    }
}
