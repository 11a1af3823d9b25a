"""Folders whose files' names say which split they are: the cases of folders.py."""

import bz2
import lzma


def csv(text):
    return f"text\n{text}\n"


def named(*files):
    """Files that hold their own names, in the format that the end of the name says."""
    contents = {}
    for file in files:
        words = file.replace("/", " ")
        if ".csv" in file:
            contents[file] = csv(words)
        elif ".tsv" in file:
            contents[file] = f"text\tmore\n{words}\t1\n"
        elif ".json" in file or ".ndjson" in file:
            contents[file] = f'{{"text": "{words}"}}\n'
        elif ".txt" in file or ".md" in file or ".xml" in file or ".png" in file:
            contents[file] = words + "\n"
        else:
            contents[file] = csv(words)
    return contents


CASES = {
    # The words, where they end, and their case.
    "word_training": named("training.csv", "testing.csv", "valid.csv"),
    "word_dev_eval": named("my-dev.csv", "train_0.csv", "eval.csv", "notes.csv"),
    "word_evaluation": named("evaluation.csv", "val.csv"),
    "word_inside_another": named("trainer.csv", "contest.csv", "validated.csv"),
    "word_after_a_letter": named("mytrain.csv", "mytest.csv"),
    "word_before_a_letter": named("trains.csv", "testset.csv"),
    "word_and_digits": named("train1.csv", "1test.csv", "dev2x.csv"),
    "word_and_space": named("my train.csv", "my test set.csv"),
    "word_and_plus": named("a+train.csv", "a+test.csv"),
    "word_twice": named("train_train.csv", "test.csv"),
    "word_of_two_splits": named("train_test.csv", "dev.csv"),
    "word_twice_in_one_split": named("test-eval.csv", "train.csv"),
    "case_of_words": named("TRAIN.csv", "Test.csv"),
    "case_of_some_words": named("train.csv", "TEST.csv"),
    "case_of_the_ending": named("train.CSV", "test.csv"),
    "case_of_every_ending": named("train.CSV", "test.CSV"),
    "no_words": named("a.csv", "b.csv"),
    "no_words_in_folders": named("b/a.csv", "a/b.csv", "c.csv"),
    "order_of_files": named("train-10.csv", "train-9.csv", "train_a.csv", "train.csv", "trainB.csv"),
    "order_by_pattern": named("a_train.csv", "train_b.csv", "training_c.csv", "b_training.csv"),
    # Folders before files.
    "folders": named("train/a.csv", "val/a.csv", "test/a.csv"),
    "folder_and_name": named("train/a.csv", "test.csv"),
    "folder_and_same_split": named("train/a.csv", "train.csv"),
    "folder_against_name": named("train/test_a.csv", "test/train_b.csv"),
    "folder_with_more_words": named("my-train-data/a.csv", "dev_set/b.csv"),
    "folder_deep": named("x/y/train/z/w/a.csv", "x/y/test/a.csv"),
    "folder_in_folder": named("train/test/a.csv", "train/b.csv"),
    "folder_twice": named("train/train-x/a.csv", "test/a.csv"),
    "folder_of_case": named("Train/a.csv", "Test/b.csv"),
    "folder_without_data": named("train/notes.xyz", "test.csv"),
    "folder_of_text": named("train/notes.txt", "train.csv", "test.csv"),
    "folder_of_words_and_files": named("data/train.csv", "data/test.csv"),
    "folder_named_data": named("data/train/0.csv", "data/validation/0.csv"),
    # Shards in data/, whose names are free.
    "shards": named("data/train-00000-of-00002.csv", "data/train-00001-of-00002.csv", "data/test-00000-of-00001.csv"),
    "shards_free": named("data/hard-00000-of-00001.csv", "data/easy-00000-of-00001.csv"),
    "shards_free_and_known": named("data/unsupervised-00000-of-00001.csv", "data/test-00000-of-00001.csv", "data/train-00000-of-00001.csv"),
    "shards_before_folders": named("data/extra-00000-of-00001.csv", "train/a.csv"),
    "shards_before_names": named("data/extra-00000-of-00001.csv", "data/train.csv"),
    "shards_elsewhere": named("train-00000-of-00001.csv", "test-00000-of-00001.csv"),
    "shards_elsewhere_free": named("easy-00000-of-00001.csv", "hard-00000-of-00001.csv"),
    "shards_deep": named("data/x/easy-00000-of-00001.csv", "data/x/hard-00000-of-00001.csv"),
    "shards_with_hash": named("data/train-00000-of-00001-0123abcd.csv", "data/dev-00000-of-00001-0123abcd.csv"),
    "shards_with_a_dot": named("data/train.clean-00000-of-00001.csv"),
    "shards_with_a_dash": named("data/train-clean-00000-of-00001.csv"),
    "shards_of_four_digits": named("data/easy-0000-of-0001.csv", "data/hard-0000-of-0001.csv"),
    "shards_of_six_digits": named("data/easy-00000-of-000001.csv"),
    "shards_without_ending": named("data/easy-00000-of-00001", "data/hard.csv"),
    "shards_of_dev": named("data/dev-00000-of-00001.csv", "data/eval-00000-of-00001.csv"),
    # The format.
    "formats_by_split": named("train.jsonl", "test.csv"),
    "formats_of_one_kind": named("train.jsonl", "test.json", "dev.ndjson"),
    "formats_tsv_and_csv": named("train.tsv", "test.csv"),
    "formats_tsv": named("train.tsv", "test.tsv"),
    "formats_in_one_split": named("train_a.csv", "train_b.jsonl"),
    "formats_most": named("a.csv", "b.csv", "c.jsonl"),
    "formats_draw": named("a.csv", "b.txt", "c.json"),
    "formats_licence": named("LICENSE.txt", "citation.txt", "requirements.txt", "train.csv", "test.csv"),
    "formats_licence_alone": named("LICENSE.txt", "train.csv"),
    "formats_texts_win": named("LICENSE.txt", "citation.txt", "data.csv"),
    "formats_documents": named("NOTES.md", "data.csv"),
    "formats_documents_win": named("NOTES.md", "CHANGES.md", "data.csv"),
    "formats_pictures_win": named("a.png", "b.png", "data.csv"),
    "formats_xml": named("train.xml", "test.csv"),
    "formats_unknown": named("a.xyz", "b.csv"),
    "formats_nothing": named("a.xyz", "README.md"),
    "formats_bak": named("train.csv", "train.csv.bak", "test.csv"),
    "formats_two_endings": named("train.csv.txt"),
    "formats_dots": named("my.train.v1.0.csv", "my.test.v1.0.csv"),
    "formats_tsv_in_csv": {"a.csv": "text,more\nx,1\n", "b.csv": "text,more\ny,2\n", "c.tsv": "text\tmore\nz\t3\n"},
    "metadata_file": named("metadata.csv", "a.jsonl"),
    "metadata_file_alone": named("metadata.csv"),
    # What is no data.
    "ignored_files": named("config.json", "dataset_info.json", "dataset_infos.json", "train.csv") | {"dataset_infos.json": "{}"},
    "ignored_state": named("state.json", "train.csv", "test.csv"),
    "hidden_files": named(".train.csv", "a.csv", ".git/test.csv", "__pycache__/train.csv"),
    "hidden_double": named("__a.csv", "b.csv"),
    "hidden_folder_of_split": named("train/.x/a.csv", "train/b.csv", "train/__y/c.csv"),
    "eval_logs": named("a.eval", "train.csv"),
    "harbor_task": named("task.toml", "train.csv"),
    "harbor_instruction": named("instruction.md", "train.csv"),
    # Packed files.
    "gz": {"train.csv.gz": {"gz": csv("packed")}, "test.csv": csv("plain")},
    "gz_by_content": {"train.csv": {"gz": csv("packed")}},
    "gz_only_by_name": {"train.csv.gz": csv("plain")},
    "gz_text": {"a.txt.gz": {"gz": "one\ntwo\n"}},
    "gz_without_format": {"train.gz": {"gz": csv("packed")}},
    "gz_array": {"train.json.gz": {"gz": '[{"a": 1}, {"a": 2}]'}},
    "bz2": {"train.csv.bz2": {"bz2": csv("packed")}, "test.csv": csv("plain")},
    "bz2_by_content": {"train.jsonl": {"bz2": '{"a": 1}\n'}},
    "bz2_text": {"a.txt.bz2": {"bz2": "one\ntwo\n"}},
    "bz2_not": {"train.csv": "BZh91AY,b\n1,2\n"},
    "bz2_in_parts": {"a.csv.bz2": {"hex": (bz2.compress(b"text\na\n") + bz2.compress(b"b\n")).hex()}},
    "xz": {"train.tsv.xz": {"xz": "a\tb\n1\t2\n"}, "test.tsv": "a\tb\n3\t4\n"},
    "xz_by_content": {"train.csv": {"xz": csv("packed")}},
    "xz_json": {"a.json.xz": {"xz": '[{"a": 1}, {"a": 2}]'}},
    "xz_in_parts": {"a.csv.xz": {"hex": (lzma.compress(b"text\na\n") + lzma.compress(b"b\n")).hex()}},
    "xz_strongest": {"a.csv.xz": {"hex": lzma.compress(b"text\na\n", preset=9 | lzma.PRESET_EXTREME).hex()}},
    "zip": {"train.zip": {"zip": {"train.csv": csv("one")}}, "test.zip": {"zip": {"test.csv": csv("two")}}},
    "zip_several": {"data.zip": {"zip": {"b.csv": csv("b"), "a.csv": csv("a"), "d/c.csv": csv("c")}}},
    "zip_of_splits": {"data.zip": {"zip": {"train.csv": csv("train"), "test.csv": csv("test")}}},
    "zip_hidden": {"data.zip": {"zip": {"a.csv": csv("a"), "__MACOSX/._a.csv": "no", ".b.csv": "no"}}},
    "zip_with_text": {"data.zip": {"zip": {"a.csv": csv("a"), "readme.txt": "text\n"}}},
    "zip_and_csv": {"train.csv": csv("a"), "test.zip": {"zip": {"test.csv": csv("b")}}},
    "zip_and_json": {"train.csv": csv("a"), "test.zip": {"zip": {"test.jsonl": '{"text": "b"}\n'}}},
    "zip_in_one_split": {"a.csv": csv("a"), "b.zip": {"zip": {"b.csv": csv("b")}}},
    "zip_named_csv": {"train.csv.zip": {"zip": {"a.csv": csv("a")}}},
    "zip_tsv": {"train.zip": {"zip": {"a.tsv": "a\tb\n1\t2\n"}}},
}
