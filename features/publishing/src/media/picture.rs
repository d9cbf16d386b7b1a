//! Pictures: a photo as a phone took it becomes two small WebP files that say nothing of where
//! and with what it was taken.
//!
//! Which pictures belong to what, and where they are kept, is not told here.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba,
    imageops::FilterType, metadata::Orientation,
};
use thiserror::Error;

/// Largest upload, in bytes.
pub const MAX_UPLOAD_BYTES: usize = 40 << 20;

/// Most pixels that are decoded: a little more than a 50-megapixel phone makes.
pub const MAX_PIXELS: u64 = 52_000_000;

/// Longest side that is decoded. Leaves room below the 16,383 that WebP can hold.
pub const MAX_SIDE: u32 = 16_000;

/// Most memory a decoded picture may take, in bytes.
const MAX_DECODED_BYTES: u64 = 256 << 20;

const SMALL_WIDTH: u32 = 320;
const LARGE_WIDTH: u32 = 1_280;
const QUALITY: f32 = 72.0;

/// A picture ready for pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// At most 320 pixels wide: lists and weak links.
    pub small: WebpFile,
    /// At most 1,280 pixels wide.
    pub large: WebpFile,
    /// Width of the upload in pixels, held upright.
    pub width: u32,
    /// Height of the upload in pixels, held upright.
    pub height: u32,
}

/// One WebP file without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebpFile {
    /// The file itself.
    pub bytes: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Why an upload did not become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PictureProblem {
    /// No bytes.
    #[error("the upload is empty")]
    Empty,
    /// More than [`MAX_UPLOAD_BYTES`].
    #[error("the upload is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The bytes are no picture format known by its content.
    #[error("the upload is not a picture")]
    NotPicture,
    /// A real picture format, but one that is not read here.
    #[error("{format} cannot be read")]
    Unsupported {
        /// Name of the format as its own makers write it.
        format: &'static str,
    },
    /// More than [`MAX_PIXELS`], a side beyond [`MAX_SIDE`], or too much memory when unpacked.
    /// Known from the header, before anything is unpacked.
    #[error("the picture of {width} × {height} pixels is too large")]
    TooManyPixels {
        /// As the header states it.
        width: u32,
        /// As the header states it.
        height: u32,
    },
    /// A format that is read here, but broken or cut off.
    #[error("the picture is damaged")]
    Damaged,
}

/// Turns an upload into two WebP files.
///
/// Accepts JPEG, PNG and WebP, told apart by content alone; of an animation, the first picture.
/// It is turned upright as its EXIF orientation says, never made larger, and nothing of its
/// metadata is passed on: no EXIF, GPS, XMP, and no colour profile either, so that the wide
/// colours of some phones come out a little paler.
///
/// # Errors
/// See [`PictureProblem`].
pub fn prepare(upload: &[u8]) -> Result<Picture, PictureProblem> {
    if upload.is_empty() {
        return Err(PictureProblem::Empty);
    }
    if upload.len() > MAX_UPLOAD_BYTES {
        return Err(PictureProblem::TooLarge { limit_bytes: MAX_UPLOAD_BYTES });
    }
    let format = recognise(upload)?;
    if format == ImageFormat::Jpeg && !jpeg_is_whole(upload) {
        return Err(PictureProblem::Damaged);
    }
    // Nothing of what a panicking decoder leaves behind is looked at again.
    catch_unwind(AssertUnwindSafe(|| convert(upload, format)))
        .unwrap_or(Err(PictureProblem::Damaged))
}

fn recognise(upload: &[u8]) -> Result<ImageFormat, PictureProblem> {
    let unsupported = |format| Err(PictureProblem::Unsupported { format });
    let at = |from: usize, to: usize| upload.get(from..to).unwrap_or_default();
    match upload {
        [0xff, 0xd8, 0xff, ..] => Ok(ImageFormat::Jpeg),
        _ if upload.starts_with(b"\x89PNG\r\n\x1a\n") => Ok(ImageFormat::Png),
        _ if upload.starts_with(b"RIFF") && at(8, 12) == b"WEBP" => Ok(ImageFormat::WebP),
        _ if upload.starts_with(b"GIF8") => unsupported("GIF"),
        _ if upload.starts_with(b"II*\0") || upload.starts_with(b"MM\0*") => unsupported("TIFF"),
        _ if upload.starts_with(b"\xff\x0a") || at(4, 8) == b"JXL " => unsupported("JPEG XL"),
        _ if upload.starts_with(b"BM") && at(6, 10) == [0; 4] => unsupported("BMP"),
        _ if at(4, 8) == b"ftyp" => match at(8, 12) {
            b"avif" | b"avis" => unsupported("AVIF"),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => {
                unsupported("HEIC")
            }
            _ => Err(PictureProblem::NotPicture),
        },
        _ if is_svg(upload) => unsupported("SVG"),
        _ => Err(PictureProblem::NotPicture),
    }
}

/// SVG is text that may run programs; it is looked for only to be refused by name.
fn is_svg(upload: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&upload[..upload.len().min(1024)]).to_lowercase();
    let text = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    text.starts_with('<') && text.contains("<svg")
}

