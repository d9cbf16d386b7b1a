//! Pictures made or broken to do harm: whatever comes, a named problem or a picture.

use image::ImageFormat;
use proptest::prelude::*;
use publishing::media::picture::{PictureProblem, prepare};

use super::picture::{corners, encoded, files, jpeg, pixels, with_metadata};

/// A PNG whose header says `width` × `height`, with hardly anything behind it.
pub fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut file = encoded(corners(8, 8), ImageFormat::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = file[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    file[29..33].copy_from_slice(&(!crc).to_be_bytes());
    file
}

#[test]
fn picture_bombs_are_refused_before_they_are_unpacked() {
    for (width, height) in [(30_000, 30_000), (16_000, 16_000), (16_001, 1), (9_000, 6_000)] {
        let upload = png_claiming(width, height);
        assert!(upload.len() < 2_000);
        assert_eq!(prepare(&upload), Err(PictureProblem::TooManyPixels { width, height }));
    }
    // The same header with an honest size opens up to its damage: the refusal was for the size.
    assert_eq!(prepare(&png_claiming(4_000, 4_000)), Err(PictureProblem::Damaged));
    let mut bomb = jpeg(&corners(16, 16));
    let frame = bomb.windows(2).position(|two| two == [0xff, 0xc0]).expect("a frame header");
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xfd, 0xe8, 0xfd, 0xe8]);
    let problem = PictureProblem::TooManyPixels { width: 65_000, height: 65_000 };
    assert_eq!(prepare(&bomb), Err(problem));
}

#[test]
fn formats_that_are_not_read_are_refused_by_name() {
    let uploads: [(&[u8], &str); 9] = [
        (b"GIF89a\x01\0\x01\0", "GIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- x -->\n<SVG>", "SVG"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"BM\x46\0\0\0\0\0\0\0\x36", "BMP"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
    ];
    for (upload, format) in uploads {
        assert_eq!(prepare(upload), Err(PictureProblem::Unsupported { format }));
    }
}

#[test]
fn what_is_not_a_picture_is_called_so() {
    for upload in [&b"x"[..], b"ID3\x04", b"<html><p>x", b"RIFF\0\0\0\0WAVEfmt ", b"%PDF-1.7"] {
        assert_eq!(prepare(upload), Err(PictureProblem::NotPicture));
    }
    assert_eq!(prepare(b""), Err(PictureProblem::Empty));
    let limit_bytes = 40 << 20;
    let too_large = Err(PictureProblem::TooLarge { limit_bytes });
    assert_eq!(prepare(&vec![0; limit_bytes + 1]), too_large);
}

#[test]
fn a_picture_cut_off_anywhere_is_damaged_and_not_half_grey() {
    let image = corners(300, 200);
    let uploads = [
        with_metadata(&jpeg(&image), 6),
        encoded(image.clone(), ImageFormat::Png),
        encoded(image, ImageFormat::WebP),
    ];
    for (kind, upload) in uploads.iter().enumerate() {
        assert!(prepare(upload).is_ok());
        for sixteenth in 1..16 {
            let part = &upload[..upload.len() * sixteenth / 16];
            assert_eq!(prepare(part), Err(PictureProblem::Damaged), "{kind} {sixteenth}/16");
        }
    }
}

const MAGICS: [&[u8]; 5] = [
    b"",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"RIFF\0\x01\0\0WEBPVP8 ",
    b"RIFF\0\x01\0\0WEBPVP8L",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(
        magic in 0..MAGICS.len(),
        noise in proptest::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let _either = prepare(&[MAGICS[magic], &noise].concat());
    }

    #[test]
    fn pictures_with_bytes_changed_come_out_as_pictures_or_problems(
        format in 0..3usize,
        place in 0.0..1.0f64,
        noise in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let image = corners(60, 40);
        let mut upload = match format {
            0 => with_metadata(&jpeg(&image), 6),
            1 => encoded(image, ImageFormat::Png),
            _ => encoded(image, ImageFormat::WebP),
        };
        let place = (upload.len() as f64 * place) as usize;
        let end = (place + noise.len()).min(upload.len());
        upload[place..end].copy_from_slice(&noise[..end - place]);
        if let Ok(picture) = prepare(&upload) {
            for file in files(&picture) {
                pixels(file);
            }
        }
    }
}
