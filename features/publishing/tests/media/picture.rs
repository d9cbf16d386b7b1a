//! Pictures as phones take them.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, RgbaImage};
use publishing::media::picture::{Picture, WebpFile, prepare};

/// Red top left, green top right, blue bottom left, white bottom right.
pub fn corners(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([240, 240, 240]),
    })
}

pub fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut file), format).expect("encodes");
    file
}

pub fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode_image(image).expect("encodes");
    file
}

/// An EXIF block with an orientation and a place in the hills, as a phone writes it.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    tiff.extend([0, 3]);
    tiff.extend([0x01, 0x0f, 0, 2, 0, 0, 0, 8, 0, 0, 0, 50]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 58]);
    tiff.extend([0; 4]);
    tiff.extend(b"PhoneCo\0");
    assert_eq!(tiff.len(), 58);
    tiff.extend([0, 2]);
    tiff.extend([0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0]);
    tiff.extend([0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 88]);
    tiff.extend([0; 4]);
    for number in [22u32, 1, 17, 1, 3_141_592, 100_000] {
        tiff.extend(number.to_be_bytes());
    }
    tiff
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

/// The JPEG with EXIF, XMP and a colour profile put behind its first marker.
pub fn with_metadata(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let exif = [b"Exif\0\0", &exif(orientation)[..]].concat();
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Ban Pho Thong</x:xmpmeta>";
    let icc = [&b"ICC_PROFILE\0\x01\x01"[..], &[7; 200]].concat();
    [&jpeg[..2], &segment(0xe1, &exif), &segment(0xe1, xmp), &segment(0xe2, &icc), &jpeg[2..]]
        .concat()
}

pub fn pixels(file: &WebpFile) -> image::RgbaImage {
    let image = image::load_from_memory_with_format(&file.bytes, ImageFormat::WebP);
    let image = image.expect("the picture opens").into_rgba8();
    assert_eq!(image.dimensions(), (file.width, file.height));
    image
}

