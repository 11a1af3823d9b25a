"""Records what Python's tokenizers make of chats, for crates/trainer-tokenize/tests/it/chats.rs.

Usage: python parity/chat_templates.py

Writes crates/trainer-tokenize/tests/data/chats.json: a tokenizer of bytes with some special tokens, which puts <s> before each text, and
for each case the template, the chat, the arguments, and the text, ids and mask of what the assistant wrote, or what Python raises. And which
templates Python finds in folders. The templates are written here, in the manner of well-known ones.
"""

import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import logging

import case_lines

SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "[INST]", "[/INST]", "<|begin|>", "<|head|>", "<|tail|>", "<|eot|>"]

CHATML = """\
{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif %}
{% for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{% endfor %}
{% if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' -}}
{% endif %}"""

HEADERS = """\
{%- set loop_messages = messages -%}
{%- for message in loop_messages -%}
    {%- set content = '<|head|>' + message['role'] + '<|tail|>\\n\\n' + message['content'] | trim + '<|eot|>' -%}
    {%- if loop.index0 == 0 -%}
        {%- set content = bos_token + content -%}
    {%- endif -%}
    {{- content -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|head|>assistant<|tail|>\\n\\n' }}{%- endif -%}"""

INSTRUCTIONS = """\
{%- if messages[0].role == 'system' %}
    {%- set system_message = messages[0].content %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in rest %}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('After the optional system message, roles must alternate user/assistant/user/…') }}
    {%- endif %}
    {%- if message.role == 'user' %}
        {%- if loop.last and system_message is defined %}
            {{- '[INST] ' + system_message + '\\n\\n' + message.content + ' [/INST]' }}
        {%- else %}
            {{- '[INST] ' ~ message.content ~ ' [/INST]' }}
        {%- endif %}
    {%- elif message.role == 'assistant' %}
        {{- ' ' + message.content | trim + eos_token }}
    {%- else %}
        {{- raise_exception('Only user and assistant roles are supported, with the exception of an initial optional system message!') }}
    {%- endif %}
{%- endfor %}"""

PIPES = """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
"""

