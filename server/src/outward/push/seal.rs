//! Sealing a message to a browser: RFC 8291 over RFC 8188, in one record. Pure but for the one-time key.

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::SecureRandom,
};

/// The size of a record, as the header says it; ours are far smaller.
const RECORD: u32 = 4_096;
/// Longest message that fits into one record with its mark and its tag.
const MESSAGE_MOST: usize = RECORD as usize - 17 - 86;

/// Seals a message with a one-time key; none when the browser's keys are none, or the message is too long.
pub fn seal(
    message: &[u8],
    public: &[u8],
    auth: &[u8],
    random: &dyn SecureRandom,
) -> Option<Vec<u8>> {
    let own = EphemeralPrivateKey::generate(&ECDH_P256, random).ok()?;
    let own_public = own.compute_public_key().ok()?;
    let mut salt = [0; 16];
    random.fill(&mut salt).ok()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, public);
    agree_ephemeral(own, &peer, |shared| {
        let to = Secrets { shared, auth, public, own: own_public.as_ref(), salt };
        to.sealed(message)
    })
    .ok()?
}

/// Everything the key of a message is made of.
struct Secrets<'a> {
    shared: &'a [u8],
    auth: &'a [u8],
    public: &'a [u8],
    own: &'a [u8],
    salt: [u8; 16],
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derived<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Option<[u8; N]> {
    let mut out = [0; N];
    let from = Salt::new(HKDF_SHA256, salt).extract(secret);
    from.expand(info, Length(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

impl Secrets<'_> {
    /// The content-encryption key and the nonce of the only record.
    fn keys(&self) -> Option<(LessSafeKey, [u8; NONCE_LEN])> {
        let info: [&[u8]; 3] = [b"WebPush: info\0", self.public, self.own];
        let input: [u8; 32] = derived(self.auth, self.shared, &info)?;
        let key: [u8; 16] = derived(&self.salt, &input, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce = derived(&self.salt, &input, &[b"Content-Encoding: nonce\0"])?;
        Some((LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?), nonce))
    }

    fn sealed(&self, message: &[u8]) -> Option<Vec<u8>> {
        if message.len() > MESSAGE_MOST {
            return None;
        }
        let (key, nonce) = self.keys()?;
        let mut record = message.to_vec();
        // The mark of the last record.
        record.push(2);
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;
        let mut body = self.salt.to_vec();
        body.extend(RECORD.to_be_bytes());
        body.push(u8::try_from(self.own.len()).ok()?);
        body.extend(self.own);
        body.extend(record);
        Some(body)
    }
}

#[cfg(test)]
mod tests {
    use reporting::model::outward::base64url;
    use ring::rand::SystemRandom;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        base64url(text).expect("base64url")
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_standard_comes_out_to_the_byte() {
        let (shared, auth) =
            (bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"), bytes("BTBZMqHH6r4Tts7J_aSIgg"));
        let public = bytes(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        );
        let own = bytes(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let to = Secrets { shared: &shared, auth: &auth, public: &public, own: &own, salt };
        let body = to.sealed(b"When I grow up, I want to be a watermelon").expect("sealed");
        let wanted = bytes(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
             EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        );
        assert_eq!(body, wanted);
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_browser_alone() {
        let random = SystemRandom::new();
        let browser = EphemeralPrivateKey::generate(&ECDH_P256, &random).expect("a key");
        let public = browser.compute_public_key().expect("its public half").as_ref().to_vec();
        let auth = [7; 16];
        let body = seal("3 báo cáo".as_bytes(), &public, &auth, &random).expect("sealed");
        let (salt, own) = (body[..16].try_into().expect("a salt"), &body[21..86]);
        assert_eq!((&body[16..20], body[20]), (&RECORD.to_be_bytes()[..], 65));
        let peer = UnparsedPublicKey::new(&ECDH_P256, own);
        let opened = agree_ephemeral(browser, &peer, |shared| {
            let from = Secrets { shared, auth: &auth, public: &public, own, salt };
            let (key, nonce) = from.keys().expect("keys");
            let mut record = body[86..].to_vec();
            let nonce = Nonce::assume_unique_for_key(nonce);
            let plain = key.open_in_place(nonce, Aad::empty(), &mut record).expect("it opens");
            plain.to_vec()
        });
        assert_eq!(opened.expect("agreed"), ["3 báo cáo".as_bytes(), &[2]].concat());
        assert!(seal(b"a", &public[1..], &auth, &random).is_none(), "no key");
        assert!(seal(b"a", &[4; 65], &auth, &random).is_none(), "no point of the curve");
        assert!(seal(&[0; 5_000], &public, &auth, &random).is_none(), "too long");
    }
}