/// Whether the coded picture comes to its end marker. The decoder would paint what is missing of
/// a cut-off upload in grey and call it a success.
fn jpeg_is_whole(upload: &[u8]) -> bool {
    let mut rest = &upload[2..];
    // Marker segments up to the scan; thumbnails in them have end markers of their own.
    while let [0xff, marker, after @ ..] = rest {
        match (marker, after) {
            (0xda, _) => return after.windows(2).any(|two| two == [0xff, 0xd9]),
            (0xff, _) => rest = &rest[1..],
            (0x01 | 0xd0..=0xd8, _) => rest = after,
            (_, [high, low, ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = after.get(length..).unwrap_or_default();
            }
            _ => return false,
        }
    }
    false
}

fn convert(upload: &[u8], format: ImageFormat) -> Result<Picture, PictureProblem> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| match error {
        ImageError::Limits(_) => too_many(upload, format),
        _ => PictureProblem::Damaged,
    })?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MAX_SIDE
        || pixels > MAX_PIXELS
        || decoder.total_bytes() > MAX_DECODED_BYTES
    {
        return Err(PictureProblem::TooManyPixels { width, height });
    }
    // Wrong orientation is better than no picture: a broken EXIF block is taken as none.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        ImageError::Limits(_) => PictureProblem::TooManyPixels { width, height },
        _ => PictureProblem::Damaged,
    })?;
    let image = eight_bits(image);
    let large = shrink(&image, LARGE_WIDTH, orientation);
    let small = shrink(&image, SMALL_WIDTH, orientation);
    let (width, height) = upright(width, height, orientation);
    Ok(Picture { small: webp(&small)?, large: webp(&large)?, width, height })
}

/// The size a refused picture states, where its header can be read without limits.
fn too_many(upload: &[u8], format: ImageFormat) -> PictureProblem {
    let stated = ImageReader::with_format(Cursor::new(upload), format).into_dimensions();
    stated.map_or(PictureProblem::Damaged, |(width, height)| PictureProblem::TooManyPixels {
        width,
        height,
    })
}

fn eight_bits(image: DynamicImage) -> DynamicImage {
    if image.color().has_alpha() {
        DynamicImage::ImageRgba8(image.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(image.into_rgb8())
    }
}

/// Resizes first and turns afterwards: there is less to turn.
fn shrink(image: &DynamicImage, max_width: u32, orientation: Orientation) -> DynamicImage {
    let (width, height) = upright(image.width(), image.height(), orientation);
    let new_width = width.min(max_width);
    let scaled = u64::from(height) * u64::from(new_width) + u64::from(width) / 2;
    let new_height = u32::try_from(scaled / u64::from(width.max(1))).unwrap_or(1).max(1);
    let (across, down) = upright(new_width, new_height, orientation);
    let mut shrunk = if (across, down) == (image.width(), image.height()) {
        image.clone()
    } else {
        without_fringe(image, |image| image.resize_exact(across, down, FilterType::Lanczos3))
    };
    shrunk.apply_orientation(orientation);
    shrunk
}

/// Mixes neighbours in proportion to how much of them is seen: the colour stored under a transparent
/// pixel, mostly black, would else surround every logo.
fn without_fringe(
    image: &DynamicImage,
    resize: impl Fn(&DynamicImage) -> DynamicImage,
) -> DynamicImage {
    let DynamicImage::ImageRgba8(pixels) = image else { return resize(image) };
    let mut seen = pixels.clone();
    for Rgba([colours @ .., alpha]) in seen.pixels_mut() {
        for colour in colours {
            *colour = scaled(*colour, *alpha, 255);
        }
    }
    let mut mixed = resize(&DynamicImage::ImageRgba8(seen)).into_rgba8();
    for Rgba([colours @ .., alpha]) in mixed.pixels_mut() {
        for colour in colours {
            *colour = scaled(*colour, 255, *alpha);
        }
    }
    DynamicImage::ImageRgba8(mixed)
}

/// `value × part ÷ whole`, rounded and kept within a byte; 0 of nothing.
fn scaled(value: u8, part: u8, whole: u8) -> u8 {
    let (value, part, whole) = (u32::from(value), u32::from(part), u32::from(whole));
    let exact = (value * part + whole / 2).checked_div(whole).unwrap_or(0);
    u8::try_from(exact).unwrap_or(u8::MAX)
}

/// Width and height after turning; turning back swaps in the same way.
fn upright(width: u32, height: u32, orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        _ => (width, height),
    }
}

fn webp(image: &DynamicImage) -> Result<WebpFile, PictureProblem> {
    let (width, height) = (image.width(), image.height());
    let encoder = match image {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        DynamicImage::ImageRgb8(pixels) => webp::Encoder::from_rgb(pixels, width, height),
        _ => return Err(PictureProblem::Damaged),
    };
    let memory = encoder.encode_simple(false, QUALITY).map_err(|_| PictureProblem::Damaged)?;
    Ok(WebpFile { bytes: memory.to_vec(), width, height })
}