TOOLS = """\
{%- macro describe(tool) -%}
{{ tool.function.name }}({% for name, schema in tool.function.parameters.properties.items() %}{{ name }}: {{ schema.type }}
{%- if not loop.last %}, {% endif %}{% endfor %})
{%- endmacro -%}
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
    {{- "# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
        {{- "\\n# " ~ describe(tool) }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant' }}
        {%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}{%- set tool_call = tool_call.function %}{%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' + tool_call.name + '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {%- if loop.previtem is not defined or loop.previtem.role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
        {%- if loop.last or loop.nextitem.role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""

DATED = """\
{{- bos_token }}
{%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
{%- if not tools_in_user_message is defined %}{%- set tools_in_user_message = true %}{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}{%- set date_string = strftime_now("%Y")|length|string %}{%- else %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
{%- endif %}
{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{{- "<|head|>system<|tail|>\\n\\nToday: " + date_string + "\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {%- for t in tools %}{{- t | tojson(indent=4) }}{{- "\\n\\n" }}{%- endfor %}
{%- endif %}
{{- "<|eot|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|head|>' + message['role'] + '<|tail|>\\n\\n'+ message['content'] | trim + '<|eot|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}{{- raise_exception("This model only supports single tool-calls at once!") }}{%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- tool_call.name + "(" }}
        {%- for arg_name, arg_val in tool_call.arguments | items %}
            {{- arg_name + '="' ~ arg_val ~ '"' }}{%- if not loop.last %}{{- ", " }}{%- endif %}
        {%- endfor %}
        {{- ")" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}
    {%- endif %}
{%- endfor %}"""

DOCUMENTS = """\
{%- macro document_block(documents) -%}
{% for document in documents %}
Document: {{ loop.index0 }}
{% for key, value in document.items() %}
{{ key|title }}: {{ value }}
{% endfor %}
{% endfor %}
{%- endmacro -%}
<results>
{{ document_block(documents) }}</results>
{% for m in messages if m.role != 'system' %}
{{ loop.index }}/{{ loop.length }} {{ m.role|upper }}: {{ m.content }}
{% else %}
nobody
{% endfor %}
{{ "Grounded answer:" if documents else "Answer:" }}"""

THINKING = """\
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}{%- set content = message.content %}{%- else %}{%- set content = '' %}{%- endif %}
    {%- if message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {{- '<|im_start|>assistant\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>assistant\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}"""

BLOCKS = """\
{{ bos_token }}
{%- for message in messages -%}
    {%- set role = "model" if message['role'] == 'assistant' else message['role'] -%}
    {{ '<start>' + role + '\\n' }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}{{ '<image>' }}
            {%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}{{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end>\\n' }}
{%- endfor -%}"""

GENERATION = """\
{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\\n' -}}
{%- if message.role == 'assistant' -%}
{%- generation -%}{{ message.content + '<|im_end|>' }}{%- endgeneration -%}
{%- else -%}
{{ message.content + '<|im_end|>' }}
{%- endif -%}
{{- '\\n' -}}
{%- endfor -%}"""

LINES = """\
{% for message in messages %}
{% if message.role == 'assistant' %}
{% generation %}
A: {{ message.content }}
{% endgeneration %}
{% else %}
U: {{ message.content }}
{% endif %}
{% endfor %}"""

METHODS = """\
{%- set t = messages[0].content -%}
{{ [t.strip(), t.lstrip(), t.rstrip(), t.upper(), t.lower(), t.title(), t.capitalize()] }}
{{ [t.split(), t.split(' ', 1), t.rsplit(' ', 1), t.rsplit(), 'a,b,,c'.split(','), 'a  b'.split(' '), 'x\\ny\\n'.splitlines()] }}
{{ ['unhappy'.removeprefix('un'), 'unhappy'.removesuffix('py'), 'un'.removeprefix('x'), 'a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'a'.partition('=')] }}
{{ ['-'.join(['a', 'b']), t.replace('o', '0'), t.replace('o', '0', 1), t.find('o'), t.rfind('o'), t.count('o'), t.find('zz')] }}
{{ [t.startswith(' H'), t.endswith(('x', ' ')), '12'.isdigit(), 'a1'.isalnum(), 'ab'.isalpha(), 'AB'.isupper(), ' '.isspace()] }}
{{ '{} and {}'.format('a', 1) }} {{ '%s-%d'|format('x', 3) }} {{ "%.2f"|format(1.005) }}
{{ messages[0].get('content') }}{{ messages[0].get('nothing') }}{{ messages[0].get('nothing', 'else') }}
{{ messages[0].keys()|list }} {{ messages[0].values()|list|length }}"""

FILTERS = """\
{{ messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|join(' | ') }}
{{ messages|rejectattr('role', 'eq', 'user')|list|length }} {{ messages|map(attribute='role')|unique|list }}
{{ [3, 1, 2]|sort }} {{ [3, 1, 2]|sort(reverse=true) }} {{ ['b', 'A']|sort }} {{ [1, 2, 3]|sum }} {{ [1, 5]|max }} {{ [1, 5]|min }}
{{ 'abc'|first }} {{ [1, 2]|last }} {{ 'abc'|length }} {{ 'abc'|reverse }} {{ [1, 2]|reverse|list }} {{ none|default('d') }} {{ nothing|default('d') }} {{ ''|default('d', true) }}
{{ {'b': 1, 'a': 2}|dictsort }} {{ {'b': 1}|items|list }} {{ '3'|int + 1 }} {{ '1.5'|float }} {{ 2.567|round(2) }} {{ -3|abs }} {{ 'x'|upper }} {{ 'hello world'|title }} {{ 'HELLO'|capitalize }}
{{ 'a\\nb'|indent(2) }} {{ ' x '|trim }} {{ 'a b'|replace(' ', '_') }} {{ [[1, 2], [3]]|map('length')|list }} {{ [1, none, 2]|select|list }} {{ ['a', 'b']|map('upper')|join }} {{ [1, 2, 3, 4]|batch(2)|list }} {{ '<b>'|e }} {{ 'a'|string }} {{ range(3)|list }} {{ range(1, 7, 2)|list }} {{ [0, 1]|select('odd')|list }}"""

TYPES = """\
{{ true }} {{ false }} {{ none }} {{ 1 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ nothing }}|{{ 'a' 'b' }}
{{ [1, 'a', none, true, 1.5, [2], {'k': 'v'}, (1, 2), (1,)] }} {{ {'a': 1, 'b': [true]} }} {{ "it's" }} {{ ["it's", 'say "x"', 'both \\' and "', 'new\\nline', 'é'] }}
{{ 1 == 1.0 }} {{ 'a' in 'abc' }} {{ 2 in [1, 2] }} {{ 'x' not in {'x': 1} }} {{ 1 < 2 < 3 }} {{ not 0 }} {{ '' or 'x' }} {{ 'a' and 'b' }} {{ [] or none }}
{{ 'abcdef'[1:3] }} {{ 'abc'[-1] }} {{ [1, 2, 3][::-1] }} {{ [1, 2, 3][:-1] }} {{ 'a' * 3 }} {{ [1] + [2] }} {{ 'a' ~ 1 ~ none ~ true }}
{{ 1 is number }} {{ 'a' is string }} {{ [] is iterable }} {{ {} is mapping }} {{ [] is sequence }} {{ nothing is defined }} {{ nothing is undefined }} {{ none is none }} {{ 3 is odd }} {{ 4 is divisibleby(2) }} {{ true is true }} {{ 1 is boolean }} {{ 1 is integer }} {{ 1.5 is float }} {{ 'a' is in(['a']) }}
{{ messages[0].nothing }}|{{ messages[0]['nothing'] }}|{{ messages[0].n }} {{ messages[0].f }} {{ messages[0].l }} {{ messages[0].o.k }}"""

SCOPES = """\
{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }},{% endfor %}{{ x }}
{% set ns = namespace(total=0, seen=[]) %}{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{% set ns.total = ns.total + i %}{% set ns.seen = ns.seen + [i] %}{% endfor %}{{ ns.total }} {{ ns.seen }}
{% set block %}
captured {{ x }}
{% endset %}
[{{ block }}] {% set a, b = 1, 'two' %}{{ a }} {{ b }} {% set pair = 1, 2 %}{{ pair }}
{% macro wrap(tag, upper=false) %}<{{ tag }}>{{ caller()|upper if upper else caller() }}</{{ tag }}>{% endmacro %}{% call wrap('b', upper=true) %}hi {{ x }}{% endcall %}
{% filter upper %}loud {{ x }}{% endfilter %} {% with y = 5 %}{{ y }}{% endwith %}{{ y }}|
{%- for k, v in {'a': 1, 'b': 2}.items() recursive %}{{ k }}={{ v }};{% endfor %}
{% for i in [1, 2, 3] %}{{ loop.cycle('odd', 'even') }} {{ loop.revindex }} {{ loop.first }} {{ loop.last }}{{ ', ' if not loop.last }}{% endfor %}
{{ dict(a=1, b='c') }} {% if x == 1 %}one{% elif x == 2 %}two{% else %}more{% endif %} {{ 'yes' if x }}{{ 'no' if not x }}"""

JSON = """\
{{ messages[0].content|tojson }}
{{ messages|tojson(indent=2) }}
{{ messages|tojson(ensure_ascii=true) }}
{{ messages[0]|tojson(separators=(',', ':'), sort_keys=true) }}
{{ [1, 1.0, 1e16, 1e-7, 123456789012345678, true, none, [], {}, 'a/b', '\\u2028'] | tojson }} {{ [[], {}, [1]] | tojson(indent=1) }} {{ {2: 'a', none: 2, true: 3}|tojson }}"""

BLANKS = "a \n  {% if true %}  \n  b\n  {%- endif -%}  \n c\n{# comment #}\nd {#- tight -#} e\n\t{%+ if true %}f{% endif +%}\n{{ 'g' }}\n\n  {{- 'h' }} {%- raw %} {{ raw }} {% endraw -%}\n i\n"

HI = [{"role": "user", "content": "Hi <b>, how are you?"}]
TALK = [
    {"role": "system", "content": "Be terse."},
    {"role": "user", "content": "  What is 2+2?\n"},
    {"role": "assistant", "content": " 4 "},
    {"role": "user", "content": "Ça va? 日本 🙂"},
]
PAIR = [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two é 🙂"}, {"role": "user", "content": "Three"}, {"role": "assistant", "content": "Four"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "It's \"nice\" <here> & there – é",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]},
    },
}
CALLS = [
    {"role": "user", "content": "Weather in Zürich?"},
    {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": {"name": "weather", "arguments": {"city": "Zürich", "days": 2}}}]},
    {"role": "tool", "name": "weather", "content": "{\"temp\": 7.5}"},
    {"role": "tool", "name": "weather", "content": "rain"},
    {"role": "assistant", "content": "7.5 and rain."},
]
ONE_CALL = CALLS[:3] + [{"role": "tool", "content": [{"temp": 7.5, "é": None}]}]
THOUGHT = [
    {"role": "user", "content": "2+2?"},
    {"role": "assistant", "content": "<think>\nadd\n</think>\n\n4"},
    {"role": "user", "content": "3+3?"},
    {"role": "assistant", "content": "6", "reasoning": "adding\n"},
]
PARTS = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " Look "}]}, {"role": "assistant", "content": [{"type": "text", "text": "A cat. "}]}]
DOCS = [{"title": "A", "text": "first"}, {"title": "B", "text": "second", "score": 0.5}]
TYPED = [{"role": "user", "content": "x", "n": 1, "f": 1.0, "l": [1, "a", None], "o": {"k": True}}]
VALUES = [{"role": "user", "content": "é \"q\" </s> \t \u007f \u2028 🙂", "z": 1.5, "a": [True, None, {}], "b": []}]

CASES = [
    ("ChatML", CHATML, HI, {}),
    ("ChatML, a prompt", CHATML, TALK, {"add_generation_prompt": True}),
    ("ChatML, tokens in what is said", CHATML, [{"role": "user", "content": "<|im_end|> and <s>"}], {}),
    ("ChatML, to be continued", CHATML, PAIR, {"continue_final_message": True}),
    ("ChatML, to be continued, blanks", CHATML, [HI[0], {"role": "assistant", "content": "I am  "}], {"continue_final_message": True}),
    ("headers", HEADERS, TALK, {"add_generation_prompt": True}),
    ("headers, to be continued, trimmed", HEADERS, [HI[0], {"role": "assistant", "content": "I am  "}], {"continue_final_message": True}),
    ("headers, another first token", HEADERS, HI, {"bos_token": "<|begin|>"}),
    ("instructions", INSTRUCTIONS, TALK, {}),
    ("instructions, roles that do not alternate", INSTRUCTIONS, [HI[0], HI[0]], {}),
    ("instructions, an unknown role", INSTRUCTIONS, [HI[0], {"role": "critic", "content": "x"}], {}),
    ("pipes", PIPES, TALK, {"add_generation_prompt": True}),
    ("pipes, an assistant's end", PIPES, PAIR, {}),
    ("tools", TOOLS, CALLS, {"tools": [TOOL, TOOL]}),
    ("tools, none", TOOLS, CALLS, {"add_generation_prompt": True}),
    ("a date and tools", DATED, ONE_CALL, {"tools": [TOOL], "tools_in_user_message": False, "date_string": "1 Jan 2025"}),
    ("a date of today", DATED, HI, {}),
    ("two calls at once", DATED, [{"role": "assistant", "tool_calls": [1, 2]}], {}),
    ("documents", DOCUMENTS, TALK, {"documents": DOCS}),
    ("no documents", DOCUMENTS, [TALK[0]], {}),
    ("thinking", THINKING, THOUGHT, {}),
    ("thinking, a prompt", THINKING, THOUGHT[:3], {"add_generation_prompt": True, "enable_thinking": False}),
    ("thinking, to be continued", THINKING, THOUGHT, {"continue_final_message": True}),
    ("thinking, a thought to be continued", THINKING, THOUGHT, {"continue_final_message": "reasoning"}),
    ("thinking, a field that is not there", THINKING, THOUGHT, {"continue_final_message": "name"}),
    ("ChatML, a field that is not read", CHATML, [{"role": "user", "content": "a", "name": "b"}], {"continue_final_message": "name"}),
    ("blocks", BLOCKS, PARTS, {}),
    ("blocks, to be continued", BLOCKS, PARTS, {"continue_final_message": True}),
    ("blocks, no text to continue", BLOCKS, [{"role": "user", "content": [{"type": "image"}]}], {"continue_final_message": True}),
    ("blocks, a number", BLOCKS, [{"role": "user", "content": 3}], {}),
    ("generation", GENERATION, PAIR, {}),
    ("generation in lines", LINES, PAIR, {}),
    ("methods", METHODS, [{"role": "user", "content": " Hello out there, World  "}], {}),
    ("filters", FILTERS, TALK, {}),
    ("types", TYPES, TYPED, {}),
    ("scopes", SCOPES, HI, {}),
    ("JSON", JSON, VALUES, {}),
    ("blanks", BLANKS, HI, {}),
    ("blanks, other line ends", BLANKS.replace("\n", "\r\n"), HI, {}),
    ("both a prompt and a message to be continued", CHATML, PAIR, {"add_generation_prompt": True, "continue_final_message": True}),
    ("no messages", CHATML, [], {}),
    ("a message that is a text", CHATML, ["Hi"], {}),
    ("documents that are texts", DOCUMENTS, HI, {"documents": ["a"]}),
    ("tools that are texts", TOOLS, HI, {"tools": ["a"]}),
    ("a field of nothing", "{{ messages[0].nothing.more }}", HI, {}),
    ("a text and a number", "{{ 'a' + 1 }}", HI, {}),
    ("a text and nothing", "{{ 'a' + nothing }}", HI, {}),
    ("a tag that is not closed", "{% for m in messages %}", HI, {}),
    ("a tag that is unknown", "{% frobnicate %}", HI, {}),
    ("a filter that is unknown", "{{ 'a'|frobnicate }}", HI, {}),
    ("a function that is unknown", "{{ frobnicate() }}", HI, {}),
    ("a method that changes", "{{ messages.append(1) }}", HI, {}),
    ("a way out", "{{ ''.__class__.__mro__ }}", HI, {}),
    ("a range that is too long", "{{ range(1000000)|list|length }}", HI, {}),
    ("another file", "{% include 'other' %}", HI, {}),
    ("what JSON has not", "{{ nothing|tojson }}", HI, {}),
]

# Which templates a folder has: files by name, and what apply_chat_template and save_pretrained make of them.
FOLDERS = {
    "in the configuration": {"tokenizer_config.json": {"chat_template": "config"}},
    "named in the configuration": {"tokenizer_config.json": {"chat_template": [{"name": "default", "template": "one"}, {"name": "tool_use", "template": "two"}]}},
    "no default": {"tokenizer_config.json": {"chat_template": [{"name": "rag", "template": "three"}]}},
    "a file": {"tokenizer_config.json": {"chat_template": "config"}, "chat_template.jinja": "file\r\n{{ messages|length }}\n"},
    "more files": {"tokenizer_config.json": {}, "chat_template.jinja": "file", "additional_chat_templates/tool_use.jinja": "tools", "additional_chat_templates/notes.txt": "no"},
    "none": {"tokenizer_config.json": {}},
}


def byte_tokenizer():
    tokens = SPECIAL + sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(SPECIAL)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])
    return backend


def tokenizer():
    return PreTrainedTokenizerFast(tokenizer_object=byte_tokenizer(), bos_token="<s>", eos_token="</s>")


def outcome(call):
    try:
        return call()
    except Exception as error:
        return {"raises": f"{type(error).__name__}: {error}".splitlines()[0]}


def chats():
    recorded = []
    for name, template, messages, options in CASES:
        case = {"name": name, "template": template, "messages": messages, "options": options}
        python = tokenizer()
        arguments = {"chat_template": template, **options}
        text = outcome(lambda: {"text": python.apply_chat_template(messages, tokenize=False, **arguments)})
        case.update(text)
        if "text" in text:
            case["ids"] = python.apply_chat_template(messages, return_dict=False, **arguments)
        if "generation" in name:
            for key, cut in [("mask", {}), ("cut_mask", {"truncation": True, "max_length": 40})]:
                encoded = python.apply_chat_template(messages, return_assistant_tokens_mask=True, **arguments, **cut)
                case[key] = encoded["assistant_masks"]
        recorded.append(case)
    return recorded


def folders():
    recorded = []
    for name, files in FOLDERS.items():
        case = {"name": name, "files": {file: text if isinstance(text, str) else json.dumps(text) for file, text in files.items()}}
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            byte_tokenizer().save(str(folder / "tokenizer.json"))
            for file, text in case["files"].items():
                (folder / file).parent.mkdir(exist_ok=True)
                (folder / file).write_bytes(text.encode())
            python = AutoTokenizer.from_pretrained(folder)
            case["plain"] = outcome(lambda: {"text": python.apply_chat_template(HI, tokenize=False)})
            case["with_tools"] = outcome(lambda: {"text": python.apply_chat_template(HI, tools=[TOOL], tokenize=False)})
            case["by_name"] = outcome(lambda: {"text": python.apply_chat_template(HI, chat_template="rag", tokenize=False)})
            saved = folder / "saved"
            python.save_pretrained(saved)
            paths = sorted(path for path in saved.rglob("*.jinja"))
            case["saved"] = {str(path.relative_to(saved)): path.read_bytes().decode() for path in paths}
            case["in_saved_config"] = "chat_template" in json.loads((saved / "tokenizer_config.json").read_text())
        recorded.append(case)
    return recorded


def main():
    logging.set_verbosity_error()
    out = {"tokenizer": json.loads(byte_tokenizer().to_str()), "chats": chats(), "folders": folders()}
    path = Path(__file__).resolve().parent.parent / "crates/trainer-tokenize/tests/data/chats.json"
    case_lines.write(path, out)


main()
