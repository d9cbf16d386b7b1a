//! Values worked out from what the database holds, kept by the process for as long as the version of what they
//! rest on stands. The asker reads the version in its own transaction, so what it gets is what it would read.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::Tx;

type Values = HashMap<&'static str, (String, Arc<dyn Any + Send + Sync>)>;

/// One value for each name, the one kept last.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Values>>);

impl Tx {
    /// What was kept under a name, if it rests on this version. A version must never come again with another
    /// content: draw it by chance, do not count.
    pub fn kept<T: Any + Send + Sync>(&self, name: &'static str, version: &str) -> Option<Arc<T>> {
        let values = self.kept_values().0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = values.get(name)?;
        if at != version {
            return None;
        }
        value.clone().downcast().ok()
    }

    /// Keeps a value in the place of the one before.
    pub fn keep<T: Any + Send + Sync>(&self, name: &'static str, version: String, value: Arc<T>) {
        let mut values = self.kept_values().0.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert(name, (version, value));
    }
}
