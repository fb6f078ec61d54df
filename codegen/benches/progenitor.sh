#!/usr/bin/env bash
# How long progenitor takes for the APIv3 surface, beside this generator for the whole of it (bound: half).
#
# In: this generator's OpenAPI document, made simpler: OpenAPI 3.0, JSON only, closed enumerations, short
# operation ids. Out: both times, each from text in memory to formatted Rust in memory, in release.
# Needs python3 and crates.io.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo run -q --release -p wechatpay-codegen -- openapi >"$work/openapi.json"
python3 - "$work" <<'PYTHON'
import json, re, sys

work = sys.argv[1]
given = json.load(open(f"{work}/openapi.json"))
schemas = given["components"]["schemas"]
KEPT = ["type", "format", "description", "enum", "items", "properties", "required", "maxLength"]


def schema(old):
    if "$ref" in old:
        return {"$ref": old["$ref"]}
    if "anyOf" in old:
        known = [part for part in old["anyOf"] if "enum" in part]
        return schema({**(known or old["anyOf"])[0], "description": old.get("description", "")})
    new = {name: old[name] for name in KEPT if name in old}
    if "const" in old:
        new.setdefault("type", "string")
    if isinstance(new.get("type"), list):
        new["type"] = next(ty for ty in new["type"] if ty != "null")
    if "type" not in new:
        return {"description": new.get("description", "")}
    if new["type"] == "integer":
        new.pop("enum", None)
        new["format"] = "int64"
    if "enum" in new:
        new.update(type="string", enum=list(dict.fromkeys(map(str, new["enum"]))))
    if "properties" in new:
        new["properties"] = {name: schema(row) for name, row in new["properties"].items()}
        new["required"] = [name for name in new.get("required", []) if name in new["properties"]]
    if not new.get("required"):
        new.pop("required", None)
    if new["type"] == "array":
        new["items"] = schema(new.get("items", {"type": "string"}))
    return new


def json_of(part):
    found = part.get("content", {}).get("application/json")
    return {"content": {"application/json": {"schema": schema(found["schema"])}}} if found else {}


paths, count = {}, 0
for path, methods in given["paths"].items():
    if not path.startswith("/v3/"):
        continue
    for method, old in methods.items():
        count += 1
        parameters = {}
        for row in old.get("parameters", []):
            if "$" not in row["name"] and row["in"] != "path":
                parameters[row["name"], row["in"]] = {
                    "name": row["name"],
                    "in": row["in"],
                    "required": row.get("required", False),
                    "schema": schema(row.get("schema", {"type": "string"})),
                }
        for name in re.findall(r"{(\w+)}", path):
            parameters[name, "path"] = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        responses = old["responses"].items()
        new = {
            "operationId": f"{old['operationId'][3:33]}_{count}",
            "parameters": list(parameters.values()),
            "responses": {code: {"description": "", **json_of(row)} for code, row in responses if code != "default"},
        }
        if method != "get" and json_of(old.get("requestBody", {})):
            new["requestBody"] = {"required": True, **json_of(old["requestBody"])}
        paths.setdefault(path.rstrip("/"), {})[method] = new

used, todo = {}, [paths]
while todo:
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(todo.pop())):
        if name not in used:
            used[name] = schema(schemas[name])
            todo.append(used[name])
info = {"title": "wechatpay", "version": "1"}
document = {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": used}}
json.dump(document, open(f"{work}/simple.json", "w"), ensure_ascii=False)
PYTHON

mkdir "$work/src"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "beside"
version = "0.0.0"
edition = "2024"
[dependencies]
openapiv3 = "2"
prettyplease = "0.2"
progenitor-impl = "0.15"
serde_json = "1"
syn = "2"
[workspace]
TOML
cat >"$work/src/main.rs" <<'RUST'
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let best = (0..5).map(|_| {
        let started = std::time::Instant::now();
        let document: openapiv3::OpenAPI = serde_json::from_str(&text).unwrap();
        let tokens = progenitor_impl::Generator::default().generate_tokens(&document).unwrap();
        let made = prettyplease::unparse(&syn::parse2(tokens).unwrap());
        assert!(made.lines().count() > 100_000);
        started.elapsed()
    });
    println!("progenitor, {} operations: {} ms", text.matches("operationId").count(), best.min().unwrap().as_millis());
}
RUST
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/beside" cargo run -q --release --manifest-path "$work/Cargo.toml" -- "$work/simple.json"
cargo bench -q -p wechatpay-codegen 2>/dev/null | grep -E "^(pages to IR|IR to files|together)"