/// The four-letter names of all chunks.
fn chunks(webp: &[u8]) -> Vec<String> {
    assert_eq!((&webp[..4], &webp[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    let mut rest = &webp[12..];
    let mut names = Vec::new();
    while rest.len() >= 8 {
        names.push(String::from_utf8(rest[..4].to_vec()).expect("ASCII"));
        let size = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        rest = &rest[(8 + size + size % 2).min(rest.len())..];
    }
    names
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

pub fn files(picture: &Picture) -> [&WebpFile; 2] {
    [&picture.small, &picture.large]
}

/// First letter of the colour in each corner: top left, top right, bottom left, bottom right.
fn corner_colours(file: &WebpFile) -> String {
    let image = pixels(file);
    let (w, h) = image.dimensions();
    [(w / 8, h / 8), (w - w / 8, h / 8), (w / 8, h - h / 8), (w - w / 8, h - h / 8)]
        .map(|(x, y)| match image.get_pixel(x, y).0.map(|part| part > 150) {
            [true, true, true, _] => 'w',
            [true, false, false, _] => 'r',
            [false, true, false, _] => 'g',
            [false, false, true, _] => 'b',
            _ => '?',
        })
        .iter()
        .collect()
}

#[test]
fn a_photo_becomes_two_webp_files_of_the_right_size() {
    let picture = prepare(&jpeg(&corners(2_000, 1_500))).expect("a good photo");
    assert_eq!((picture.width, picture.height), (2_000, 1_500));
    assert_eq!((picture.large.width, picture.large.height), (1_280, 960));
    assert_eq!((picture.small.width, picture.small.height), (320, 240));
    for file in files(&picture) {
        assert_eq!(corner_colours(file), "rgbw");
    }
    assert!(picture.small.bytes.len() < picture.large.bytes.len());
}

#[test]
fn a_photo_taken_sideways_stands_upright_and_tells_nothing_of_its_place() {
    let upload = with_metadata(&jpeg(&corners(1_600, 1_200)), 6);
    for secret in [&b"PhoneCo"[..], b"Ban Pho Thong", b"ICC_PROFILE", &3_141_592u32.to_be_bytes()] {
        assert!(contains(&upload, secret), "the test itself must hide something");
    }
    let picture = prepare(&upload).expect("a good photo");
    assert_eq!((picture.width, picture.height), (1_200, 1_600));
    assert_eq!((picture.large.width, picture.large.height), (1_200, 1_600));
    assert_eq!((picture.small.width, picture.small.height), (320, 427));
    for file in files(&picture) {
        assert_eq!(corner_colours(file), "brwg", "turned to the right");
        assert_eq!(chunks(&file.bytes), ["VP8 "]);
        for secret in [&b"PhoneCo"[..], b"Ban Pho Thong", b"ICC_PROFILE", b"Exif", b"EXIF"] {
            assert!(!contains(&file.bytes, secret));
        }
    }
}

#[test]
fn all_eight_orientations_come_out_upright() {
    let photo = jpeg(&corners(400, 200));
    let expected = ["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"];
    for (orientation, corners) in (1..).zip(expected) {
        let picture = prepare(&with_metadata(&photo, orientation)).expect("a good photo");
        let size = if orientation < 5 { (400, 200) } else { (200, 400) };
        assert_eq!((picture.width, picture.height), size);
        for file in files(&picture) {
            assert_eq!(corner_colours(file), corners, "orientation {orientation}");
        }
    }
}

#[test]
fn orientation_is_obeyed_in_png_and_webp_too() {
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_exif_metadata(exif(6)).expect("PNG holds EXIF");
    encoder.write_image(&corners(400, 200), 400, 200, ExtendedColorType::Rgb8).expect("encodes");
    let mut webp = Vec::new();
    let mut encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut webp);
    encoder.set_exif_metadata(exif(6)).expect("WebP holds EXIF");
    encoder.write_image(&corners(400, 200), 400, 200, ExtendedColorType::Rgb8).expect("encodes");
    for upload in [png, webp] {
        assert!(contains(&upload, b"PhoneCo"));
        let picture = prepare(&upload).expect("a good picture");
        assert_eq!(corner_colours(&picture.small), "brwg");
        assert!(!contains(&picture.large.bytes, b"PhoneCo"));
    }
}

#[test]
fn small_pictures_are_not_made_larger() {
    for (width, height) in [(1, 1), (1, 500), (500, 1), (319, 10), (16_000, 1), (1, 16_000)] {
        let upload = encoded(corners(width, height), ImageFormat::Png);
        let picture = prepare(&upload).expect("a small picture");
        for (file, most) in files(&picture).into_iter().zip([320, 1_280]) {
            assert_eq!(file.width, width.min(most));
            assert!((1..=height).contains(&file.height));
            pixels(file);
        }
    }
}

#[test]
fn see_through_parts_stay_see_through() {
    let mut image = RgbaImage::from_pixel(800, 400, image::Rgba([200, 30, 30, 255]));
    for (x, _, pixel) in image.enumerate_pixels_mut() {
        pixel.0[3] = if x < 400 { 0 } else { 255 };
    }
    let picture = prepare(&encoded(image, ImageFormat::Png)).expect("a good picture");
    for file in files(&picture) {
        let seen = pixels(file);
        assert_eq!(seen.get_pixel(file.width / 8, 10).0[3], 0);
        assert_eq!(seen.get_pixel(file.width * 7 / 8, 10).0[3], 255);
    }
}

#[test]
fn black_under_transparent_parts_does_not_bleed_into_the_seen_edge() {
    let white_left = |x: u32, _| {
        if x < 1001 { image::Rgba([255; 4]) } else { image::Rgba([0; 4]) }
    };
    let image = RgbaImage::from_fn(2000, 400, white_left);
    let picture = prepare(&encoded(image, ImageFormat::Png)).expect("a good picture");
    let small = pixels(&picture.small);
    let seen = small.pixels().filter(|pixel| pixel.0[3] > 100);
    let darkest = seen.flat_map(|pixel| pixel.0[..3].iter().copied()).min();
    assert!(darkest > Some(235), "the edge is as dark as {darkest:?}");
}

#[test]
fn grey_and_sixteen_bit_pictures_are_read() {
    let grey = image::GrayImage::from_pixel(700, 300, image::Luma([90]));
    let deep: image::ImageBuffer<Rgb<u16>, Vec<u16>> =
        image::ImageBuffer::from_pixel(700, 300, Rgb([23_130; 3]));
    for image in [DynamicImage::ImageLuma8(grey), DynamicImage::ImageRgb16(deep)] {
        let picture = prepare(&encoded(image, ImageFormat::Png)).expect("a good picture");
        let [r, g, b, a] = pixels(&picture.small).get_pixel(100, 50).0;
        assert!([r, g, b].iter().all(|c| c.abs_diff(90) < 4) && a == 255);
    }
}
