"""Folders with one CSV file: cases of folders.py."""

TEXTS = {
    "truths": "a,b\ntRUE,x\nFalSE,y\n",
    "name_of_unnamed_column": ",a.1,,Unnamed: 0\n1,2,3,4\n",
    "names_numbered_before": "a,a.1,a,a\n1,2,3,4\n",
    "blanks_behind_empty_lines": "a,b\n1,x\n\n\n  \n2,y\n",
    "blanks_in_quotes_behind_empty_lines": 'a\nx\n\n\n"  "\ny\n',
    "long_before_point": "a,b\n18446744073709551616,x\n0.5,y\n",
    "long_behind_point": "a,b\n0.5,x\n18446744073709551616,y\n",
    "names_numbered_behind": "a,a,a.1,a.1\n1,2,3,4\n",
}
CASES = {f"csv_{name}": {"train.csv": text} for name, text in TEXTS.items()}
