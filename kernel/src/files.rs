//! Content-addressed files: named by the BLAKE3 hash of what they hold, written atomically, counted
//! against a quota. What a file means is the features' business.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::io::AsyncWriteExt;

use crate::{
    chance::Chance,
    problem::{NO_SPACE, Outcome, Problem},
};

/// The address of a file: the BLAKE3 hash of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash(pub [u8; 32]);

impl FileHash {
    /// The address that these bytes have.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Reads 64 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        crate::chance::unhex(text)?.try_into().ok().map(Self)
    }

    /// 64 hex digits.
    pub fn hex(&self) -> String {
        crate::chance::hex(&self.0)
    }
}

impl std::fmt::Display for FileHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

impl std::fmt::Debug for FileHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileHash({})", &self.hex()[..12])
    }
}

/// A folder of content-addressed files. Cloning shares it.
#[derive(Clone)]
pub struct Files {
    root: Arc<PathBuf>,
    used: Arc<AtomicU64>,
    quota: u64,
    chance: Chance,
}

impl Files {
    /// Opens (and makes) the folder; counts what is in it; removes leftovers of interrupted writes.
    pub async fn open(root: impl Into<PathBuf>, quota: u64, chance: Chance) -> Outcome<Self> {
        let root = root.into();
        for folder in ["whole", "parts", "tmp"] {
            tokio::fs::create_dir_all(root.join(folder)).await?;
        }
        let mut leftovers = tokio::fs::read_dir(root.join("tmp")).await?;
        while let Some(entry) = leftovers.next_entry().await? {
            tokio::fs::remove_file(entry.path()).await?;
        }
        let used = folder_size(&root.join("whole")).await?;
        Ok(Self { root: Arc::new(root), used: Arc::new(AtomicU64::new(used)), quota, chance })
    }

    /// Keeps bytes; gives their address. Keeping the same bytes twice stores them once.
    pub async fn put(&self, bytes: &[u8]) -> Outcome<FileHash> {
        let hash = FileHash::of(bytes);
        if self.has(hash).await {
            return Ok(hash);
        }
        self.reserve(bytes.len() as u64)?;
        let kept = self.write_whole(hash, bytes).await;
        if kept.is_err() {
            self.used.fetch_sub(bytes.len() as u64, Ordering::SeqCst);
        }
        kept.map(|()| hash)
    }

    async fn write_whole(&self, hash: FileHash, bytes: &[u8]) -> Outcome<()> {
        // Written aside, flushed to the disk, then renamed: a power cut leaves all of it or none.
        let aside = self.root.join("tmp").join(crate::chance::hex(&self.chance.bytes::<8>()));
        let mut file = tokio::fs::File::create(&aside).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        drop(file);
        let path = self.path(hash);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        tokio::fs::rename(&aside, &path).await?;
        sync_folder(&path).await;
        Ok(())
    }

    /// Moves a finished download in; the caller has verified that it hashes to `hash`.
    pub async fn adopt(&self, hash: FileHash, from: &Path) -> Outcome<()> {
        let path = self.path(hash);
        if !self.has(hash).await {
            self.reserve(tokio::fs::metadata(from).await?.len())?;
        }
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        tokio::fs::rename(from, &path).await?;
        sync_folder(&path).await;
        Ok(())
    }

    /// Lets a file go. Nothing happens when it is not here: whoever removes may have been interrupted before.
    pub async fn remove(&self, hash: FileHash) -> Outcome<()> {
        let path = self.path(hash);
        let bytes = match tokio::fs::metadata(&path).await {
            Ok(about) => about.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        tokio::fs::remove_file(&path).await?;
        self.used.fetch_sub(bytes, Ordering::SeqCst);
        Ok(())
    }

    /// True when the file is here, whole.
    pub async fn has(&self, hash: FileHash) -> bool {
        tokio::fs::try_exists(self.path(hash)).await.unwrap_or(false)
    }

    /// The bytes; none when the file is not here.
    pub async fn get(&self, hash: FileHash) -> Outcome<Option<Vec<u8>>> {
        match tokio::fs::read(self.path(hash)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Where the whole file lies (or would lie).
    pub fn path(&self, hash: FileHash) -> PathBuf {
        let hex = hash.hex();
        self.root.join("whole").join(&hex[..2]).join(hex)
    }

    /// Where an unfinished download of it lies (or would lie).
    pub fn part_path(&self, hash: FileHash) -> PathBuf {
        self.root.join("parts").join(hash.hex())
    }

    /// Bytes kept and the quota.
    pub fn usage(&self) -> (u64, u64) {
        (self.used.load(Ordering::SeqCst), self.quota)
    }

    /// Counts bytes that are about to be written; refuses when the quota does not allow them.
    fn reserve(&self, bytes: u64) -> Outcome<()> {
        let before = self.used.fetch_add(bytes, Ordering::SeqCst);
        if before + bytes > self.quota {
            self.used.fetch_sub(bytes, Ordering::SeqCst);
            return Err(Problem::of(&NO_SPACE).into());
        }
        Ok(())
    }
}

/// Makes a rename itself survive a power cut. Not every file system can; then nothing is lost but time.
async fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = tokio::fs::File::open(folder).await
    {
        let _ = folder.sync_all().await;
    }
}

async fn folder_size(root: &Path) -> Outcome<u64> {
    let mut total = 0;
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries = tokio::fs::read_dir(folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let about = entry.metadata().await?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                total += about.len();
            }
        }
    }
    Ok(total)
}
