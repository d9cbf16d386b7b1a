//! Sound and pictures that people bring: kept as they came, turned into what a weak link carries.

use std::sync::Arc;

use kernel::{
    app::App,
    caller::Caller,
    files::FileHash,
    jobs::JobKind,
    problem::{Failure, FormProblems, OrMissing, Outcome},
    text::thousands,
};

use super::{EDIT, collecting, editing::language_tags, name_of, newest, note};
use crate::{
    media::{
        audio::{self, AudioProblem, Settings, Spoken, Tags, Warning},
        picture::{self, PictureProblem, WebpFile},
    },
    model::{
        PublicationId, SOURCE_LANGUAGE, SoundId,
        reading::{Modality, Rendition},
        version::{NOT_FOUND, Version},
    },
    store::{
        files as file_rows,
        sounds::{self, SoundRow},
        texts,
        versions::{self, Edit},
    },
};

/// Largest recording, in bytes: an hour of a telephone's recorder.
pub const SOUND_BYTES_MAX: usize = 60 << 20;
/// Longest name of a speaker, and longest words of a picture, in characters.
const WORDS_CHARS_MAX: usize = 200;

/// Turns a recording into what a weak link carries.
pub(crate) const TRANSCODE: JobKind =
    JobKind { name: "publishing.transcode", run: |app, payload| Box::pin(transcode(app, payload)) };

/// A recording that somebody brings.
#[derive(Clone, Debug)]
pub struct NewSound {
    /// Language spoken.
    pub language: String,
    /// Who speaks, and from where; may be empty.
    pub voice: String,
    /// The file's name on the sender's machine; only shown.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Keeps a recording and queues its transcoding. An earlier one in the same language makes room.
pub async fn add_sound(
    app: &App,
    caller: &Caller,
    id: &PublicationId,
    new: NewSound,
) -> Outcome<SoundId> {
    // Looked at before anything is written to the disk, and again with what is written.
    must_be_editable(app, caller, id).await?;
    check_sound(app, &new).await?;
    let hash = app.files.put(&new.bytes).await?;
    let kept = app
        .db
        .change(async |tx| {
            let version = editable(tx, caller, id).await?;
            let source = source_of(tx, &version).await?;
            let sound = SoundRow {
                id: tx.new_id(),
                publication: id.clone(),
                version: version.number,
                language: new.language.clone(),
                voice: new.voice.clone(),
                state: "waiting".to_owned(),
                trouble: String::new(),
                trouble_detail: String::new(),
                warnings: String::new(),
                original: hash.hex(),
                original_name: new.file_name.chars().take(WORDS_CHARS_MAX).collect(),
                original_bytes: new.bytes.len() as u64,
                source_version: source,
                source_digest: version.draft.text_digest(),
                created_by: caller.id().to_owned(),
                created_at: tx.now(),
            };
            sounds::insert(tx, &sound).await?;
            file_rows::put_here(tx, hash, Modality::Audio, sound.original_bytes).await?;
            tx.queue(&TRANSCODE, sound.id.as_str(), tx.now()).await?;
            touched(tx, caller, &version).await?;
            note(tx, caller, (id, version.number), "sound-added", &new.language).await?;
            Ok(sound.id)
        })
        .await?;
    // The same bytes may have lain here unnamed, and been collected between the two.
    app.files.put(&new.bytes).await?;
    Ok(kept)
}

async fn check_sound(app: &App, new: &NewSound) -> Outcome<()> {
    let tags = app.db.view(async |tx| language_tags(tx).await).await?;
    let mut problems = FormProblems::new();
    problems
        .require(tags.contains(&new.language), "sound_language", "publishing-wrong-language")
        .require(
            !new.bytes.is_empty(),
            "sound",
            nothing_in(&new.file_name, "publishing-wrong-sound-missing"),
        )
        .require(new.bytes.len() <= SOUND_BYTES_MAX, "sound", "publishing-wrong-sound-large")
        .require(short(&new.voice), "voice", "publishing-wrong-words-long");
    problems.check()
}

/// Why there are no bytes: the file that was chosen is empty, or none was chosen.
fn nothing_in(file_name: &str, missing: &'static str) -> &'static str {
    if file_name.is_empty() { missing } else { "publishing-wrong-file-empty" }
}

fn short(words: &str) -> bool {
    words.chars().count() <= WORDS_CHARS_MAX
}

/// Removes the recording of one language.
pub async fn remove_sound(
    app: &App,
    caller: &Caller,
    id: &PublicationId,
    sound: &SoundId,
) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let version = editable(tx, caller, id).await?;
            let found = sounds::find(tx, sound).await?;
            let found = found
                .filter(|row| row.publication == *id && row.version == version.number)
                .or_missing(&NOT_FOUND)?;
            sounds::remove_language(tx, id, version.number, &found.language).await?;
            touched(tx, caller, &version).await?;
            note(tx, caller, (id, version.number), "sound-removed", &found.language).await
        })
        .await
}

