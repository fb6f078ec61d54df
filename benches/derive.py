#!/usr/bin/env python3
"""Writes the generated tree again as plain structs with serde derive: the baseline of the benchmarks.

    derive.py CLIENT/src/generated OUT [features]

Keeps modules, structs and enumerations, with `features` also the features of modules; leaves out
functions, `OPERATION` and the one-line lists. A value that an enumeration does not know is dropped, which
is the fastest that serde derive can do.
"""
import os
import re
import sys

DERIVE = '#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]'
OPTIONAL = '#[serde(skip_serializing_if = "Option::is_none")]'
# What is left out, up to the line that closes it at the same indentation.
SKIPPED = re.compile(r'\s*(impl\b|pub static|pub fn|pub const|object!|init!|new!|events!|pub struct \w*Init \{|#\[(deprecated|doc))')
FEATURE = re.compile(r'\s*#\[cfg')


def enumeration(lines):
    """The body of `values! { … }` or `integers! { … }`."""
    out = []
    for line in lines:
        variant = re.match(r'(\s*)(\w+) = (.*),$', line)
        if re.match(r'\s*pub enum', line):
            # Derived integer enumerations would need a crate more: text does as well here.
            out += ['#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]', line]
        elif variant:
            wire = variant[3] if variant[3].startswith('"') else f'"{variant[3]}"'
            out += [f'{variant[1]}#[serde(rename = {wire})]', f'{variant[1]}{variant[2]},']
        elif re.match(r'\s*}$', line):
            out += ['#[serde(other)]', 'Unknown,', line]
    return out


def convert(text, features):
    lines = [line for line in text.split('\n') if not line.lstrip().startswith('//')]
    renames = {}
    for struct, fields in re.findall(r'object!\((\w+) \{ (.*?) \}\);', text):
        for field, wire in re.findall(r'([\w#]+) "([^"]+)"', fields):
            renames[struct, field] = wire
    out, at, struct = [], 0, ''
    while at < len(lines):
        line = lines[at]
        block = re.match(r'(\s*)(values|integers)! \{$', line)
        indent = re.match(r'\s*', line)[0]
        if block:
            end = lines.index(block[1] + '}', at)
            out += enumeration(lines[at + 1:end])
            at = end + 1
            continue
        if FEATURE.match(line):
            if features and lines[at + 1].lstrip().startswith('pub mod'):
                out.append(line)
            at += 1
            continue
        if SKIPPED.match(line):
            if line.rstrip()[-1] not in ';}]':
                while not re.match(indent + r'[})\]]+;?$', lines[at]):
                    at += 1
            at += 1
            continue
        if named := re.match(r'\s*pub (?:struct|enum) (\w+)', line):
            struct = named[1]
            out.append(DERIVE)
        if field := re.match(r'\s*pub ([\w#]+): (.*),$', line):
            if (struct, field[1]) in renames:
                out.append(f'#[serde(rename = "{renames[struct, field[1]]}")]')
            if field[2].startswith('Option<'):
                out.append(OPTIONAL)
        out.append(line)
        at += 1
    return '\n'.join(out)


def main(source, target, features=''):
    for folder, _, names in os.walk(source):
        to = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(to, exist_ok=True)
        for name in names:
            if name.endswith('.rs'):
                with open(os.path.join(folder, name), encoding='utf-8') as file:
                    text = convert(file.read(), features)
                with open(os.path.join(to, name), 'w', encoding='utf-8') as file:
                    file.write(text)


main(*sys.argv[1:])
