//! Bringing sound and pictures.

use kernel::{
    axum::extract::Path,
    problem::OrMissing,
    web::{Answer, Multipart, Posted},
};

use super::{Editor, edit, id_of};
use crate::{
    actions::uploads::{self, NewSound},
    model::{SoundId, version::NOT_FOUND},
};

pub(super) async fn sound(
    Editor(visit): Editor,
    Path(id): Path<String>,
    form: Multipart,
) -> Answer {
    let id = id_of(&id)?;
    let fields = form.fields;
    let upload = form.uploads.into_iter().find(|upload| upload.field == "sound");
    let new = NewSound {
        language: fields.line("sound_language"),
        voice: fields.line("voice"),
        file_name: upload.as_ref().map(|upload| upload.file_name.clone()).unwrap_or_default(),
        bytes: upload.map(|upload| upload.bytes.to_vec()).unwrap_or_default(),
    };
    match uploads::add_sound(&visit.app, &visit.caller, &id, new).await {
        Ok(_) => visit.done(&format!("/bien-tap/{id}#am-thanh"), "publishing-done-sound"),
        Err(failure) => edit::again(&visit, &id, failure, edit::Shown::default()).await,
    }
}

pub(super) async fn remove_sound(
    Editor(visit): Editor,
    Path((id, sound)): Path<(String, String)>,
    _: Posted,
) -> Answer {
    let id = id_of(&id)?;
    let sound = SoundId::parse(&sound).or_missing(&NOT_FOUND)?;
    uploads::remove_sound(&visit.app, &visit.caller, &id, &sound).await?;
    visit.done(&format!("/bien-tap/{id}#am-thanh"), "publishing-done-removed")
}

pub(super) async fn picture(
    Editor(visit): Editor,
    Path(id): Path<String>,
    form: Multipart,
) -> Answer {
    let id = id_of(&id)?;
    let words = form.fields.line("picture_words");
    let upload = form.uploads.into_iter().find(|upload| upload.field == "picture");
    let bytes = upload.map(|upload| upload.bytes.to_vec()).unwrap_or_default();
    match uploads::put_picture(&visit.app, &visit.caller, &id, &words, bytes).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}#anh"), "publishing-done-picture"),
        Err(failure) => edit::again(&visit, &id, failure, edit::Shown::default()).await,
    }
}

pub(super) async fn remove_picture(
    Editor(visit): Editor,
    Path(id): Path<String>,
    _: Posted,
) -> Answer {
    let id = id_of(&id)?;
    uploads::remove_picture(&visit.app, &visit.caller, &id).await?;
    visit.done(&format!("/bien-tap/{id}#anh"), "publishing-done-removed")
}