/// A picture that somebody brings.
#[derive(Clone, Debug)]
pub struct NewPicture {
    /// Words for those who do not see it.
    pub words: String,
    /// The file's name on the sender's machine; empty when none was chosen.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Puts a picture at the head of a version, with words for those who do not see it.
pub async fn put_picture(
    app: &App,
    caller: &Caller,
    id: &PublicationId,
    new: NewPicture,
) -> Outcome<()> {
    must_be_editable(app, caller, id).await?;
    let NewPicture { words, file_name, bytes } = new;
    let words = words.as_str();
    let mut problems = FormProblems::new();
    problems
        .require(
            !bytes.is_empty(),
            "picture",
            nothing_in(&file_name, "publishing-wrong-picture-missing"),
        )
        .require(!words.is_empty(), "picture_words", "publishing-wrong-picture-words-missing")
        .require(short(words), "picture_words", "publishing-wrong-words-long");
    problems.check()?;
    let prepared = blocking(move || picture::prepare(&bytes)).await?;
    let ready = prepared.map_err(|problem| refuse_picture(&problem))?;
    let mut kept = Vec::new();
    for (rank, file) in (0..).zip([&ready.small, &ready.large]) {
        kept.push(seen(app.files.put(&file.bytes).await?, file, rank));
    }
    app.db
        .change(async |tx| {
            let version = editable(tx, caller, id).await?;
            sounds::remove_renditions(tx, id, version.number, Modality::Picture, "").await?;
            for rendition in &kept {
                let hash = FileHash::parse(&rendition.hash).or_missing(&NOT_FOUND)?;
                file_rows::put_here(tx, hash, Modality::Picture, rendition.bytes).await?;
                sounds::put_rendition(tx, id, version.number, rendition).await?;
            }
            versions::put_picture_words(tx, id, version.number, words).await?;
            touched(tx, caller, &version).await?;
            note(tx, caller, (id, version.number), "picture-added", "").await
        })
        .await
}

/// Takes the picture away.
pub async fn remove_picture(app: &App, caller: &Caller, id: &PublicationId) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let version = editable(tx, caller, id).await?;
            sounds::remove_renditions(tx, id, version.number, Modality::Picture, "").await?;
            versions::put_picture_words(tx, id, version.number, "").await?;
            touched(tx, caller, &version).await?;
            note(tx, caller, (id, version.number), "picture-removed", "").await
        })
        .await
}

fn seen(hash: FileHash, file: &WebpFile, rank: u32) -> Rendition {
    Rendition {
        language: String::new(),
        modality: Modality::Picture,
        hash: hash.hex(),
        bytes: file.bytes.len() as u64,
        duration_ms: 0,
        bitrate_bps: 0,
        width: file.width,
        height: file.height,
        rank,
        voice: String::new(),
        source_version: 0,
        is_stale: false,
        has_arrived: true,
    }
}

fn refuse_picture(problem: &PictureProblem) -> Failure {
    let mut problems = FormProblems::new();
    let (key, args) = match problem {
        PictureProblem::Empty => ("publishing-wrong-picture-missing", vec![]),
        PictureProblem::TooLarge { .. } => ("publishing-wrong-picture-large", vec![]),
        PictureProblem::NotPicture => ("publishing-wrong-picture-not", vec![]),
        PictureProblem::Unsupported { format } => {
            ("publishing-wrong-picture-unsupported", vec![("format", (*format).to_owned())])
        }
        PictureProblem::TooManyPixels { width, height } => {
            let args = vec![
                ("width", thousands(i64::from(*width))),
                ("height", thousands(i64::from(*height))),
                ("millions", (picture::MAX_PIXELS / 1_000_000).to_string()),
                ("side", thousands(i64::from(picture::MAX_SIDE))),
            ];
            ("publishing-wrong-picture-pixels", args)
        }
        PictureProblem::Damaged => ("publishing-wrong-picture-damaged", vec![]),
    };
    problems.add_with("picture", key, args);
    match problems.check() {
        Err(failure) => failure,
        Ok(()) => Failure::fault("refuse a picture", "no reason"),
    }
}

/// Refuses whoever may not change this draft, before anything is made of what they bring.
pub(crate) async fn must_be_editable(
    app: &App,
    caller: &Caller,
    id: &PublicationId,
) -> Outcome<()> {
    app.db.view(async |tx| editable(tx, caller, id).await.map(drop)).await
}

async fn editable(
    tx: &mut kernel::db::Tx,
    caller: &Caller,
    id: &PublicationId,
) -> Outcome<Version> {
    let version = newest(tx, id).await?;
    caller.must(&EDIT, &version.publication.home)?;
    version.must_be_draft()?;
    Ok(version)
}

