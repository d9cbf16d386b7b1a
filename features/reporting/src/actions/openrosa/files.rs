//! Files that came with an instance or after it: attached once, or kept with an instance that waits.

use kernel::{app::App, caller::Caller, files::FileHash, problem::Outcome};

use super::{
    super::{ENTER, attach, catalogue, entry::Which},
    INSTANCE_NOT_FOUND, Left, Wrote,
    receive::{NAME_MOST, Read, told, understood},
    to_json,
};
use crate::store::{
    openrosa::{self, Instance},
    words,
};

/// Attaches the files that came and that the instance names; those of an instance that waits are kept with it.
pub(super) async fn attached(
    app: &App,
    caller: &Caller,
    read: &Read,
    mut instance: Instance,
    files: &[(String, Vec<u8>)],
) -> Outcome<Instance> {
    if read.filled.files.is_empty() {
        return Ok(instance);
    }
    let mut wrote: Wrote = serde_json::from_str(&instance.wrote).unwrap_or_default();
    let mut left: Vec<Left> = serde_json::from_str(&instance.left_over).unwrap_or_default();
    let known = (wrote.files.len(), left.len());
    for one in &read.filled.files {
        let Some((name, bytes)) = files.iter().find(|(name, _)| *name == one.name) else {
            continue;
        };
        if wrote.files.contains_key(name) {
            continue;
        }
        if bytes.is_empty() || bytes.len() > attach::FILE_MOST {
            let key = if bytes.is_empty() {
                "reporting-openrosa-file-gone"
            } else {
                "reporting-file-too-large"
            };
            left.push(told(name.clone(), key));
            wrote.files.insert(name.clone(), String::new());
            continue;
        }
        let hash = app.files.put(bytes).await?;
        wrote.files.insert(name.clone(), hash.hex());
        if instance.state == "waits" {
            continue;
        }
        left.extend(attach_one(app, caller, &read.which, one, bytes).await?);
    }
    if known == (wrote.files.len(), left.len()) {
        return Ok(instance);
    }
    instance.wrote = to_json(&wrote)?;
    instance.left_over = to_json(&left)?;
    if instance.state == "applied" && !left.is_empty() {
        "partly".clone_into(&mut instance.state);
    }
    app.db.change(async |tx| Ok(openrosa::update(tx, &instance).await?)).await?;
    Ok(instance)
}

/// Attaches one file; what a person must see to, when it could not be.
pub(super) async fn attach_one(
    app: &App,
    caller: &Caller,
    which: &Which,
    one: &crate::model::xform::FilledFile,
    bytes: &[u8],
) -> Outcome<Option<Left>> {
    let hash = FileHash::of(bytes).hex();
    let id = which.id();
    let there = app.db.view(async |tx| Ok(words::attachments(tx, &id).await?)).await?;
    if there.iter().any(|known| known.section == one.section && known.file == hash) {
        return Ok(None);
    }
    let name: String = one.name.chars().take(NAME_MOST).collect();
    let caption = if one.caption.chars().count() < 3 { &name } else { &one.caption };
    let file = attach::NewFile { section: &one.section, name: &name, caption, bytes };
    match attach::attach(app, caller, which, &file).await {
        Ok(_) => Ok(None),
        Err(failure) => match failure.problem() {
            Some(problem) => {
                let key = problem.fields.first().map_or_else(
                    || format!("problem-{}", problem.kind.code),
                    |field| field.key.to_owned(),
                );
                Ok(Some(told(name, &key)))
            }
            None => Err(failure),
        },
    }
}

/// A file that came by itself, for an instance that names it.
pub async fn attach_file(
    app: &App,
    caller: &Caller,
    instance: Instance,
    (name, bytes): (&str, Vec<u8>),
) -> Outcome<Instance> {
    caller.must(&ENTER, &instance.path)?;
    let catalogue = catalogue::current(app).await?;
    let read = understood(&catalogue, &instance.xml)?;
    if !read.filled.files.iter().any(|one| one.name == name) {
        return Err((&INSTANCE_NOT_FOUND).into());
    }
    attached(app, caller, &read, instance, &[(name.to_owned(), bytes)]).await
}
