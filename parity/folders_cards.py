"""Folders with a data set card, or what stood for one: the cases of folders.py."""

import json


def card(yaml):
    return f"---\n{yaml.strip()}\n---\n\n# Title\n"


def configured(settings, files, data_files="s.csv"):
    """A card with one configuration of these settings."""
    lines = "".join(f"  {line}\n" for line in settings.strip().splitlines())
    return {"README.md": card(f"configs:\n- config_name: default\n  data_files: {data_files}\n{lines}"), **files}


def declared(features, files):
    """A card that declares these columns."""
    lines = "".join(f"  {line}\n" for line in features.strip().splitlines())
    return {"README.md": card(f"dataset_info:\n  features:\n{lines}"), **files}


def of_type(dtype, text, name="train.csv"):
    return declared(f"- name: n\n  dtype: {dtype}", {name: text})


LABEL = "- name: text\n  dtype: string\n- name: label\n  dtype:\n    class_label:\n      names:\n        '0': neg\n        '1': pos"
LABEL_JSON = {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": ["neg", "pos"], "_type": "ClassLabel"}}
NESTED = "features:\n" + LABEL


def csv(text):
    return f"text,label\n{text}\n"


SEMICOLONS = {"s.csv": "text;label\na,b;1\n"}

CASES = {
    # Settings of a configuration.
    "sep": configured('sep: ";"', SEMICOLONS),
    "delimiter": configured('delimiter: ";"', SEMICOLONS),
    "delimiter_over_sep": configured('sep: ","\ndelimiter: ";"', SEMICOLONS),
    "sep_in_names": {"README.md": card('configs:\n- config_name: default\n  sep: ";"'), "train.csv": "text;label\na,b;1\n", "test.csv": "text;label\nc;0\n"},
    "sep_pipe_in_tsv": configured('sep: "|"', {"s.tsv": "text|label\na|1\n"}, "s.tsv"),
    "sep_wide": configured('sep: "::"', {"s.csv": "text::label\na::1\n"}),
    "sep_blanks": configured('sep: "\\\\s+"', {"s.csv": "text label\na 1\n"}),
    "names": configured("names: [text, label]", {"s.csv": "a,1\nb,0\n"}),
    "names_and_header": configured("names: [text, label]\nheader: 0", {"s.csv": "x,y\na,1\n"}),
    "names_and_no_header": configured("names: [text, label]\nheader: null", {"s.csv": "a,1\n"}),
    "names_too_few": configured("names: [label]", {"s.csv": "a,1\nb,0\n"}),
    "names_too_many": configured("names: [text, label, more]", {"s.csv": "a,1\nb,0\n"}),
    "column_names": configured("column_names: [text, label]", {"s.csv": "a,1\nb,0\n"}),
    "column_names_over_names": configured("column_names: [text, label]\nnames: [x, y]", {"s.csv": "a,1\n"}),
    "header_null": configured("header: null", {"s.csv": "a,1\nb,0\n"}),
    "header_infer": configured("header: infer", {"s.csv": csv("a,1")}),
    "header_second": configured("header: 1", {"s.csv": "junk,junk\ntext,label\na,1\n"}),
    "skiprows": configured("skiprows: 1", {"s.csv": "junk\ntext,label\na,1\n"}),
    "nrows": configured("nrows: 1", {"s.csv": "text,label\na,1\nb,0\n"}),
    "usecols": configured("usecols: [text]", {"s.csv": csv("a,1")}),
    "quotechar": configured("quotechar: \"'\"", {"s.csv": "text,label\n'a,b',1\n"}),
    "decimal": configured('sep: ";"\ndecimal: ","', {"s.csv": "x;y\n1,5;a\n"}),
    "comment": configured('comment: "#"', {"s.csv": "text,label\n#no\na,1\n"}),
    "encoding": configured("encoding: latin-1", {"s.csv": {"hex": b"text,label\n\xe9,1\n".hex()}}),
    "encoding_utf8": configured("encoding: utf-8", {"s.csv": csv("é,1")}),
    "na_values": configured("na_values: [x]", {"s.csv": csv("x,1")}),
    "na_values_text": configured('na_values: "-"', {"s.csv": "text,label\n-,1\nNA,2\na,3\n"}),
    "keep_default_na": configured("keep_default_na: true", {"s.csv": "text,label\nNA,1\nnull,2\na,3\n,4\n"}),
    "keep_default_na_off": configured("keep_default_na: false", {"s.csv": "text,label\nNA,1\n,2\na,NA\n"}),
    "keep_default_na_off_and_values": configured("keep_default_na: false\nna_values: [x, y]", {"s.csv": "text,label\nNA,1\nx,y\n,2\n"}),
    "na_filter_off": configured("na_filter: false\nna_values: [x]", {"s.csv": "text,label\nx,1\n,2\nNA,3\n"}),
    "no_change": configured("on_bad_lines: error\nchunksize: 5\nengine: c\nquoting: 0\nskip_blank_lines: true", {"s.csv": csv("a,1")}),
    "unknown_setting": configured("drop_labels: true\nanswer: 42", {"s.csv": csv("a,1")}),
    "sep_for_json": configured('sep: ";"', {"s.jsonl": '{"a": 1}\n'}, "s.jsonl"),
    "version": configured("version: 1.0.0\ndescription: words", {"s.csv": csv("a,1")}),
    "field": configured("field: data", {"s.json": '{"version": 1, "data": [{"a": 1, "b": "x"}, {"a": 2, "b": null}]}'}, "s.json"),
    "field_of_texts": configured("field: data", {"s.json": '{"data": ["x", "y"]}'}, "s.json"),
    "field_missing": configured("field: dat", {"s.json": '{"data": [{"a": 1}]}'}, "s.json"),
    "field_no_list": configured("field: data", {"s.json": '{"data": 1}'}, "s.json"),
    "field_of_columns": configured("field: data", {"s.json": '{"data": {"a": [1, 2]}}'}, "s.json"),
    "field_pretty": configured("field: data", {"s.json": '{\n "data": [\n  {"a": 1},\n  {"a": 2}\n ]\n}\n'}, "s.json"),
    "field_dotted": configured("field: a.b", {"s.json": '{"a": {"b": [{"c": 1}]}}'}, "s.json"),
    "keep_linebreaks": configured("keep_linebreaks: true", {"s.txt": "a\nb\n"}, "s.txt"),
    "sample_by": configured("sample_by: paragraph", {"s.txt": "a\nb\n\nc\n"}, "s.txt"),
    "sample_by_line": configured("sample_by: line", {"s.txt": "a\nb\n"}, "s.txt"),
    "standalone_yaml": {".huggingface.yaml": 'configs:\n- config_name: default\n  data_files: s.csv\n  sep: ";"\n', **SEMICOLONS},
    "standalone_yaml_over_card": configured('sep: ","', SEMICOLONS) | {".huggingface.yaml": 'configs:\n- config_name: default\n  data_files: s.csv\n  sep: ";"\n'},
    # Which configuration, and which files.
    "two_defaults": {"README.md": card("configs:\n- config_name: a\n  data_files: a.csv\n  default: true\n- config_name: b\n  data_files: a.csv\n  default: true"), "a.csv": csv("a,1")},
    "default_by_name": {"README.md": card("configs:\n- config_name: a\n  data_files: a.csv\n- config_name: default\n  default: false\n  data_files: b.csv"), "a.csv": csv("a,1"), "b.csv": csv("b,1")},
    "no_default": {"README.md": card("configs:\n- config_name: a\n  data_files: a.csv\n- config_name: b\n  data_files: a.csv"), "a.csv": csv("a,1")},
    "no_default_but_one_info": {"README.md": card("configs:\n- config_name: a\n  data_files: a.csv\n- config_name: b\n  data_files: b.csv\ndataset_info:\n  config_name: b\n"), "a.csv": csv("a,1"), "b.csv": csv("b,1")},
    "no_config_name": {"README.md": card("configs:\n- data_files: a.csv"), "a.csv": csv("a,1")},
    "split_twice": {"README.md": card("configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: a.csv\n  - split: train\n    path: b.csv"), "a.csv": csv("a,1"), "b.csv": csv("b,1")},
    "split_name": {"README.md": card("configs:\n- config_name: default\n  data_files:\n  - split: my-train\n    path: a.csv"), "a.csv": csv("a,1")},
    "pattern_all": {"README.md": card("configs:\n- config_name: default\n  data_files: '*'"), "a.csv": csv("a,1"), "b.csv": csv("b,0"), "config.json": "{}"},
    "pattern_json": {"README.md": card("configs:\n- config_name: default\n  data_files: '*.json'"), "a.json": '[{"a": 1}]', "config.json": '[{"a": 2}]', "dataset_info.json": "{}"},
    "pattern_named_ignored": {"README.md": card("configs:\n- config_name: default\n  data_files: config.json"), "config.json": '[{"a": 2}]'},
    "pattern_hidden": {"README.md": card("configs:\n- config_name: default\n  data_files: .x/*.csv"), ".x/a.csv": csv("a,1"), "b.csv": csv("b,1")},
    "pattern_deep": {"README.md": card("configs:\n- config_name: default\n  data_files: d/**"), "d/a.csv": csv("a,1"), "d/e/b.csv": csv("b,1"), "c.csv": csv("c,1")},
    "pattern_class": {"README.md": card("configs:\n- config_name: default\n  data_files: 's[12].csv'"), "s1.csv": csv("a,1"), "s2.csv": csv("b,1"), "s3.csv": csv("c,1")},
    "pattern_question": {"README.md": card("configs:\n- config_name: default\n  data_files: 's?.csv'"), "s1.csv": csv("a,1"), "s.csv": csv("b,1")},
    "pattern_twice": {"README.md": card("configs:\n- config_name: default\n  data_files: ['a.csv', '*.csv']"), "a.csv": csv("a,1"), "b.csv": csv("b,1")},
    "pattern_without_files": {"README.md": card("configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: a.csv\n  - split: test\n    path: 'no*.csv'"), "a.csv": csv("a,1")},
    "pattern_missing": {"README.md": card("configs:\n- config_name: default\n  data_files: b.csv"), "a.csv": csv("a,1")},
    "data_dir": {"README.md": card("configs:\n- config_name: default\n  data_dir: d"), "d/train.csv": csv("a,1"), "d/test.csv": csv("b,1"), "train.csv": csv("c,1")},
    "data_dir_shards": {"README.md": card("configs:\n- config_name: default\n  data_dir: d"), "d/data/x-00000-of-00001.csv": csv("a,1"), "d/test.csv": csv("b,1")},
    "format_of_second": {"README.md": card("configs:\n- config_name: a\n  data_files: a.jsonl\n- config_name: default\n  data_files: b.csv"), "a.jsonl": '{"a": 1}\n', "b.csv": csv("b,1")},
    # Declared columns.
    "config_features": configured(NESTED, {"s.csv": csv("x,1")}),
    "config_features_of_words": configured("features:\n- name: n\n  dtype: string", {"s.csv": "n\n01\n02\n"}),
    "config_features_fewer": configured("features:\n- name: text\n  dtype: string", {"s.csv": csv("x,1")}),
    "config_features_more": configured("features:\n- name: text\n  dtype: string\n- name: more\n  dtype: string", {"s.csv": "text\nx\n"}),
    "config_features_order": configured("features:\n- name: b\n  dtype: int64\n- name: a\n  dtype: int64", {"s.csv": "a,b\n1,2\n"}),
    "config_features_and_info": {"README.md": card("configs:\n- config_name: default\n  data_files: s.csv\n  features:\n  - name: n\n    dtype: string\ndataset_info:\n  features:\n  - name: n\n    dtype: int64\n"), "s.csv": "n\n01\n"},
    "info_fewer": declared("- name: text\n  dtype: string", {"train.csv": csv("x,1")}),
    "info_more": declared(LABEL, {"train.csv": "text\nx\n"}),
    "info_order": declared("- name: b\n  dtype: int64\n- name: a\n  dtype: int64", {"train.csv": "a,b\n1,2\n"}),
    "info_json_more": declared(LABEL, {"train.jsonl": '{"text": "x"}\n'}),
    "info_json_fewer": declared("- name: text\n  dtype: string", {"train.jsonl": '{"text": "x", "label": 1}\n'}),
    "info_of_another_config": {"README.md": card("dataset_info:\n  config_name: foo\n  features:\n  - name: n\n    dtype: string"), "train.csv": "n\n1\n"},
    "info_of_several": {"README.md": card("dataset_info:\n- config_name: default\n  features:\n  - name: n\n    dtype: string\n- config_name: b\n  features:\n  - name: n\n    dtype: int64"), "train.csv": "n\n1\n"},
    "type_timestamp": of_type("timestamp[s]", "n\n2020-01-01\n"),
    "type_date": of_type("date32", "n\n2020-01-01\n"),
    "type_image": of_type("image", "n\nx.png\n"),
    "type_unknown": of_type("text", "n\nx\n"),
    "type_float16": of_type("float16", "n\n1.5\n"),
    "type_int8": of_type("int8", "n\n5\n"),
    "type_int8_over": of_type("int8", "n\n300\n"),
    "type_int32_over": of_type("int32", "n\n3000000000\n"),
    "type_uint8_below": of_type("uint8", "n\n-1\n"),
    "type_bool": of_type("bool", "n\ntrue\nFALSE\n"),
    "type_bool_of_numbers": of_type("bool", "n\n1\n0\n"),
    "type_int_of_floats": of_type("int64", "n\n1.0\n2.0\n"),
    "type_int_of_halves": of_type("int64", "n\n1.5\n2.0\n"),
    "type_int_of_words": of_type("int64", "n\none\n"),
    "type_int_with_gaps": of_type("int64", "n,m\n1,a\nNA,b\n,c\n").copy() | declared("- name: n\n  dtype: int64\n- name: m\n  dtype: string", {"train.csv": "n,m\n1,a\nNA,b\n,c\n"}),
    "type_float_of_ints": of_type("float64", "n\n1\n2\n"),
    "type_float_of_json_texts": of_type("float64", '{"n": "1.5"}\n{"n": "2"}\n', "train.jsonl"),
    "type_int_of_json_texts": of_type("int64", '{"n": "15"}\n{"n": "2"}\n', "train.jsonl"),
    "type_string_of_ints": of_type("string", "n\n01\n2\n"),
    "type_string_of_json_numbers": of_type("string", '{"n": 1}\n{"n": 2.5}\n', "train.jsonl"),
    "type_string_of_json_truths": of_type("string", '{"n": true}\n{"n": false}\n', "train.jsonl"),
    "type_string_of_json_list": of_type("string", '{"n": [1, 2]}\n', "train.jsonl"),
    "type_string_of_json_object": of_type("string", '{"n": {"a": 1, "b": "é\\"", "c": null}}\n{"n": null}\n{"n": {"a": 2.5, "b": "/", "c": null}}\n', "train.jsonl"),
    "type_json": of_type("json", '{"n": {"a": 1}}\n', "train.jsonl"),
    "label_names": declared(LABEL, {"train.csv": csv("a,pos\nb,neg")}),
    "label_floats": declared(LABEL, {"train.csv": csv("a,1.0\nb,0.0")}),
    "label_halves": declared(LABEL, {"train.csv": csv("a,0.5\nb,0.0")}),
    "label_gaps": declared(LABEL, {"train.csv": csv("a,1\nb,\nc,NA")}),
    "label_out": declared(LABEL, {"train.csv": csv("a,2")}),
    "label_none": declared(LABEL, {"train.csv": csv("a,-1")}),
    "label_blanks": declared(LABEL, {"train.csv": csv("a, 1\nb, 0")}),
    "label_digits_json": declared(LABEL, {"train.jsonl": '{"text": "a", "label": "1"}\n{"text": "b", "label": "pos"}\n'}),
    "label_floats_json": declared(LABEL, {"train.jsonl": '{"text": "a", "label": 1.0}\n'}),
    "label_truths_json": declared(LABEL, {"train.jsonl": '{"text": "a", "label": true}\n'}),
    "label_digit_names": declared("- name: label\n  dtype:\n    class_label:\n      names:\n        '0': '1'\n        '1': '0'", {"train.jsonl": '{"label": "1"}\n{"label": "0"}\n'}),
    "label_ids_missing": declared("- name: label\n  dtype:\n    class_label:\n      names:\n        '0': a\n        '2': b", {"train.csv": "label\n0\n"}),
    "label_ids_mixed": declared("- name: label\n  dtype:\n    class_label:\n      names:\n        '1': b\n        '0': a", {"train.csv": "label\n0\n"}),
    "label_list_names": declared("- name: label\n  dtype:\n    class_label:\n      names: [a, b]", {"train.csv": "label\nb\n"}),
    "label_count": declared("- name: label\n  dtype:\n    class_label:\n      num_classes: 2", {"train.csv": "label\n1\n"}),
    "label_same_names": declared("- name: label\n  dtype:\n    class_label:\n      names: [a, a]", {"train.csv": "label\n1\n"}),
    "list_of_labels": declared("- name: tags\n  list:\n    class_label:\n      names: [O, B]", {"train.jsonl": '{"tags": ["B", "O"]}\n{"tags": []}\n'}),
    "sequence_of_struct": declared("- name: a\n  sequence:\n  - name: b\n    dtype: string", {"train.jsonl": '{"a": {"b": ["x"]}}\n'}),
    # Old infos.
    "infos": {"dataset_infos.json": json.dumps({"default": {"features": LABEL_JSON}}), "train.csv": csv("a,1")},
    "infos_of_one_name": {"dataset_infos.json": json.dumps({"me--mine": {"features": LABEL_JSON}}), "train.csv": csv("a,1")},
    "infos_of_several": {"dataset_infos.json": json.dumps({"default": {"features": LABEL_JSON}, "b": {}}), "train.csv": csv("a,1")},
    "infos_under_card": declared("- name: text\n  dtype: string\n- name: label\n  dtype: int64", {"dataset_infos.json": json.dumps({"default": {"features": LABEL_JSON}}), "train.csv": csv("a,1")}),
    "infos_and_config": configured('sep: ";"', {"dataset_infos.json": json.dumps({"default": {"features": LABEL_JSON}}), "s.csv": "text;label\na;1\n"}),
    "infos_broken": {"dataset_infos.json": "{", "train.csv": csv("a,1")},
    "infos_timestamp": {"dataset_infos.json": json.dumps({"default": {"features": {"n": {"dtype": "timestamp[s]", "_type": "Value"}}}}), "train.csv": "n\n2020-01-01\n"},
    "infos_without_features": {"dataset_infos.json": json.dumps({"default": {"description": "x"}}), "train.csv": csv("a,1")},
}
