use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A cache deep inside a folder with other files, none of which a hub may touch.
pub struct Tree {
    root: TempDir,
    pub cache: PathBuf,
    before: BTreeMap<PathBuf, String>,
}

impl Tree {
    pub fn plant() -> Self {
        let root = TempDir::new().unwrap();
        // So deep that what leaves the cache by some `..` is still seen.
        let cache = root.path().join("a/b/c/d/e/f/cache");
        fs::create_dir_all(&cache).unwrap();
        fs::create_dir(root.path().join("outside")).unwrap();
        fs::write(root.path().join("outside/secret.csv"), "text\nsecret\n").unwrap();
        let before = BTreeMap::new();
        let mut tree = Self {
            root,
            cache,
            before,
        };
        tree.before = tree.around();
        tree
    }

    /// The absolute path of something beside the cache's ancestors.
    pub fn outside(&self, name: &str) -> String {
        let path = self.root.path().join("outside").join(name);
        path.to_str().unwrap().to_owned()
    }

    /// That all around the cache is as it was, and that the cache has nothing but the folder of the data set `x/y`.
    #[track_caller]
    pub fn assert_untouched(&self, by: &str) {
        assert_eq!(self.around(), self.before, "{by}");
        for entry in fs::read_dir(&self.cache).unwrap() {
            assert_eq!(entry.unwrap().file_name(), "datasets--x--y", "{by}");
        }
    }

    /// What there is outside the cache: folders, links and files with what is in them.
    fn around(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        self.enter(self.root.path(), &mut found);
        found
    }

    fn enter(&self, folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            let what = match (kind.is_symlink(), kind.is_dir()) {
                (true, _) => format!("link to {}", fs::read_link(&path).unwrap().display()),
                (_, true) => "folder".to_owned(),
                _ => fs::read_to_string(&path).unwrap(),
            };
            if kind.is_dir() && path != self.cache {
                self.enter(&path, found);
            }
            found.insert(path, what);
        }
    }
}
