"""Records which names huggingface_hub takes, for `crates/trainer-data/tests/it/hub_names.rs`.

    python parity/hub_names.py

needs huggingface_hub, which transformers 5.23.0 brings.
"""

import pathlib

import huggingface_hub
from huggingface_hub._local_folder import _validate_relative_filename
from huggingface_hub.utils import validate_repo_id

import case_lines

OUT = pathlib.Path(__file__).parent.parent / "crates/trainer-data/tests/data/hub_names.json"
REPOSITORIES = [
    "x", "x/y", "google-bert/bert-base-cased", "a_b", "_a", "a_", "A.b/c.D", "1/2", "a" * 96, "a" * 96 + "/" + "b" * 96,
    "a" * 97, "a/" + "b" * 97, "", "/", "a/", "/a", "a//b", "a/b/c", "..", ".", "../x", "a/..", "a..b", "a/b..c", "a--b",
    "a/b--c", "a-", "-a", "a.", ".a", "a/-b", "a/b-", "a/.b", "a/b.", "x.git", "a/x.git", "x.git/a", "a b", "a\\b", "a:b",
    "a\0b", "a\nb", "a\n", "é/b", "文件/b", "a%2fb", "~", "~/x",
]
FILES = [
    "a", "config.json", ".gitattributes", "data/train-0.csv", "a b.txt", "é", "a..b", "..a", "a..", "...", "a/...", "a:", "ab:c",
    "a\\b", "a\\", "Icon\r", "%2e%2e/x", "a*?", "..", "../a", "a/..", "a/../b", "../../../x", "..\\a", "a\\..", "a\\..\\b",
    "a\\../b", "/", "/a", "//a", "///a", "//host/share/a", "\\a", "\\\\host\\share\\a", "a/\\b", "C:", "C:a", "C:\\a", "C:/a",
    "a/C:b", "a/C:", "c:x", "", ".", "./a", "a/.", "a/./b", "a/", "a//b", "a\0b",
]


def verdict(check, name):
    try:
        check(name)
        return True
    except ValueError:
        return False


cases = [{"repository": name, "taken": verdict(validate_repo_id, name)} for name in REPOSITORIES]
cases += [{"file": name, "taken": verdict(_validate_relative_filename, name)} for name in FILES]
case_lines.write(OUT, {"huggingface_hub": huggingface_hub.__version__, "cases": cases})
