"""Folders with one CSV file: cases of folders.py."""

TEXTS = {
    "truths": "a,b\ntRUE,x\nFalSE,y\n",
    "name_of_unnamed_column": ",a.1,,Unnamed: 0\n1,2,3,4\n",
    "names_numbered_before": "a,a.1,a,a\n1,2,3,4\n",
    "blanks_behind_empty_lines": "a,b\n1,x\n\n\n  \n2,y\n",
    "blanks_in_quotes_behind_empty_lines": 'a\nx\n\n\n"  "\ny\n',
    "long_before_point": "a,b\n18446744073709551616,x\n0.5,y\n",
    "long_behind_point": "a,b\n0.5,x\n18446744073709551616,y\n",
    "long_beside_missing": "a,b\n9223372036854775808,x\n,y\n",
    "long_beside_negative": "a,b\n18446744073709551615,x\n-4,y\n,z\n",
    "blanks_before_separator": "a,b\np,x\n \t\n,y\n",
    "blanks_before_separator_cr": "a,b\rp,x\r \t\r,y\rq,z\r",
    "empty_line_before_separator_cr": "a,b\rp,x\r\r,y\rq,z\r",
    "blanks_before_quote_cr": 'a,b\rp,x\r \t\r"",y\rq,z\r',
    "blanks_before_separators_cr": "a,b\rp,x\r \t\r,\r",
    "names_numbered_behind": "a,a,a.1,a.1\n1,2,3,4\n",
}
CASES = {f"csv_{name}": {"train.csv": text} for name, text in TEXTS.items()}