async fn touched(tx: &mut kernel::db::Tx, caller: &Caller, version: &Version) -> Outcome<()> {
    let edit = Edit {
        id: &version.publication.id,
        number: version.number,
        base_revision: version.revision,
        account: caller.id(),
        name: name_of(caller),
    };
    collecting::later(tx).await?;
    Ok(versions::touch(tx, &edit).await?)
}

/// The version of the Vietnamese text that a recording made now is made from.
async fn source_of(tx: &mut kernel::db::Tx, version: &Version) -> Outcome<u32> {
    let rows = texts::all(tx, &version.publication.id, version.number).await?;
    let source = rows.iter().find(|row| row.language == SOURCE_LANGUAGE);
    Ok(source.map_or(version.number, |row| row.source_version))
}

/// Runs heavy work beside the async workers, so that pages go on being served.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::fault("work on a file", error))
}

/// The job behind [`add_sound`]. Doing it twice gives the same bytes.
async fn transcode(app: &Arc<App>, payload: &str) -> Outcome<()> {
    let Some(id) = SoundId::parse(payload) else { return Ok(()) };
    let sound = app.db.view(async |tx| Ok(sounds::find(tx, &id).await?)).await?;
    let Some(sound) = sound.filter(|sound| sound.state == "waiting") else { return Ok(()) };
    let version = app
        .db
        .view(async |tx| Ok(versions::find(tx, &sound.publication, sound.version).await?))
        .await?;
    let title = version.map(|version| version.draft.title).unwrap_or_default();
    let original = FileHash::parse(&sound.original).or_missing(&NOT_FOUND)?;
    let bytes = app.files.get(original).await?;
    let bytes = bytes.ok_or_else(|| Failure::fault("read a recording", "its file is gone"))?;
    let language = sound.language.clone();
    let [a, b, c, d, ..] = original.0;
    let settings = Settings {
        max_upload_bytes: SOUND_BYTES_MAX,
        ..Settings::for_serial(u32::from_be_bytes([a, b, c, d]))
    };
    let spoken = blocking(move || {
        audio::transcode(&bytes, Tags { title: &title, language: &language }, &settings)
    })
    .await?;
    match spoken {
        Ok(spoken) => keep_spoken(app, &sound, spoken).await,
        Err(problem) => {
            let (key, detail) = trouble(&problem);
            app.db
                .change(async |tx| {
                    sounds::put_outcome(tx, &sound.id, "failed", (key, &detail), "").await?;
                    Ok(())
                })
                .await
        }
    }
}

async fn keep_spoken(app: &App, sound: &SoundRow, spoken: Spoken) -> Outcome<()> {
    let mut kept = Vec::new();
    for (rank, file) in (0..).zip(&spoken.files) {
        let hash = app.files.put(&file.bytes).await?;
        let rendition = Rendition {
            language: sound.language.clone(),
            modality: Modality::Audio,
            hash: hash.hex(),
            bytes: file.bytes.len() as u64,
            duration_ms: file.duration_ms,
            bitrate_bps: file.bitrate_bps,
            width: 0,
            height: 0,
            rank,
            voice: sound.voice.clone(),
            source_version: sound.source_version,
            is_stale: false,
            has_arrived: true,
        };
        kept.push((hash, rendition));
    }
    let warnings: Vec<&str> = spoken.warnings.iter().map(warning).collect();
    app.db
        .change(async |tx| {
            let ready = ("", "");
            let there =
                sounds::put_outcome(tx, &sound.id, "ready", ready, &warnings.join(" ")).await?;
            // Removed while it was being worked on: nothing is left to attach it to.
            if !there {
                return Ok(());
            }
            for (hash, rendition) in &kept {
                file_rows::put_here(tx, *hash, Modality::Audio, rendition.bytes).await?;
                sounds::put_rendition(tx, &sound.publication, sound.version, rendition).await?;
            }
            Ok(())
        })
        .await
}

/// The end of the Fluent key `publishing-trouble-…`, and what fills its gap.
fn trouble(problem: &AudioProblem) -> (&'static str, String) {
    match problem {
        AudioProblem::Empty => ("empty", String::new()),
        AudioProblem::TooLarge { .. } => ("large", String::new()),
        AudioProblem::NotAudio => ("not-audio", String::new()),
        AudioProblem::Unsupported { format } => ("unsupported", (*format).to_owned()),
        AudioProblem::Damaged => ("damaged", String::new()),
        AudioProblem::TooLong { limit_ms } => ("long", (limit_ms / 60_000).to_string()),
        AudioProblem::Encoder => ("encoder", String::new()),
    }
}

fn warning(warning: &Warning) -> &'static str {
    match warning {
        Warning::Silent => "silent",
        Warning::Gaps { .. } => "gaps",
        Warning::CutOff => "cut-off",
    }
}
