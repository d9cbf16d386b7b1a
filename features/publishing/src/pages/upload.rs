//! Bringing sound and pictures. A stranger's file is refused before it is read; what a colleague typed beside a file
//! that is refused stands in the form again.

use kernel::{
    axum::{extract::Path, http::StatusCode},
    problem::{Failure, FormProblems, OrMissing, TOO_LARGE},
    web::{Answer, Fields, Multipart, Upload, Visit},
};

use super::{
    Editor, EditorForm,
    edit::{self, Shown, UploadForm},
    id_of,
};
use crate::{
    actions::uploads::{self, NewPicture, NewSound},
    model::{PublicationId, SoundId, version::NOT_FOUND},
};

pub(super) async fn sound(
    Editor(visit): Editor,
    Path(id): Path<String>,
    form: Result<Multipart, Failure>,
) -> Answer {
    let id = id_of(&id)?;
    let Multipart { fields, uploads } = match form {
        Ok(form) => form,
        Err(failure) => {
            return unread(&visit, &id, failure, ("sound", "publishing-wrong-sound-large")).await;
        }
    };
    let (file_name, bytes) = chosen(uploads, "sound");
    let new = NewSound {
        language: fields.line("sound_language"),
        voice: fields.line("voice"),
        file_name,
        bytes,
    };
    match uploads::add_sound(&visit.app, &visit.caller, &id, new).await {
        Ok(_) => visit.done(&format!("/bien-tap/{id}#am-thanh"), "publishing-done-sound"),
        Err(failure) => edit::again(&visit, &id, failure, typed(&fields)).await,
    }
}

pub(super) async fn remove_sound(
    Path((id, sound)): Path<(String, String)>,
    EditorForm(visit, _): EditorForm,
) -> Answer {
    let id = id_of(&id)?;
    let sound = SoundId::parse(&sound).or_missing(&NOT_FOUND)?;
    uploads::remove_sound(&visit.app, &visit.caller, &id, &sound).await?;
    visit.done(&format!("/bien-tap/{id}#am-thanh"), "publishing-done-removed")
}

pub(super) async fn picture(
    Editor(visit): Editor,
    Path(id): Path<String>,
    form: Result<Multipart, Failure>,
) -> Answer {
    let id = id_of(&id)?;
    let Multipart { fields, uploads } = match form {
        Ok(form) => form,
        Err(failure) => {
            return unread(&visit, &id, failure, ("picture", "publishing-wrong-picture-large"))
                .await;
        }
    };
    let (file_name, bytes) = chosen(uploads, "picture");
    let new = NewPicture { words: fields.line("picture_words"), file_name, bytes };
    match uploads::put_picture(&visit.app, &visit.caller, &id, new).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}#anh"), "publishing-done-picture"),
        Err(failure) => edit::again(&visit, &id, failure, typed(&fields)).await,
    }
}

pub(super) async fn remove_picture(
    Path(id): Path<String>,
    EditorForm(visit, _): EditorForm,
) -> Answer {
    let id = id_of(&id)?;
    uploads::remove_picture(&visit.app, &visit.caller, &id).await?;
    visit.done(&format!("/bien-tap/{id}#anh"), "publishing-done-removed")
}

/// The file of a field: its name and its content, both empty when none was chosen.
fn chosen(uploads: Vec<Upload>, field: &str) -> (String, Vec<u8>) {
    let upload = uploads.into_iter().find(|upload| upload.field == field);
    upload.map(|upload| (upload.file_name, upload.bytes.to_vec())).unwrap_or_default()
}

fn typed(fields: &Fields) -> Shown {
    let upload = UploadForm {
        sound_language: fields.line("sound_language"),
        voice: fields.line("voice"),
        picture_words: fields.line("picture_words"),
    };
    Shown { upload, ..Shown::default() }
}

/// A file over the limit: the page it came from says at its field how much is taken. Anything else that could not
/// be read passes through.
async fn unread(
    visit: &Visit,
    id: &PublicationId,
    failure: Failure,
    (field, key): (&str, &'static str),
) -> Answer {
    if !failure.is(&TOO_LARGE) {
        return Err(failure);
    }
    uploads::must_be_editable(&visit.app, &visit.caller, id).await?;
    let mut problems = FormProblems::new();
    problems.add(field, key);
    let told = problems.check().err().unwrap_or(failure);
    let mut response = edit::again(visit, id, told, Shown::default()).await?;
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    Ok(response)
}
